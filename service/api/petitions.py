"""Petitions: taken in, listed, counted, read, given to readers, suggested for anew."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from corpus.records import Petition
from service.access import Caller, Clerk, OfficeOf, Reader, StoreOf
from service.api.common import Body, Clean, Cursor, Day, Key, Limit, PathKey, WriteOf, cursor_of, numbers_of, refusals
from service.api.petition_models import (
    Counts,
    HeldBackOut,
    PetitionFull,
    PetitionNew,
    PetitionPage,
    Status,
    TakenIn,
    line,
)
from service.api.petition_view import complainants_of, full, holders_of
from service.intake import is_blind, keep_out, suggestion_for
from service.loaded import loaded_suggester
from service.office import Office
from service.store.audit import Work, audited
from service.store.errors import ForbiddenError, RefusedError
from service.store.listing import Filters, count_petitions, list_petitions
from service.store.petition_tables import PetitionText
from service.store.petitions import (
    Intake,
    add_petition,
    add_suggestion,
    petition_of,
    readers_of,
    set_readers,
)

router = APIRouter(prefix="/v1/petitions", tags=["petitions"])

WHAT_TO_DO = (
    "按《纪检监察机关处理检举控告工作规则》第十五条，此件不得录入、摘抄、复制或扩大知情范围。"
    "核对后确认不属于此类的，选“已核对，不属于”再录入。"
)


def filters_of(
    caller: Reader,
    office: OfficeOf,
    status: Status | None = None,
    unit: Annotated[str | None, Query(max_length=40, description="a unit, with all below it")] = None,
    category: Annotated[Clean | None, Query(max_length=300, description="content path or problem code")] = None,
    urgent: bool | None = None,
    since: Annotated[Day | None, Query(description="received on this day or later")] = None,
    until: Annotated[Day | None, Query(description="received on this day or earlier")] = None,
    matter: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    q: Annotated[Clean | None, Query(max_length=100, description="words of the letter, a name, number or id")] = None,
) -> Filters:
    """The filters of lists, counts and exports."""
    if q and not caller.reads_in_full:
        raise ForbiddenError("search", "Only those who handle petitions search their texts")
    return Filters(
        status=status,
        units=office.units_below([unit]) if unit is not None else None,
        category=category,
        urgent=urgent,
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
        matter=matter,
        words=q,
    )


FiltersOf = Annotated[Filters, Depends(filters_of)]


class ReadersIn(Body):
    """Accounts that may see a confidential petition."""

    readers: Annotated[list[Key], Field(min_length=1, max_length=50)]


class ReadersOut(ReadersIn):
    """Accounts that may see it now."""


@router.get("", responses=refusals())
def petitions(
    caller: Reader,
    store: StoreOf,
    filters: FiltersOf,
    order: Literal["queue", "newest"] = "queue",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PetitionPage:
    """Petitions in the queue's order (urgent first, then the oldest), or the newest first."""
    after = numbers_of(cursor, 2)
    with store.read() as session:
        found = list_petitions(
            session,
            caller.sight,
            filters,
            newest=order == "newest",
            after=(after[0], after[1]) if after else None,
            limit=limit,
        )
        holders = holders_of(session, [row for row, _ in found])
        names = {} if caller.reads_in_full else complainants_of(session, [row.key for row, _ in found])
    last = found[-1][0] if len(found) == limit else None
    lines = [line(row, text, holders.get(row.key), names.get(row.key, ())) for row, text in found]
    return PetitionPage(petitions=lines, next=cursor_of(last.priority, last.key) if last else None)


@router.get("/counts", responses=refusals())
def counts(caller: Reader, store: StoreOf, filters: FiltersOf) -> Counts:
    """How many petitions the filters let through."""
    with store.read() as session:
        return Counts(**count_petitions(session, caller.sight, filters))


