"""The audit chain: every reading of a full text and every change, each entry bound to the one before by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.store.account_tables import AuditRow
from service.store.base import now
from service.store.engine import Store

LOCK = 815_002
"""Key of PostgreSQL's advisory lock that lets one transaction at a time add to the chain."""
START = "0" * 64
"""What stands before the first entry."""
SYSTEM = "system"
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to what. `detail` holds keys, codes and counts, never words of a petition."""

    action: str
    object: str
    detail: dict[str, Any]


@dataclass(slots=True)
class Work:
    """A transaction with the entries that it will add to the chain."""

    session: Session
    actor: str
    events: list[Event] = field(default_factory=list)

    def audit(self, action: str, object: str, **detail: Any) -> None:
        """Notes an event; it is written when the transaction ends, or not at all where that fails."""
        self.events.append(Event(action, object, detail))


@contextmanager
def audited(store: Store, actor: str) -> Iterator[Work]:
    """A write transaction whose noted events join the chain with it."""
    with store.write() as session:
        work = Work(session, actor)
        yield work
        # Last of all: the chain's lock is held only until the commit that follows.
        append(session, actor, work.events)


def append(session: Session, actor: str, events: Sequence[Event]) -> None:
    """Adds entries to the end of the chain."""
    if not events:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    last = session.execute(select(AuditRow.number, AuditRow.hash).order_by(AuditRow.number.desc()).limit(1)).first()
    number, previous = (last.number, last.hash) if last else (0, START)
    at = now().isoformat()
    for event in events:
        number += 1
        row = AuditRow(
            number=number,
            at=at,
            actor=actor,
            action=event.action,
            object=event.object,
            detail=event.detail,
            previous=previous,
        )
        row.hash = previous = entry_hash(row)
        session.add(row)
    session.flush()


def entry_hash(row: AuditRow) -> str:
    """SHA-256 over the entry as canonical JSON (sorted keys, no blanks, UTF-8) with the previous hash in it."""
    fields = ("number", "at", "actor", "action", "object", "detail", "previous")
    entry = {name: getattr(row, name) for name in fields}
    canonical = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the chain holds: entries that are right, the last right hash, the first broken number or None."""

    entries: int
    last_hash: str
    broken: int | None = None
    known: bool = True
    """Whether the hash that was asked for stands in the chain."""


def verify(session: Session, known_hash: str = "") -> Verification:
    """Walks the chain from its first entry.

    A chain cannot show that its end was cut off; who noted an earlier last hash can ask for it as `known_hash`.
    """
    previous, number, found = START, 0, not known_hash
    query = select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=1_000)
    with closing(session.scalars(query)) as rows:
        for row in rows:
            if row.number != number + 1 or row.previous != previous or row.hash != entry_hash(row):
                return Verification(number, previous, number + 1, found)
            previous, number = row.hash, row.number
            found = found or row.hash == known_hash
    return Verification(number, previous, None, found)
