"""Claims and decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from models.discipline import KINDS
from service.access import Clerk, OfficeOf, Reader, StoreOf
from service.api.common import Body, Clean, Flag, PathKey, WriteOf, refusals
from service.api.petition_models import DecisionOut, PetitionLine, line
from service.api.petition_view import decisions_out
from service.office import Office
from service.store.audit import Work
from service.store.decision_state import State
from service.store.decisions import Verdict, claim, decide, decisions_of, release
from service.store.errors import RefusedError
from service.store.petition_tables import PetitionRow, PetitionText
from service.store.petitions import holder_of, petition_of

router = APIRouter(prefix="/v1/petitions/{key}", tags=["decisions"])

Code = Annotated[str, Field(max_length=40)]


class DecisionIn(Body):
    """What the clerk decides, made on `version` of the petition.

    accept takes the suggestion as it was shown; change takes all fields from here, null being nothing; leave_open and
    undo take none of them.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "action": "change",
                "version": 0,
                "kind": "accusation",
                "content": "纪检监察/贪污贿赂",
                "discipline": ["B1.5"],
                "primary": "B1.5",
                "subject_unit": "T03V04",
                "handling_unit": "T03K",
                "urgent": False,
            }
        }
    )

    action: Literal["accept", "change", "leave_open", "undo"]
    version: Annotated[int, Field(ge=0, le=2**31 - 2, strict=True)]
    kind: Code | None = None
    content: Annotated[str, Field(max_length=300)] | None = None
    discipline: list[Code] = Field(default_factory=list, max_length=20)
    primary: Code | None = None
    subject_unit: Code | None = None
    handling_unit: Code | None = None
    urgent: Flag = False
    note: Annotated[Clean, Field(max_length=2_000, repr=False)] = ""


class DecisionList(BaseModel):
    """A petition's history."""

    decisions: list[DecisionOut]


class Decided(BaseModel):
    """The decision, and the petition as it stands now."""

    decision: DecisionOut
    petition: PetitionLine


@router.put("/claim", response_model=PetitionLine, responses=refusals(404, 409))
def take(key: PathKey, caller: Clerk, write: WriteOf) -> JSONResponse:
    """Keeps the petition for the caller for a quarter of an hour; 409 tells who has it."""
    return write.once(lambda work: _line(work, claim(work, caller.sight, key)))


@router.delete("/claim", response_model=PetitionLine, responses=refusals(404))
def give_back(key: PathKey, caller: Clerk, write: WriteOf) -> JSONResponse:
    """Gives the petition back; what somebody else has stays theirs."""
    return write.once(lambda work: _line(work, release(work, caller.sight, key)))


@router.get("/decisions", responses=refusals(404))
def history(key: PathKey, caller: Reader, store: StoreOf) -> DecisionList:
    """All decisions on the petition, the first one first."""
    with store.read() as session:
        petition_of(session, caller.sight, key)
        decided = decisions_of(session, key)
        return DecisionList(decisions=decisions_out(session, decided, masked=not caller.reads_in_full))


@router.post("/decisions", status_code=201, response_model=Decided, responses=refusals(404, 409))
def add_decision(key: PathKey, body: DecisionIn, caller: Clerk, write: WriteOf, office: OfficeOf) -> JSONResponse:
    """Decides. 409 where somebody decided meanwhile, with who and when; nothing is overwritten."""
    verdict = Verdict(body.action, body.version, _state(body, office), body.note)

    def act(work: Work) -> Decided:
        decision = decide(work, caller.sight, key, verdict)
        row = work.session.get_one(PetitionRow, key)
        shown = decisions_out(work.session, [decision], masked=False)[0]
        return Decided(decision=shown, petition=_line(work, row))

    return write.once(act, 201)


def _line(work: Work, row: PetitionRow) -> PetitionLine:
    return line(row, work.session.get_one(PetitionText, row.key), holder_of(work.session, row))


def _state(body: DecisionIn, office: Office) -> State:
    """The state that a change leads to; every label must be one of the schemes."""
    unknown = [
        name
        for name, known in (
            ("kind", body.kind is None or body.kind in KINDS),
            ("content", body.content is None or body.content in office.content),
            ("discipline", all(office.is_problem(code) for code in body.discipline)),
            ("primary", body.primary is None or office.is_problem(body.primary)),
            ("subject_unit", body.subject_unit is None or body.subject_unit in office.registry),
            ("handling_unit", body.handling_unit is None or body.handling_unit in office.registry),
        )
        if not known
    ]
    if unknown:
        raise RefusedError(
            "unknown_label", f"Not in the schemes or the registry: {', '.join(unknown)}; see /v1/schemes and /v1/units"
        )
    return State(
        kind=body.kind,
        content=body.content,
        discipline=tuple(dict.fromkeys(body.discipline)),
        primary=body.primary,
        subject_unit=body.subject_unit,
        handling_unit=body.handling_unit,
        urgent=body.urgent,
    )
