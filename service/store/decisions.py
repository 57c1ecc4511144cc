"""Decisions: each is a new row on top of the ones before; two clerks on one letter cannot overwrite each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.account_tables import AccountRow
from service.store.audit import Work
from service.store.base import now
from service.store.decision_state import State, agreement, state_of_suggestion
from service.store.errors import ConflictError, RefusedError
from service.store.petition_tables import DECIDED, LEFT_OPEN, OPEN, DecisionRow, PetitionRow, SuggestionRow
from service.store.petitions import Sight, apply_state, holder_of, last_suggestion, petition_of

ACCEPT, CHANGE, LEAVE_OPEN, UNDO = "accept", "change", "leave_open", "undo"
ACTIONS = (ACCEPT, CHANGE, LEAVE_OPEN, UNDO)
CLAIM = timedelta(minutes=15)
"""How long a letter that somebody has open is kept for them."""


def claim(work: Work, sight: Sight, key: int) -> PetitionRow:
    """Takes a petition to work on, or keeps it for longer.

    Raises:
        NotFoundError: it is not this account's to see.
        ConflictError: somebody else has it; tells who.
    """
    row = petition_of(work.session, sight, key, lock=True)
    _check_holder(work.session, row, sight.account_key)
    row.claimed_by, row.claimed_until = sight.account_key, now() + CLAIM
    work.audit("petition.claim", f"petition:{key}")
    return row


def release(work: Work, sight: Sight, key: int) -> PetitionRow:
    """Gives a petition back; one that somebody else has stays theirs."""
    row = petition_of(work.session, sight, key, lock=True)
    if row.claimed_by == sight.account_key:
        row.claimed_by = row.claimed_until = None
        work.audit("petition.release", f"petition:{key}")
    return row


def _check_holder(session: Session, row: PetitionRow, account_key: int) -> None:
    holder = holder_of(session, row)
    if holder is not None and holder.key != account_key and row.claimed_until is not None:
        raise ConflictError(
            "claimed",
            "Somebody else has this petition open",
            holder=holder.display_name,
            until=row.claimed_until.isoformat(),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clerk sends: the action, the version it was made on, and for a change the whole state."""

    action: str
    version: int
    state: State
    note: str = ""


def decide(work: Work, sight: Sight, key: int, verdict: Verdict) -> DecisionRow:
    """Adds a decision.

    Raises:
        NotFoundError: the petition is not this account's to see.
        ConflictError: it was decided meanwhile (tells by whom), or somebody else has it open.
        RefusedError: nothing to accept, or nothing to undo.
    """
    row = petition_of(work.session, sight, key, lock=True)
    if row.version != verdict.version:
        raise _decided_meanwhile(work.session, row)
    _check_holder(work.session, row, sight.account_key)
    undo = verdict.action == UNDO
    decision = _undo(work.session, row) if undo else _decide(work.session, row, verdict)
    decision.petition_key, decision.version = row.key, row.version + 1
    decision.account_key, decision.note = sight.account_key, verdict.note
    # Any first decision, also leaving it open, shows the suggestion; taking that back does not unsee it.
    decision.blind = row.blind and row.version == 0
    work.session.add(decision)
    work.session.flush()
    row.version = decision.version
    row.status = decision.status
    row.claimed_by = row.claimed_until = None
    row.decided_by = sight.account_key
    if decision.undoes is None:
        row.decision_key = decision.key
    work.audit(f"decision.{decision.action}", f"petition:{key}", version=decision.version)
    return decision


def _decide(session: Session, row: PetitionRow, verdict: Verdict) -> DecisionRow:
    suggestion = last_suggestion(session, row.key)
    state = verdict.state
    if verdict.action == ACCEPT:
        if suggestion is None or (suggestion.withheld and row.decision_key is None):
            raise RefusedError("nothing_suggested", "No suggestion was shown for this petition; decide with `change`")
        state = state_of_suggestion(suggestion.body)
    if verdict.action == LEAVE_OPEN:
        state = _holding(suggestion, standing_decisions(decisions_of(session, row.key)))
    apply_state(row, state)
    decided = verdict.action != LEAVE_OPEN
    return DecisionRow(
        action=verdict.action,
        status=DECIDED if decided else LEFT_OPEN,
        suggestion_key=suggestion.key if suggestion else None,
        model_version=suggestion.model_version if suggestion else None,
        agreed=agreement(suggestion.body, state) if suggestion and decided else {},
        **_columns(state),
    )


def _holding(suggestion: SuggestionRow | None, standing: Sequence[DecisionRow]) -> State:
    """What holds: the last decision that stands, or the suggestion."""
    if standing:
        return state_of_decision(standing[-1])
    return state_of_suggestion(suggestion.body) if suggestion else State()


def _columns(state: State) -> dict[str, Any]:
    return {**asdict(state), "discipline": list(state.discipline)}


def _undo(session: Session, row: PetitionRow) -> DecisionRow:
    """A decision that takes the last one back that still holds, so that the one before it holds again."""
    standing = standing_decisions(decisions_of(session, row.key))
    if not standing:
        raise RefusedError("nothing_to_undo", "No decision stands on this petition")
    undone, before = standing[-1], standing[:-1]
    state = _holding(last_suggestion(session, row.key), before)
    row.decision_key = before[-1].key if before else None
    apply_state(row, state)
    status = before[-1].status if before else OPEN
    return DecisionRow(action=UNDO, status=status, undoes=undone.key, **_columns(state))


def standing_decisions(decisions: Sequence[DecisionRow]) -> list[DecisionRow]:
    """Those that were not undone, in their order."""
    standing: list[DecisionRow] = []
    for decision in decisions:
        if decision.undoes is None:
            standing.append(decision)
        else:
            standing.pop()
    return standing


def state_of_decision(decision: DecisionRow) -> State:
    """The state that a decision leads to."""
    return State(
        kind=decision.kind,
        content=decision.content,
        discipline=tuple(decision.discipline),
        primary=decision.primary,
        subject_unit=decision.subject_unit,
        handling_unit=decision.handling_unit,
        urgent=decision.urgent,
    )


def decisions_of(session: Session, key: int) -> list[DecisionRow]:
    """All decisions on a petition, the first one first."""
    query = select(DecisionRow).where(DecisionRow.petition_key == key).order_by(DecisionRow.version)
    return list(session.scalars(query))


def _decided_meanwhile(session: Session, row: PetitionRow) -> ConflictError:
    last = session.execute(
        select(AccountRow.display_name, DecisionRow.action, DecisionRow.created_at)
        .join(DecisionRow, DecisionRow.account_key == AccountRow.key)
        .where(DecisionRow.petition_key == row.key)
        .order_by(DecisionRow.version.desc())
        .limit(1)
    ).first()
    facts = {} if last is None else {"by": last[0], "action": last[1], "at": last[2].isoformat()}
    return ConflictError("decided", "The petition was decided meanwhile; read it again", version=row.version, **facts)
