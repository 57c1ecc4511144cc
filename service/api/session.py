"""Signing in and out, the one-time links, one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel as Answer
from pydantic import ConfigDict, Field

from service.access import COOKIE, Anyone, Caller, Cookie, OfficeOf, StoreOf
from service.api.common import Body, Clean, Done, WriteOf, refusals
from service.store.account_tables import AccountRow
from service.store.accounts import account_of, any_account, password_fits, set_password, take_up
from service.store.audit import SYSTEM, Work, audited
from service.store.errors import UnauthenticatedError
from service.store.sign_in import SignedIn, sign_in, sign_out

router = APIRouter(prefix="/v1", tags=["session"])

Name = Annotated[Clean, Field(min_length=1, max_length=100)]
Password = Annotated[str, Field(min_length=1, max_length=200, repr=False)]


class SignIn(Body):
    """Name and password."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "liming", "password": "一个足够长的口令 12"}})

    name: Name
    password: Password


class Me(Answer):
    """The account that calls; `csrf` goes into X-CSRF-Token of a browser's writes."""

    key: int
    name: str
    display_name: str
    roles: list[str]
    units: list[str]
    csrf: str | None


class SetUp(Answer):
    """Whether the first account has still to be made."""

    needed: bool


class TakeUp(Body):
    """A one-time link's token and the chosen password; the first account also takes a name."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"token": "…", "password": "一个足够长的口令 12", "name": "liming"}}
    )

    token: Annotated[str, Field(max_length=200, repr=False)]
    password: Password
    name: Annotated[Clean, Field(max_length=100)] = ""
    display_name: Annotated[Clean, Field(max_length=100)] = ""


class NewPassword(Body):
    """The password until now and the next one."""

    old: Password
    new: Password


@router.get("/setup", responses=refusals(signed_in=False))
def set_up(store: StoreOf) -> SetUp:
    """Whether the first account has still to be made, through the link that `fenban serve` printed."""
    with store.read() as session:
        return SetUp(needed=not any_account(session))


@router.post("/invitations", responses=refusals(404, 409, signed_in=False))
def use_invitation(body: TakeUp, store: StoreOf, office: OfficeOf) -> Done:
    """Uses a one-time link up: makes the first account, or sets an account's password."""
    with audited(store, SYSTEM) as work:
        take_up(work, body.token, body.password, body.name, body.display_name, office.top)
    return Done()


@router.post("/session", response_model=Me, responses=refusals(401, signed_in=False))
def start_session(body: SignIn, request: Request, store: StoreOf) -> JSONResponse:
    """Signs in: sets the session's cookie and answers with the account."""
    address = request.client.host if request.client else ""
    hours = request.app.state.settings.session_hours
    signed_in = sign_in(store, body.name, body.password, address, hours)
    answer = JSONResponse(_me(signed_in.account, signed_in.csrf).model_dump())
    _set_cookie(answer, request, signed_in)
    return answer


@router.delete("/session", response_model=Done, responses=refusals())
def end_session(request: Request, caller: Anyone, store: StoreOf, token: Cookie) -> JSONResponse:
    """Signs out."""
    with audited(store, caller.actor) as work:
        sign_out(work, token or "")
    answer = JSONResponse(Done().model_dump())
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


@router.get("/me", responses=refusals())
def me(caller: Anyone) -> Me:
    """The account that calls."""
    return _caller(caller)


@router.post("/me/password", response_model=Done, responses=refusals(404))
def change_password(body: NewPassword, caller: Anyone, write: WriteOf, store: StoreOf) -> JSONResponse:
    """Changes one's own password; all sessions and keys of the account end."""
    with store.read() as session:
        stored = account_of(session, caller.key).password_hash
    if not password_fits(stored, body.old):
        raise UnauthenticatedError("sign_in", "The password until now is wrong")

    def act(work: Work) -> Done:
        set_password(work, account_of(work.session, caller.key), body.new)
        return Done()

    return write.secret(act)


def _set_cookie(answer: JSONResponse, request: Request, signed_in: SignedIn) -> None:
    answer.set_cookie(
        COOKIE,
        signed_in.token,
        expires=signed_in.expires_at,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _me(account: AccountRow, csrf: str) -> Me:
    return Me(
        key=account.key,
        name=account.name,
        display_name=account.display_name,
        roles=account.roles,
        units=account.units,
        csrf=csrf,
    )


def _caller(caller: Caller) -> Me:
    return Me(
        key=caller.key,
        name=caller.name,
        display_name=caller.display_name,
        roles=sorted(caller.roles),
        units=list(caller.units),
        csrf=caller.csrf,
    )
