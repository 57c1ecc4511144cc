"""The audit chain, for administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import select

from service.access import Admin, StoreOf
from service.api.common import Clean, Cursor, Limit, cursor_of, numbers_of, refusals
from service.store.account_tables import AuditRow
from service.store.audit import verify

router = APIRouter(prefix="/v1/audit", tags=["audit"])

Asked = Annotated[Clean | None, Query(max_length=120)]


class AuditEntry(BaseModel):
    """One entry; `hash` covers it and the entry before."""

    number: int
    at: str
    actor: str
    action: str
    object: str
    detail: dict[str, Any]
    previous: str
    hash: str


class AuditPage(BaseModel):
    """A page of entries."""

    entries: list[AuditEntry]
    next: str | None


class VerificationOut(BaseModel):
    """How many entries hold, the last good hash, and the first broken number or null."""

    entries: int
    last_hash: str
    broken: int | None


@router.get("", responses=refusals())
def entries(
    _caller: Admin,
    store: StoreOf,
    actor: Asked = None,
    action: Asked = None,
    object: Asked = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AuditPage:
    """Entries, the newest first."""
    query = select(AuditRow).order_by(AuditRow.number.desc()).limit(limit)
    for column, value in ((AuditRow.actor, actor), (AuditRow.action, action), (AuditRow.object, object)):
        if value is not None:
            query = query.where(column == value)
    if (after := numbers_of(cursor, 1)) is not None:
        query = query.where(AuditRow.number < after[0])
    with store.read() as session:
        rows = session.scalars(query).all()
    shown = [AuditEntry(**{name: getattr(row, name) for name in AuditEntry.model_fields}) for row in rows]
    return AuditPage(entries=shown, next=cursor_of(rows[-1].number) if len(rows) == limit else None)


@router.get("/verification", responses=refusals())
def verification(_caller: Admin, store: StoreOf) -> VerificationOut:
    """Walks the whole chain, as `fenban audit verify` does."""
    with store.read() as session:
        result = verify(session)
    return VerificationOut(entries=result.entries, last_hash=result.last_hash, broken=result.broken)
