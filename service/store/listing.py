"""Pages and counts of petitions, filtered; what an account may not see is in neither."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from service.store.petition_tables import OPEN, STATUSES, PetitionRow, PetitionText
from service.store.petitions import Sight, of_units


@dataclass(frozen=True, slots=True)
class Filters:
    """Which petitions are asked for; what is None is not asked."""

    status: str | None = None
    units: frozenset[str] | None = None
    category: str | None = None
    urgent: bool | None = None
    since: str | None = None
    until: str | None = None
    matter: int | None = None
    words: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """For the WHERE of a query over petitions."""
        conditions: list[ColumnElement[bool]] = []
        if self.status is not None:
            conditions.append(PetitionRow.status == self.status)
        if self.units is not None:
            conditions.append(of_units(self.units))
        if self.category is not None:
            conditions.append(_in_category(self.category))
        if self.urgent is not None:
            conditions.append(PetitionRow.priority == (0 if self.urgent else 1))
        if self.since is not None:
            conditions.append(PetitionRow.received_on >= self.since)
        if self.until is not None:
            conditions.append(PetitionRow.received_on <= self.until)
        if self.matter is not None:
            conditions.append(PetitionRow.matter_key == self.matter)
        if self.words:
            conditions.append(_with_words(self.words))
        return conditions


def _in_category(category: str) -> ColumnElement[bool]:
    """A content path or the beginning of one, or a problem's code or its point's."""
    content = or_(PetitionRow.content == category, PetitionRow.content.startswith(f"{category}/", autoescape=True))
    primary = or_(PetitionRow.primary == category, PetitionRow.primary.startswith(f"{category}.", autoescape=True))
    return or_(content, primary)


def _with_words(words: str) -> ColumnElement[bool]:
    texts = (PetitionText.title, PetitionText.text, PetitionText.petitioner, PetitionText.phone)
    found = or_(*(column.contains(words, autoescape=True) for column in texts))
    return or_(PetitionRow.id == words, PetitionRow.key.in_(select(PetitionText.petition_key).where(found)))


def list_petitions(
    session: Session, sight: Sight, filters: Filters, *, newest: bool, after: tuple[int, int] | None, limit: int
) -> list[tuple[PetitionRow, PetitionText]]:
    """A page of petitions: the queue's order (urgent first, then the oldest), or the newest first.

    Args:
        session: to read with.
        sight: what the caller may see.
        filters: what is asked for.
        newest: the newest first.
        after: priority and key of the page before's last petition.
        limit: how many at most.
    """
    query = select(PetitionRow, PetitionText).join(PetitionText).where(sight.condition(), *filters.conditions())
    if newest:
        query = query.order_by(PetitionRow.key.desc())
        if after is not None:
            query = query.where(PetitionRow.key < after[1])
    else:
        query = query.order_by(PetitionRow.priority, PetitionRow.key)
        if after is not None:
            query = query.where(tuple_(PetitionRow.priority, PetitionRow.key) > tuple_(*after))
    return [(found[0], found[1]) for found in session.execute(query.limit(limit))]


def count_petitions(session: Session, sight: Sight, filters: Filters) -> dict[str, int]:
    """Status → how many, and `urgent`: how many of the open ones."""
    query = (
        select(PetitionRow.status, PetitionRow.priority, func.count())
        .where(sight.condition(), *filters.conditions())
        .group_by(PetitionRow.status, PetitionRow.priority)
    )
    counts = {**dict.fromkeys(STATUSES, 0), "urgent": 0}
    for status, priority, count in session.execute(query):
        counts[status] += count
        if status == OPEN and priority == 0:
            counts["urgent"] += count
    return counts
