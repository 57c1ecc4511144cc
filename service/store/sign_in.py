"""Signing in and out, and keys for machines."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.store.account_tables import AccountRow, ApiKeyRow, FailedSignIn, SessionRow
from service.store.accounts import UNUSABLE, password_fits, token_hash
from service.store.audit import Work, audited
from service.store.base import now
from service.store.engine import Store
from service.store.errors import NotFoundError, TooManyError, UnauthenticatedError

WINDOW = timedelta(minutes=15)
FAILURES_FROM_ADDRESS = 5
FAILURES_IN_ALL = 50
"""Failures of one account within WINDOW, from one address and from all, after which it must wait."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the cookie's token and the token that writes must carry."""

    account: AccountRow
    token: str
    csrf: str
    expires_at: datetime


def sign_in(store: Store, name: str, password: str, address: str, hours: int) -> SignedIn:
    """A new session for the right name and password.

    Raises:
        UnauthenticatedError: name or password is wrong, or the account is switched off; which one is not told.
        TooManyError: too many failures; says when to try again.
    """
    name_hash = hashlib.sha256(name.casefold().encode()).hexdigest()
    with store.read() as session:
        _check_failures(session, name_hash, address)
        account = session.scalar(select(AccountRow).where(AccountRow.name == name, AccountRow.active))
    # Hashing takes a while; no transaction is open meanwhile.
    fits = password_fits(account.password_hash if account else UNUSABLE, password)
    if account is None or not fits:
        with store.write() as session:
            session.add(FailedSignIn(name_hash=name_hash, address=address))
            session.execute(delete(FailedSignIn).where(FailedSignIn.created_at < now() - WINDOW))
        raise UnauthenticatedError("sign_in", "Name or password is wrong")
    with audited(store, f"account:{account.key}") as work:
        work.session.execute(delete(SessionRow).where(SessionRow.expires_at < now()))
        work.session.execute(
            delete(FailedSignIn).where(FailedSignIn.name_hash == name_hash, FailedSignIn.address == address)
        )
        work.audit("session.start", f"account:{account.key}")
        return _start(work.session, account, hours)


def _check_failures(session: Session, name_hash: str, address: str) -> None:
    since = now() - WINDOW
    rows = session.execute(
        select(FailedSignIn.address, func.count(), func.min(FailedSignIn.created_at))
        .where(FailedSignIn.name_hash == name_hash, FailedSignIn.created_at >= since)
        .group_by(FailedSignIn.address)
    ).all()
    here = sum(count for where, count, _ in rows if where == address)
    if here >= FAILURES_FROM_ADDRESS or sum(count for _, count, _ in rows) >= FAILURES_IN_ALL:
        wait = min(first for _, _, first in rows) + WINDOW - now()
        raise TooManyError("Too many failed sign-ins; wait and try again", max(1, int(wait.total_seconds())))


def _start(session: Session, account: AccountRow, hours: int) -> SignedIn:
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires = now() + timedelta(hours=hours)
    session.add(SessionRow(token_hash=token_hash(token), account_key=account.key, csrf=csrf, expires_at=expires))
    return SignedIn(account, token, csrf, expires)


def session_of(session: Session, token: str) -> tuple[AccountRow, SessionRow] | None:
    """The account that a cookie stands for, with its session."""
    row = session.execute(
        select(AccountRow, SessionRow)
        .join(SessionRow, SessionRow.account_key == AccountRow.key)
        .where(SessionRow.token_hash == token_hash(token), SessionRow.expires_at > now(), AccountRow.active)
    ).first()
    return (row[0], row[1]) if row else None


def sign_out(work: Work, token: str) -> None:
    """Ends one session."""
    work.session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash(token)))
    work.audit("session.end", work.actor)


def add_key(work: Work, account_key: int, name: str, expires_at: datetime | None) -> tuple[ApiKeyRow, str]:
    """A new key for a machine, and its token, which is shown this once only."""
    token = f"fenban_{secrets.token_urlsafe(32)}"
    row = ApiKeyRow(account_key=account_key, name=name, token_hash=token_hash(token), expires_at=expires_at)
    work.session.add(row)
    work.session.flush()
    work.audit("key.create", f"key:{row.key}", account=account_key)
    return row, token


def revoke_key(work: Work, key: int, account_key: int | None) -> None:
    """Revokes a key, of this account or (None) of any.

    Raises:
        NotFoundError: there is no such key.
    """
    row = work.session.get(ApiKeyRow, key)
    if row is None or account_key not in (None, row.account_key):
        raise NotFoundError("key")
    if row.revoked_at is None:
        row.revoked_at = now()
        work.audit("key.revoke", f"key:{key}", account=row.account_key)


def account_of_key(session: Session, token: str) -> AccountRow | None:
    """The account that a machine's key stands for."""
    row = session.execute(
        select(AccountRow, ApiKeyRow.expires_at)
        .join(ApiKeyRow, ApiKeyRow.account_key == AccountRow.key)
        .where(ApiKeyRow.token_hash == token_hash(token), ApiKeyRow.revoked_at.is_(None), AccountRow.active)
    ).first()
    if row is None or (row[1] is not None and row[1] <= now()):
        return None
    account: AccountRow = row[0]
    return account
