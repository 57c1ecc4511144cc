"""Petitions that wait to be linked: put there with the petition, claimed by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import delete, func, select, text, true
from sqlalchemy.orm import Session

from service.store.base import insert_if_new
from service.store.engine import Store
from service.store.petition_tables import PetitionRow
from service.store.repeat_tables import LinkTask

INDEX_LOCK = 815_003
"""Key of PostgreSQL's advisory lock on the shared index: any number of batches, or one process that makes it anew."""
LONGEST = "15min"
"""So long may one process have petitions in its hands."""


@dataclass(slots=True)
class Claim:
    """Petitions in one process's hands; those in `done` leave the queue at the end."""

    keys: Sequence[int]
    done: list[int] = field(default_factory=list)


@contextmanager
def claimed(store: Store, most: int) -> Iterator[Claim]:
    """The petitions that have waited longest, of those that no other process holds.

    PostgreSQL's locks go with the connection, so what a killed process held is free at once. SQLite would let nobody
    write meanwhile; there the caller sees to it that it is the only one.
    """
    waiting = select(LinkTask.petition_key).order_by(LinkTask.petition_key).limit(most)
    if store.is_sqlite:
        with store.read() as session:
            claim = Claim(session.scalars(waiting).all())
        yield claim
        if claim.done:
            with store.write() as session:
                _end(session, claim)
        return
    with store.write() as session:
        # No request waits for what is held here, and fifty of the longest letters take minutes on a busy machine.
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST}'"))
        # An index made anew meanwhile would lose them: they are linked for the one that was there, and leave the queue.
        session.execute(select(func.pg_advisory_xact_lock_shared(INDEX_LOCK)))
        claim = Claim(session.scalars(waiting.with_for_update(skip_locked=True)).all())
        yield claim
        _end(session, claim)


def queue_all(session: Session) -> None:
    """Lets every petition wait to be linked anew."""
    # SQLite would read ON CONFLICT behind a FROM as a join's condition.
    every = select(PetitionRow.key).where(true())
    session.execute(insert_if_new(session, LinkTask).from_select(["petition_key"], every))


def queue(session: Session, keys: Sequence[int]) -> None:
    """Lets these petitions wait to be linked."""
    if keys:
        session.execute(insert_if_new(session, LinkTask), [{"petition_key": key} for key in keys])


def _end(session: Session, claim: Claim) -> None:
    session.execute(delete(LinkTask).where(LinkTask.petition_key.in_(claim.done)))
