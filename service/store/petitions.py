"""Petitions: taken in, listed, read. Who may see which is part of every query."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from corpus.records import Petition
from service.store.account_tables import AccountRow
from service.store.audit import Work
from service.store.base import now
from service.store.decision_state import State, state_of_suggestion
from service.store.errors import ConflictError, NotFoundError
from service.store.petition_tables import PetitionReader, PetitionRow, PetitionText, SuggestionRow
from service.store.repeat_tables import LinkTask

LONGEST = {"id": 200, "received": 200, "channel": 200, "petitioner": 1_000, "phone": 200}
"""Characters of a petition's fields in the store."""
_DAY = re.compile(r"^\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")


@dataclass(frozen=True, slots=True)
class Sight:
    """What an account may see: petitions of these units (None: of all) and those it decided last itself.

    Confidential ones only where it is named.
    """

    account_key: int
    units: frozenset[str] | None

    def condition(self) -> ColumnElement[bool]:
        """For the WHERE of a query over petitions."""
        named = select(PetitionReader.petition_key).where(PetitionReader.account_key == self.account_key)
        among = and_(PetitionRow.confidential, PetitionRow.key.in_(named))
        ordinary = PetitionRow.confidential.is_(False)
        if self.units is None:
            return or_(ordinary, among)
        # Who sent a letter to another unit can still take that back.
        reached = or_(of_units(self.units), PetitionRow.decided_by == self.account_key)
        return or_(and_(ordinary, reached), among)


def of_units(codes: frozenset[str]) -> ColumnElement[bool]:
    """Petitions about, handled by, or taken in by one of the units."""
    listed = sorted(codes)
    columns = (PetitionRow.subject_unit, PetitionRow.handling_unit, PetitionRow.intake_unit)
    return or_(*(column.in_(listed) for column in columns))


@dataclass(frozen=True, slots=True)
class Intake:
    """A petition to take in, and what is known of it beside its words. `numbered`: it is a row of a ledger."""

    petition: Petition
    confidential: bool = False
    blind: bool = False
    readers: tuple[int, ...] = ()
    intake_unit: str | None = None
    source: str | None = None
    numbered: bool = False


def add_petition(work: Work, intake: Intake, suggestion: dict[str, Any] | None, account_key: int | None) -> PetitionRow:
    """Stores a petition with its suggestion, if there is one.

    Raises:
        ConflictError: a reader that is no account.
    """
    petition = intake.petition
    row = PetitionRow(
        id=petition.id,
        received=petition.received,
        received_on=day_of(petition.received),
        channel=petition.channel,
        signed=bool(petition.petitioner.strip()),
        confidential=intake.confidential,
        blind=intake.blind,
        intake_unit=intake.intake_unit,
        source=intake.source,
        source_row=petition.row if intake.source else None,
        created_by=account_key,
    )
    work.session.add(row)
    work.session.flush()
    work.session.add(
        PetitionText(
            petition_key=row.key,
            title=petition.title,
            text=petition.text,
            petitioner=petition.petitioner,
            phone=petition.phone,
            extra=petition.extra,
        )
    )
    work.session.add(LinkTask(petition_key=row.key))
    set_readers(work, row, intake.readers)
    work.audit("petition.create", f"petition:{row.key}", confidential=row.confidential, blind=row.blind)
    if suggestion is not None:
        add_suggestion(work, row, suggestion)
    return row


def misfit(petition: Petition) -> str:
    """Why the store cannot hold a petition; "" where it can."""
    too_long = [name for name, most in LONGEST.items() if len(getattr(petition, name)) > most]
    told = ", ".join(f"{name} (at most {LONGEST[name]:,} characters)" for name in too_long)
    return f"longer than the store holds: {told}" if told else ""


def set_readers(work: Work, row: PetitionRow, readers: Sequence[int]) -> None:
    """Names who may see a confidential petition. Raises ConflictError for a reader that is no account."""
    session = work.session
    known = set(session.scalars(select(AccountRow.key).where(AccountRow.key.in_(set(readers)))))
    if known != set(readers):
        raise ConflictError("reader_unknown", "A reader is no account; name accounts by their keys")
    present = {one.account_key: one for one in _readers(session, row.key)}
    for key in present.keys() - known:
        session.delete(present[key])
    session.add_all(PetitionReader(petition_key=row.key, account_key=key) for key in known - present.keys())


def _readers(session: Session, key: int) -> Sequence[PetitionReader]:
    return session.scalars(select(PetitionReader).where(PetitionReader.petition_key == key)).all()


def readers_of(session: Session, key: int) -> list[int]:
    """Keys of the accounts that may see a confidential petition."""
    return sorted(one.account_key for one in _readers(session, key))


def add_suggestion(work: Work, row: PetitionRow, suggestion: dict[str, Any]) -> SuggestionRow:
    """Keeps a suggestion as it is shown; an undecided petition is listed by it."""
    stored = SuggestionRow(
        petition_key=row.key,
        model_version=suggestion["version"],
        body=suggestion,
        withheld=row.blind and row.decision_key is None,
    )
    work.session.add(stored)
    work.session.flush()
    if row.decision_key is None:
        apply_state(row, state_of_suggestion(suggestion))
    work.audit("suggestion.create", f"petition:{row.key}", version=stored.model_version)
    return stored


def apply_state(row: PetitionRow, state: State) -> None:
    """What holds now, for lists and filters."""
    row.kind, row.content, row.primary = state.kind, state.content, state.primary
    row.subject_unit, row.handling_unit = state.subject_unit, state.handling_unit
    row.priority = 0 if state.urgent else 1


def day_of(received: str) -> str | None:
    """The day of a written date, ISO, where it begins with one."""
    match = _DAY.match(received)
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else None


def petition_of(session: Session, sight: Sight, key: int, *, lock: bool = False) -> PetitionRow:
    """The petition, locked against other writers if so asked.

    Raises:
        NotFoundError: it does not exist or is not this account's to see.
    """
    query = select(PetitionRow).where(PetitionRow.key == key, sight.condition())
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFoundError("petition")
    return row


def last_suggestion(session: Session, key: int) -> SuggestionRow | None:
    """The suggestion that holds for a petition."""
    query = select(SuggestionRow).where(SuggestionRow.petition_key == key).order_by(SuggestionRow.key.desc())
    return session.scalar(query.limit(1))


def last_suggestions(session: Session, keys: Collection[int]) -> dict[int, dict[str, Any]]:
    """Petition key → the suggestion that holds, for those that have one."""
    last = select(func.max(SuggestionRow.key)).where(SuggestionRow.petition_key.in_(keys))
    query = select(SuggestionRow.petition_key, SuggestionRow.body).where(
        SuggestionRow.key.in_(last.group_by(SuggestionRow.petition_key))
    )
    return dict(session.execute(query).all())


def holder_of(session: Session, row: PetitionRow) -> AccountRow | None:
    """Who has the petition open now."""
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until < now():
        return None
    return session.get(AccountRow, row.claimed_by)
