"""Who is calling, and what they may do: a signed-in browser (cookie) or a machine (Authorization: Bearer)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from service.local import is_local
from service.office import Office
from service.store.account_tables import AccountRow
from service.store.accounts import ADMIN, ANALYST, CLERK
from service.store.engine import Store
from service.store.errors import ForbiddenError, UnauthenticatedError, UnavailableError
from service.store.petitions import Sight
from service.store.sign_in import account_of_key, session_of

COOKIE = "fenban_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

bearer = HTTPBearer(auto_error=False, description="a key made under /v1/keys")
cookie = APIKeyCookie(
    name=COOKIE, auto_error=False, description=f"set by POST /v1/session; writes also send {CSRF_HEADER}"
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
Cookie = Annotated[str | None, Depends(cookie)]


@dataclass(frozen=True, slots=True)
class Caller:
    """An account at work. `reach` are the units whose petitions it sees; None: all."""

    key: int
    name: str
    display_name: str
    roles: frozenset[str]
    units: tuple[str, ...]
    reach: frozenset[str] | None
    csrf: str | None = None

    @property
    def actor(self) -> str:
        """How the audit chain names it."""
        return f"account:{self.key}"

    @property
    def sight(self) -> Sight:
        """Which petitions it sees."""
        return Sight(self.key, self.reach)

    @property
    def reads_in_full(self) -> bool:
        """Whether it handles petitions and so reads them unmasked."""
        return CLERK in self.roles


def store_of(request: Request) -> Store:
    """The store. Raises UnavailableError where it could not be opened."""
    store = request.app.state.store
    if not isinstance(store, Store):
        raise UnavailableError("database", "The database is not open; the service's log says why")
    return store


def office_of(request: Request) -> Office:
    """The office's units, schemes and ranks."""
    office: Office = request.app.state.office
    return office


def identify(request: Request, credentials: HTTPAuthorizationCredentials | None, token: str | None) -> Caller:
    """The caller.

    Raises:
        UnauthenticatedError: neither key nor cookie is good.
        ForbiddenError: a cookie's write without its CSRF token.
    """
    with store_of(request).read() as session:
        account: AccountRow | None = None
        csrf = None
        if credentials is not None:
            account = account_of_key(session, credentials.credentials)
        elif token and (found := session_of(session, token)) is not None:
            account, csrf = found[0], found[1].csrf
    if account is None:
        raise UnauthenticatedError("sign_in_needed", "Sign in, or send a key as Authorization: Bearer")
    if csrf is not None and request.method not in SAFE_METHODS:
        sent = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(sent.encode(), csrf.encode()):
            raise ForbiddenError("csrf", f"Writes from a browser carry the session's token in {CSRF_HEADER}")
    reach = office_of(request).reach(account.units)
    roles, units = frozenset(account.roles), tuple(account.units)
    return Caller(account.key, account.name, account.display_name, roles, units, reach, csrf)


def anyone(request: Request, credentials: Bearer, token: Cookie) -> Caller:
    """Any signed-in caller."""
    return identify(request, credentials, token)


def _with_role(*roles: str) -> Callable[[Caller], Caller]:
    def check(caller: Annotated[Caller, Depends(anyone)]) -> Caller:
        if caller.roles.isdisjoint(roles):
            raise ForbiddenError("role", f"This needs one of the roles {', '.join(roles)}")
        return caller

    return check


def suggestion_caller(request: Request, credentials: Bearer, token: Cookie) -> None:
    """Lets callers on this machine ask for suggestions without an account, unless the office closed that.

    Nothing is stored by it. Whoever comes through a proxy is not on this machine.
    """
    settings = request.app.state.settings
    if not (settings.open_suggestions and is_local(request, settings.host)):
        identify(request, credentials, token)


Anyone = Annotated[Caller, Depends(anyone)]
Clerk = Annotated[Caller, Depends(_with_role(CLERK))]
Reader = Annotated[Caller, Depends(_with_role(CLERK, ANALYST))]
Analyst = Annotated[Caller, Depends(_with_role(ANALYST, ADMIN))]
Admin = Annotated[Caller, Depends(_with_role(ADMIN))]
StoreOf = Annotated[Store, Depends(store_of)]
OfficeOf = Annotated[Office, Depends(office_of)]
