"""Matters: listed, read, merged, split, and changes of them undone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from service.access import Caller, Clerk, Reader, StoreOf
from service.api.common import Body, Cursor, Key, Limit, PathKey, WriteOf, cursor_of, numbers_of, refusals
from service.api.petition_models import PetitionLine, line
from service.api.petition_view import complainants_of, holders_of
from service.store.audit import Work
from service.store.errors import NotFoundError
from service.store.listing import Filters, list_petitions
from service.store.matters import list_matters, merge, seen_among, split, undo
from service.store.petition_tables import MatterChange

router = APIRouter(prefix="/v1/matters", tags=["matters"])

MOST_OF_A_MATTER = 1_000


class PetitionKeys(Body):
    """Petitions by their keys."""

    model_config = ConfigDict(json_schema_extra={"example": {"petitions": [17, 42]}})

    petitions: Annotated[list[Key], Field(min_length=1, max_length=200)]


class ChangeKey(Body):
    """A change by its key."""

    model_config = ConfigDict(json_schema_extra={"example": {"change": 5}})

    change: Key


class Move(BaseModel):
    """One petition's way from matter to matter."""

    petition: Key
    before: int | None
    after: int | None


class ChangeOut(BaseModel):
    """A change of matters; its key undoes it."""

    key: Key
    action: str
    moves: list[Move]
    undoes: int | None
    created_at: datetime


class MatterLineOut(BaseModel):
    """A matter: how many petitions the caller sees of it, and their first and last day."""

    key: Key
    size: int
    first: str | None
    last: str | None


class MatterPage(BaseModel):
    """A page of matters."""

    matters: list[MatterLineOut]
    next: str | None


class MatterOut(BaseModel):
    """A matter's petitions that the caller sees, the oldest first."""

    key: Key
    petitions: list[PetitionLine]


@router.get("", responses=refusals())
def matters(caller: Reader, store: StoreOf, cursor: Cursor = None, limit: Limit = 50) -> MatterPage:
    """Matters, the newest first."""
    after = numbers_of(cursor, 1)
    with store.read() as session:
        lines = list_matters(session, caller.sight, after=after[0] if after else 0, limit=limit)
    found = [MatterLineOut(key=key, size=size, first=first, last=last) for key, size, first, last in lines]
    return MatterPage(matters=found, next=cursor_of(found[-1].key) if len(found) == limit else None)


@router.get("/{key:int}", responses=refusals(404))
def matter(key: PathKey, caller: Reader, store: StoreOf) -> MatterOut:
    """One matter."""
    with store.read() as session:
        found = list_petitions(
            session, caller.sight, Filters(matter=key), newest=True, after=None, limit=MOST_OF_A_MATTER
        )
        holders = holders_of(session, [row for row, _ in found])
        names = {} if caller.reads_in_full else complainants_of(session, [row.key for row, _ in found])
    if not found:
        raise NotFoundError("matter")
    lines = [line(row, text, holders.get(row.key), names.get(row.key, ())) for row, text in reversed(found)]
    return MatterOut(key=key, petitions=lines)


@router.post("/merges", status_code=201, response_model=ChangeOut, responses=refusals(404))
def merge_petitions(body: PetitionKeys, caller: Clerk, write: WriteOf) -> JSONResponse:
    """Puts petitions, with all others of their matters, into one matter."""
    return write.once(lambda work: _change(work, caller, merge(work, caller.sight, body.petitions)), 201)


@router.post("/splits", status_code=201, response_model=ChangeOut, responses=refusals(404))
def split_petitions(body: PetitionKeys, caller: Clerk, write: WriteOf) -> JSONResponse:
    """Takes petitions out of their matter; two or more become a matter of their own."""
    return write.once(lambda work: _change(work, caller, split(work, caller.sight, body.petitions)), 201)


@router.post("/undos", status_code=201, response_model=ChangeOut, responses=refusals(404, 409))
def undo_change(body: ChangeKey, caller: Clerk, write: WriteOf) -> JSONResponse:
    """Takes a change back."""
    return write.once(lambda work: _change(work, caller, undo(work, caller.sight, body.change)), 201)


def _change(work: Work, caller: Caller, change: MatterChange) -> ChangeOut:
    """The change, with the moves of petitions that the caller may see."""
    seen = seen_among(work.session, caller.sight, [move[0] for move in change.moves])
    moves = [
        Move(petition=petition, before=before, after=after)
        for petition, before, after in change.moves
        if petition in seen
    ]
    return ChangeOut(
        key=change.key, action=change.action, moves=moves, undoes=change.undoes, created_at=change.created_at
    )
