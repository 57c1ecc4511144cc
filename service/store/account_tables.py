"""Accounts, their sessions and keys, the audit chain. No password, token or key is stored, only what checks it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base, BigKey, now


class AccountRow(Base):
    """A person of the office."""

    __tablename__ = "accounts"

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    """The name to sign in with."""
    display_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(300))
    """Argon2id."""
    roles: Mapped[list[str]]
    units: Mapped[list[str]]
    """Codes of the units whose petitions, and whose lower units' petitions, the account works on."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class InvitationRow(Base):
    """A one-time link: to set up the first account, to take up a new one, or to choose a new password."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_key: Mapped[int | None] = mapped_column(ForeignKey("accounts.key"))
    """The account whose password it sets; none for the first set-up."""
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)


class SessionRow(Base):
    """A signed-in browser, known by the hash of its cookie."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class FailedSignIn(Base):
    """A failed sign-in, to slow down guessing; the name is kept as a hash, it may be a password in the wrong field."""

    __tablename__ = "failed_sign_ins"
    __table_args__ = (Index("ix_failed_sign_ins_name", "name_hash", "created_at"),)

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiKeyRow(Base):
    """A key for a machine; it may what its account may."""

    __tablename__ = "api_keys"

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class IdempotencyRow(Base):
    """The answer to a write that named an Idempotency-Key, given again when the same write comes again."""

    __tablename__ = "idempotency_keys"

    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class AuditRow(Base):
    """One entry of the audit chain (append-only): `hash` covers the entry and the hash before it."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    at: Mapped[str] = mapped_column(String(40), index=True)
    """ISO 8601 in UTC, as text, since the hash covers it."""
    actor: Mapped[str] = mapped_column(String(120), index=True)
    """account:KEY, or `system`, or `command line`."""
    action: Mapped[str] = mapped_column(String(60), index=True)
    object: Mapped[str] = mapped_column(String(120), index=True)
    """petition:KEY, account:KEY, … ; never a name or text."""
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
