"""Petitions as a file: masked, or with real names for a reason, which the audit chain keeps."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import ConfigDict, Field
from starlette.background import BackgroundTask

from corpus.writers import write_rows
from service.access import Caller, Reader, StoreOf
from service.api.common import Body, Clean, Flag, refusals
from service.api.petition_models import line
from service.api.petition_view import complainants_of
from service.api.petitions import FiltersOf
from service.masking import masked_text
from service.store.audit import audited
from service.store.engine import Store
from service.store.errors import ForbiddenError, RefusedError
from service.store.listing import Filters, list_petitions
from service.store.petition_tables import PetitionRow, PetitionText

router = APIRouter(prefix="/v1/exports", tags=["exports"])

PAGE = 500
SHORTEST_REASON = 4
COLUMNS = (
    *("key", "id", "received", "channel", "status", "kind", "content", "primary"),
    *("subject_unit", "handling_unit", "urgent", "matter", "signed"),
)


class ExportIn(Body):
    """Which kind of file, and whether with real names; those need a reason."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"format": "xlsx", "real_names": True, "reason": "移送县纪委第一纪检监察室核查"}}
    )

    format: Literal["xlsx", "csv", "jsonl"] = "xlsx"
    real_names: Flag = False
    reason: Annotated[Clean, Field(max_length=500)] = ""


@router.post(
    "",
    response_class=FileResponse,
    responses={
        **refusals(),
        200: {"description": "the file", "content": {"application/octet-stream": {"schema": {"type": "string"}}}},
    },
)
def export(body: ExportIn, caller: Reader, store: StoreOf, filters: FiltersOf) -> FileResponse:
    """The petitions that the filters of the list let through; confidential ones are in no export."""
    if body.real_names and not caller.reads_in_full:
        raise ForbiddenError("real_names", "Only those who handle petitions export real names")
    if body.real_names and len(body.reason.strip()) < SHORTEST_REASON:
        raise RefusedError("reason", "An export with real names needs a reason; the audit keeps it")
    folder = Path(tempfile.mkdtemp(prefix="fenban-export-"))
    try:
        path = folder / f"petitions.{body.format}"
        count = write_rows(path, _rows(store, caller, filters, real_names=body.real_names))
        with audited(store, caller.actor) as work:
            work.audit("export", "petitions", count=count, real_names=body.real_names, reason=body.reason.strip())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        path,
        filename=path.name,
        media_type="application/octet-stream",
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _rows(store: Store, caller: Caller, filters: Filters, *, real_names: bool) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        with store.read() as session:
            page = list_petitions(session, caller.sight, filters, newest=True, after=after, limit=PAGE)
            names = complainants_of(session, [row.key for row, _ in page])
        for row, text in page:
            if not row.confidential:
                yield _real(row, text) if real_names else _masked(row, text, names.get(row.key, ()))
        if len(page) < PAGE:
            return
        after = (page[-1][0].priority, page[-1][0].key)


def _real(row: PetitionRow, text: PetitionText) -> dict[str, Any]:
    shown = line(row, text, None).model_dump(include=set(COLUMNS))
    return {**shown, **{name: getattr(text, name) for name in ("petitioner", "phone", "title", "text")}}


def _masked(row: PetitionRow, text: PetitionText, names: Sequence[str]) -> dict[str, Any]:
    shown = line(row, text, None, names).model_dump(include={*COLUMNS, "title"})
    return {**shown, "text": masked_text(text.text, text.petitioner, text.phone, names)}