@router.post(
    "",
    status_code=201,
    response_model=TakenIn,
    responses={
        **refusals(409),
        200: {"model": HeldBackOut, "description": "Art. 15 keeps it out: nothing was stored, only counted"},
    },
)
def take_in(
    body: PetitionNew, request: Request, caller: Clerk, store: StoreOf, write: WriteOf, office: OfficeOf
) -> JSONResponse:
    """Takes a petition in, unless Art. 15 forbids it; the answer then tells where it goes and by when."""
    settings = request.app.state.settings
    if len(body.text) > settings.longest_text:
        raise HTTPException(413, f"{settings.longest_text} characters a text at most")
    petition = body.to_petition()
    held = keep_out(store, office, petition, body.reserved)
    if held is not None:
        answer = HeldBackOut(
            rule=held.rule, seen_by=held.seen_by, goes_to=held.goes_to, by=held.by, what_to_do=WHAT_TO_DO
        )
        return JSONResponse(answer.model_dump(mode="json"))
    intake = Intake(
        petition,
        confidential=body.confidential,
        blind=is_blind(body.text, settings.blind_share),
        readers=tuple({caller.key, *body.readers}) if body.confidential else (),
        intake_unit=_intake_unit(body.unit, caller, office),
    )
    suggestion = suggestion_for(request.app.state.models.suggester, petition)
    request.app.state.metrics.suggestions.inc(suggestion is not None)

    def act(work: Work) -> TakenIn:
        row = add_petition(work, intake, suggestion, caller.key)
        if body.reserved == "no":
            work.audit("petition.not_reserved", f"petition:{row.key}")
        text = work.session.get_one(PetitionText, row.key)
        shown = None if intake.blind else suggestion
        return TakenIn(petition=line(row, text, None), suggestion=shown)

    return write.once(act, 201)


@router.get("/{key}", responses=refusals(404))
def petition(key: PathKey, caller: Reader, store: StoreOf) -> PetitionFull:
    """One petition with its history; reading it in full is audited."""
    if not caller.reads_in_full:
        with store.read() as session:
            return full(session, petition_of(session, caller.sight, key), caller)
    with audited(store, caller.actor) as work:
        work.audit("petition.read", f"petition:{key}")
        return full(work.session, petition_of(work.session, caller.sight, key), caller)


@router.post("/{key}/suggestions", status_code=201, response_model=PetitionFull, responses=refusals(404))
def suggest_again(key: PathKey, request: Request, caller: Clerk, store: StoreOf, write: WriteOf) -> JSONResponse:
    """A suggestion by the model that is loaded now; it stands beside the earlier ones."""
    suggester = loaded_suggester(request)
    with store.read() as session:
        row = petition_of(session, caller.sight, key)
        text = session.get_one(PetitionText, key)
    names = ("title", "text", "petitioner", "phone")
    read = Petition(id=row.id, received=row.received, **{name: getattr(text, name) for name in names})
    suggestion = suggestion_for(suggester, read)
    if suggestion is None:
        raise RefusedError("no_suggestion", "fenban failed at this petition; decide without, the log has the fault")

    def act(work: Work) -> PetitionFull:
        row = petition_of(work.session, caller.sight, key, lock=True)
        add_suggestion(work, row, suggestion)
        work.audit("petition.read", f"petition:{key}")
        return full(work.session, row, caller)

    return write.once(act, 201)


@router.put("/{key}/readers", response_model=ReadersOut, responses=refusals(404, 409))
def name_readers(key: PathKey, body: ReadersIn, caller: Clerk, write: WriteOf) -> JSONResponse:
    """Names who may see a confidential petition; done by one who may, and who stays among them."""

    def act(work: Work) -> ReadersOut:
        row = petition_of(work.session, caller.sight, key, lock=True)
        if not row.confidential:
            raise RefusedError("not_confidential", "This petition is not confidential; its unit sees it")
        set_readers(work, row, [*body.readers, caller.key])
        work.session.flush()
        readers = readers_of(work.session, key)
        work.audit("petition.readers", f"petition:{key}", readers=readers)
        return ReadersOut(readers=readers)

    return write.once(act)


def _intake_unit(code: str | None, caller: Caller, office: Office) -> str | None:
    """The unit that took the petition in: as given, or the clerk's own."""
    if code is None:
        return caller.units[0] if caller.units else None
    if code not in office.registry or (caller.reach is not None and code not in caller.reach):
        raise RefusedError("unit", "This unit is not in the registry, or not one of yours; see /v1/units")
    return code
