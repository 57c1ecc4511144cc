"""Accounts, for administrators, and keys for machines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from service.access import Admin, Anyone, OfficeOf, StoreOf
from service.api.common import (
    Body,
    Clean,
    Cursor,
    Done,
    Flag,
    Key,
    Limit,
    Moment,
    PathKey,
    WriteOf,
    cursor_of,
    numbers_of,
    refusals,
)
from service.office import Office
from service.store.account_tables import AccountRow, ApiKeyRow
from service.store.accounts import ADMIN, add_account, change_account, invite
from service.store.audit import Work
from service.store.errors import RefusedError
from service.store.sign_in import add_key, revoke_key

router = APIRouter(prefix="/v1", tags=["accounts"])

Role = Literal["clerk", "analyst", "admin"]
Roles = Annotated[list[Role], Field(min_length=1, max_length=3)]
Units = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=200)]
DisplayName = Annotated[Clean, Field(max_length=100)]


class AccountIn(Body):
    """A new account; its person chooses the password through the one-time link in the answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "wangfang", "display_name": "王芳", "roles": ["clerk"], "units": ["T03"]}
        }
    )

    name: Annotated[Clean, Field(min_length=1, max_length=100)]
    display_name: DisplayName = ""
    roles: Roles
    units: Units = Field(default_factory=list)


class AccountChange(Body):
    """What changes; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"active": False}})

    display_name: DisplayName | None = None
    roles: Roles | None = None
    units: Units | None = None
    active: Flag | None = None


class AccountOut(BaseModel):
    """An account."""

    key: Key
    name: str
    display_name: str
    roles: list[str]
    units: list[str]
    active: bool
    created_at: datetime


class AccountPage(BaseModel):
    """A page of accounts."""

    accounts: list[AccountOut]
    next: str | None


class Invitation(BaseModel):
    """An account and the token of its one-time link."""

    account: Key
    token: str


class KeyIn(Body):
    """A new key's name, and when it ends."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "档案系统", "expires_at": "2027-01-01T00:00:00Z"}})

    name: Annotated[Clean, Field(min_length=1, max_length=100)]
    expires_at: Moment | None = None


class KeyOut(BaseModel):
    """A key, without what opens."""

    key: Key
    account: Key
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKey(KeyOut):
    """A new key with its token, shown this once only."""

    token: str


class KeyList(BaseModel):
    """The caller's keys; an administrator's list has everybody's."""

    keys: list[KeyOut]


@router.get("/accounts", responses=refusals())
def accounts(_caller: Admin, store: StoreOf, cursor: Cursor = None, limit: Limit = 50) -> AccountPage:
    """All accounts, the oldest first."""
    after = numbers_of(cursor, 1)
    query = select(AccountRow).where(AccountRow.key > (after[0] if after else 0)).order_by(AccountRow.key)
    with store.read() as session:
        rows = session.scalars(query.limit(limit)).all()
    following = cursor_of(rows[-1].key) if len(rows) == limit else None
    return AccountPage(accounts=[_account(row) for row in rows], next=following)


@router.post("/accounts", status_code=201, response_model=Invitation, responses=refusals(409))
def create_account(body: AccountIn, _caller: Admin, write: WriteOf, office: OfficeOf) -> JSONResponse:
    """Makes an account and its one-time link."""
    _check_units(office, body.units)

    def act(work: Work) -> Invitation:
        account = add_account(work, body.name, body.display_name, body.roles, body.units)
        return Invitation(account=account.key, token=invite(work, account.key))

    return write.secret(act, 201)


@router.patch("/accounts/{key}", response_model=AccountOut, responses=refusals(404, 409))
def update_account(key: PathKey, body: AccountChange, _caller: Admin, write: WriteOf, office: OfficeOf) -> JSONResponse:
    """Changes an account; switched off, it is signed out everywhere."""
    _check_units(office, body.units or [])
    return write.once(lambda work: _account(change_account(work, key, **body.model_dump())))


@router.post("/accounts/{key}/invitation", status_code=201, response_model=Invitation, responses=refusals(404))
def new_invitation(key: PathKey, _caller: Admin, write: WriteOf) -> JSONResponse:
    """A new one-time link, with which the account's person chooses a new password; older links end."""
    return write.secret(lambda work: Invitation(account=key, token=invite(work, key)), 201)


@router.get("/keys", responses=refusals())
def keys(caller: Anyone, store: StoreOf) -> KeyList:
    """Keys for machines."""
    query = select(ApiKeyRow).order_by(ApiKeyRow.key)
    if ADMIN not in caller.roles:
        query = query.where(ApiKeyRow.account_key == caller.key)
    with store.read() as session:
        return KeyList(keys=[KeyOut(**_key(row)) for row in session.scalars(query)])


@router.post("/keys", status_code=201, response_model=NewKey, responses=refusals())
def create_key(body: KeyIn, caller: Anyone, write: WriteOf) -> JSONResponse:
    """Makes a key; it may what the caller's account may."""

    def act(work: Work) -> NewKey:
        row, token = add_key(work, caller.key, body.name, body.expires_at)
        return NewKey(**_key(row), token=token)

    return write.secret(act, 201)


@router.delete("/keys/{key}", response_model=Done, responses=refusals(404))
def delete_key(key: PathKey, caller: Anyone, write: WriteOf) -> JSONResponse:
    """Revokes a key: one's own, or as an administrator anybody's."""
    owner = None if ADMIN in caller.roles else caller.key

    def act(work: Work) -> Done:
        revoke_key(work, key, owner)
        return Done()

    return write.once(act)


def _check_units(office: Office, codes: list[str]) -> None:
    unknown = sum(code not in office.registry for code in codes)
    if unknown:
        raise RefusedError("units", f"{unknown} of the units are not in the registry; see /v1/units")


def _account(row: AccountRow) -> AccountOut:
    return AccountOut(**{name: getattr(row, name) for name in AccountOut.model_fields})


def _key(row: ApiKeyRow) -> dict[str, Any]:
    names = ("key", "name", "created_at", "expires_at", "revoked_at")
    return {"account": row.account_key, **{name: getattr(row, name) for name in names}}
