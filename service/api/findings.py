"""The problems that a report states, for reading at once; nothing is stored."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Request, UploadFile
from pydantic import BaseModel

from corpus.documents import read_document
from corpus.errors import InputError
from models.suggester import Suggester
from service.access import Reader
from service.api.common import refusals
from service.chinese import in_chinese
from service.jobs.reading import reason_of, stem_of
from service.jobs.uploads import discard, kept
from service.loaded import loaded_suggester
from service.store.errors import RefusedError

router = APIRouter(prefix="/v1", tags=["findings"])


class ReportOut(BaseModel):
    """A report's text as it was read, and the objects of `fenban findings`, whose offsets count its characters."""

    report: str
    text: str
    findings: list[dict[str, Any]]


@router.post("/findings", responses=refusals())
def findings(
    request: Request,
    _caller: Reader,
    suggester: Annotated[Suggester, Depends(loaded_suggester)],
    file: Annotated[UploadFile, File(description="one report: docx, pdf, html or txt")],
) -> ReportOut:
    """Reads one report. The file is deleted before the answer is given; many reports at once are a job."""
    folder = request.app.state.settings.uploads
    with kept(folder, "findings", file.filename or "", file.file) as upload:
        path, name = folder / upload.file, stem_of(upload.name)
        try:
            document = read_document(path)
        except InputError as error:
            reason = reason_of(error, path)
            raise RefusedError("report", reason, reason_zh=in_chinese(reason)) from error
        found = suggester.finding_reader.read(document, name)
    discard(folder, upload)
    return ReportOut(report=name, text=document.text, findings=[one.to_dict() for one in found])
