"""Accounts: made by an administrator, taken up through a one-time link, signed in to with a password."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from service.store.account_tables import AccountRow, ApiKeyRow, InvitationRow, SessionRow
from service.store.audit import Work
from service.store.base import now
from service.store.errors import ConflictError, NotFoundError, RefusedError

CLERK, ANALYST, ADMIN = "clerk", "analyst", "admin"
ROLES = (CLERK, ANALYST, ADMIN)
SHORTEST_PASSWORD = 10
INVITATION_HOURS = 72
UNUSABLE = "!"
"""Stands in place of a password's hash until one is chosen."""


def hasher() -> PasswordHasher:
    """Argon2id at OWASP's minimum (19 MiB, two passes): many clerks sign in at eight o'clock on a small machine."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def token_hash(token: str) -> str:
    """What is stored of a token. Tokens are 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def any_account(session: Session) -> bool:
    """Whether the first account was set up."""
    return session.scalar(select(AccountRow.key).limit(1)) is not None


def add_account(
    work: Work, name: str, display_name: str, roles: Sequence[str], units: Sequence[str], password: str | None = None
) -> AccountRow:
    """A new account; without a password it waits for its invitation to be taken up.

    Raises:
        ConflictError: the name is taken.
        RefusedError: an unknown role, no role, or a password that is too short.
    """
    check_roles(roles)
    if work.session.scalar(select(AccountRow.key).where(AccountRow.name == name)) is not None:
        raise ConflictError("name_taken", "An account of this name exists; choose another name")
    account = AccountRow(
        name=name,
        display_name=display_name or name,
        password_hash=hashed(password) if password is not None else UNUSABLE,
        roles=sorted(set(roles)),
        units=sorted(set(units)),
    )
    work.session.add(account)
    work.session.flush()
    work.audit("account.create", f"account:{account.key}", roles=account.roles, units=account.units)
    return account


def check_roles(roles: Sequence[str]) -> None:
    """Raises RefusedError for an unknown role or none."""
    if not roles or not set(roles) <= set(ROLES):
        raise RefusedError("roles", f"Give one or more of the roles {', '.join(ROLES)}")


def hashed(password: str) -> str:
    """Argon2id of a password.

    Raises:
        RefusedError: it is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise RefusedError("password_short", f"A password has {SHORTEST_PASSWORD} characters at least")
    return hasher().hash(password)


def password_fits(stored: str, password: str) -> bool:
    """Whether it is the password; takes as long where there is none to compare."""
    try:
        return hasher().verify(stored, password)
    except InvalidHashError:
        hasher().hash(password)
        return False
    except Argon2Error:
        return False


def account_of(session: Session, key: int) -> AccountRow:
    """The account; raises NotFoundError."""
    account = session.get(AccountRow, key)
    if account is None:
        raise NotFoundError("account")
    return account


def change_account(
    work: Work,
    key: int,
    *,
    display_name: str | None = None,
    roles: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    active: bool | None = None,
) -> AccountRow:
    """Changes what is given; an account that is switched off is signed out everywhere.

    Raises:
        NotFoundError: there is no such account.
        ConflictError: it is the last active administrator.
        RefusedError: an unknown role, or none.
    """
    account = account_of(work.session, key)
    if display_name is not None:
        account.display_name = display_name
    if roles is not None:
        check_roles(roles)
        account.roles = sorted(set(roles))
    if units is not None:
        account.units = sorted(set(units))
    if active is not None:
        account.active = active
    if not _admins(work.session):
        raise ConflictError("last_admin", "This is the last active administrator; make another one first")
    if not account.active:
        sign_out_everywhere(work.session, key)
    work.audit("account.change", f"account:{key}", roles=account.roles, units=account.units, active=account.active)
    return account


def _admins(session: Session) -> int:
    return sum(ADMIN in roles for roles in session.scalars(select(AccountRow.roles).where(AccountRow.active)))


def sign_out_everywhere(session: Session, account_key: int) -> None:
    """Ends the account's sessions and revokes its keys."""
    session.execute(delete(SessionRow).where(SessionRow.account_key == account_key))
    for row in session.scalars(
        select(ApiKeyRow).where(ApiKeyRow.account_key == account_key, ApiKeyRow.revoked_at.is_(None))
    ):
        row.revoked_at = now()


def invite(work: Work, account_key: int | None) -> str:
    """The token of a one-time link: to set up the first account (None), or to choose an account's password."""
    if account_key is not None:
        account_of(work.session, account_key)
        work.audit("account.invite", f"account:{account_key}")
    work.session.execute(
        delete(InvitationRow).where(
            InvitationRow.account_key.is_(None) if account_key is None else InvitationRow.account_key == account_key
        )
    )
    token = secrets.token_urlsafe(32)
    expires = now() + timedelta(hours=INVITATION_HOURS)
    work.session.add(InvitationRow(token_hash=token_hash(token), account_key=account_key, expires_at=expires))
    return token


def invitation_of(session: Session, token: str) -> InvitationRow:
    """The invitation that the link stands for; raises NotFoundError where it was used, replaced or is too old."""
    row = session.get(InvitationRow, token_hash(token))
    if row is None or row.expires_at < now():
        raise NotFoundError("invitation")
    return row


def take_up(
    work: Work, token: str, password: str, name: str = "", display_name: str = "", everywhere: Sequence[str] = ()
) -> AccountRow:
    """Uses a one-time link up: makes the first account, or sets the password of the invited one.

    Args:
        work: the transaction.
        token: the link's.
        password: the chosen one.
        name: for the first account only.
        display_name: for the first account only.
        everywhere: units of the first account, which works on all petitions.

    Raises:
        NotFoundError: the link was used, replaced or is too old.
        ConflictError: the first account exists already.
        RefusedError: no name, or a password that is too short.
    """
    invitation = invitation_of(work.session, token)
    work.session.delete(invitation)
    if invitation.account_key is not None:
        account = account_of(work.session, invitation.account_key)
        set_password(work, account, password)
        return account
    if work.session.scalar(select(func.count()).select_from(AccountRow)):
        raise ConflictError("set_up", "The first account exists; ask an administrator for an invitation")
    if not name:
        raise RefusedError("name", "The first account needs a name to sign in with")
    return add_account(work, name, display_name, (ADMIN, CLERK), everywhere, password)


def set_password(work: Work, account: AccountRow, password: str) -> None:
    """A new password; all sessions and keys of the account end. Raises RefusedError where it is too short."""
    account.password_hash = hashed(password)
    sign_out_everywhere(work.session, account.key)
    work.audit("account.password", f"account:{account.key}")
