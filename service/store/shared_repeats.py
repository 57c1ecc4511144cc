"""The tables of the shared index of repeats, on PostgreSQL: opened, written and asked by any number of processes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, delete, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.orm import Session

from service.store.engine import Store
from service.store.link_tasks import INDEX_LOCK, queue_all
from service.store.repeat_tables import RepeatAbout, RepeatKey, RepeatLetter, RepeatRarity
from service.store.repeat_vectors import TABLE, drop_vectors, has_vectors, make_vectors, put_vector

SNAPSHOT_LOCK = 815_004
"""Key of PostgreSQL's advisory lock that lets one process at a time make a snapshot."""
SALT_BYTES = 16
_EVERY = ", ".join(one.__tablename__ for one in (RepeatAbout, RepeatRarity, RepeatLetter, RepeatKey))


@dataclass(frozen=True, slots=True)
class About:
    """What the index was made with, and whether it has vectors."""

    fingerprint: str
    salt: bytes
    vectors: bool


def open_shared(store: Store, fingerprint: str, dimensions: int) -> About:
    """The index of this database; one of another fingerprint is emptied, and all petitions wait to be linked anew.

    So they do where vectors can be kept for the first time. Batches that other processes have claimed end before.
    """
    with store.write() as session:
        session.execute(select(func.pg_advisory_xact_lock(INDEX_LOCK)))
        about = session.get(RepeatAbout, 1)
        fresh = about is None or about.fingerprint != fingerprint
        if fresh:
            session.execute(text(f"TRUNCATE {_EVERY}"))
            drop_vectors(session)
            session.expunge_all()
            about = RepeatAbout(key=1, fingerprint=fingerprint, salt=secrets.token_bytes(SALT_BYTES))
            session.add(about)
            session.flush()
        vectors = has_vectors(session)
        if not vectors:
            vectors = make_vectors(session, dimensions)
            fresh = fresh or vectors
        if fresh:
            queue_all(session)
        assert about is not None
        return About(about.fingerprint, bytes(about.salt), vectors)


def is_unchanged(session: Session, about: About) -> bool:
    """Whether the index is still the one that was opened; until this transaction ends, nobody empties it."""
    row = session.get(RepeatAbout, 1)
    return row is not None and (row.fingerprint, bytes(row.salt)) == (about.fingerprint, about.salt)


@dataclass(frozen=True, slots=True)
class Letter:
    """A petition as the index keeps it. `vector` is None where the index has none."""

    key: int
    epoch: int
    columns: bytes
    keys: Sequence[int]
    vector: Sequence[float] | None


def put_letter(session: Session, letter: Letter) -> None:
    """Keeps a petition, in the place of what was kept of it."""
    # The task that asks for this is done in a later transaction, which also brings this one to the disk.
    session.execute(text("SET LOCAL synchronous_commit = off"))
    row = {"petition_key": letter.key, "epoch": letter.epoch, "columns": letter.columns}
    session.execute(
        insert_or_update(RepeatLetter)
        .values(row)
        .on_conflict_do_update(index_elements=["petition_key"], set_={"epoch": letter.epoch, "columns": letter.columns})
    )
    session.execute(delete(RepeatKey).where(RepeatKey.petition_key == letter.key))
    session.execute(
        insert(RepeatKey).from_select(
            ["key", "petition_key"],
            select(func.unnest(_keys(letter.keys)), literal(letter.key)),
        )
    )
    if letter.vector is not None:
        put_vector(session, letter.key, letter.vector)


def take_out(session: Session, keys: Sequence[int], *, vectors: bool) -> None:
    """Forgets petitions; unknown keys are no fault."""
    for table in (RepeatKey, RepeatLetter):
        session.execute(delete(table).where(table.petition_key.in_(keys)))
    if vectors:
        session.execute(text(f"DELETE FROM {TABLE} WHERE petition_key = ANY(:keys)"), {"keys": list(keys)})


def sharing(session: Session, keys: Sequence[int], own: int, *, a_key: int, most: int) -> list[int]:
    """Petitions other than `own` that hold any of the keys, those with most of them first, then the earliest.

    Of a key that more than `a_key` hold, the latest count.
    """
    # In the key's own order and no further than the limit: a key may be held by half of all letters, which the planner,
    # who knows only how many hold one on average, would fetch and sort.
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    session.execute(text("SET LOCAL enable_seqscan = off"))
    asked = func.unnest(_keys(keys)).table_valued("key").render_derived("asked")
    holding = (
        select(RepeatKey.petition_key)
        .where(RepeatKey.key == asked.c.key, RepeatKey.petition_key != own)
        .order_by(RepeatKey.petition_key.desc())
        .limit(a_key)
        .lateral("holding")
    )
    found = (
        select(holding.c.petition_key)
        .select_from(asked.join(holding, text("true")))
        .group_by(holding.c.petition_key)
        .order_by(func.count().desc(), holding.c.petition_key)
        .limit(most)
    )
    return list(session.scalars(found))


def columns_of(session: Session, keys: Sequence[int]) -> list[tuple[int, bytes]]:
    """Keys and columns of those of the petitions that are in the index, ascending."""
    query = select(RepeatLetter.petition_key, RepeatLetter.columns).where(RepeatLetter.petition_key.in_(keys))
    return [(key, bytes(columns)) for key, columns in session.execute(query.order_by(RepeatLetter.petition_key))]


def columns_since(session: Session, epoch: int, after: int, most: int) -> list[tuple[int, bytes]]:
    """Keys and columns of petitions that came under an epoch, ascending from after a key."""
    query = (
        select(RepeatLetter.petition_key, RepeatLetter.columns)
        .where(RepeatLetter.epoch == epoch, RepeatLetter.petition_key > after)
        .order_by(RepeatLetter.petition_key)
        .limit(most)
    )
    return [(key, bytes(columns)) for key, columns in session.execute(query)]


def count_since(session: Session, epoch: int) -> int:
    """How many petitions came under an epoch."""
    return session.scalar(select(func.count()).where(RepeatLetter.epoch == epoch)) or 0


def snapshots_after(session: Session, epoch: int, most: int) -> list[RepeatRarity]:
    """The latest snapshots of rarity after an epoch, ascending."""
    query = select(RepeatRarity).where(RepeatRarity.epoch > epoch).order_by(RepeatRarity.epoch.desc()).limit(most)
    return list(session.scalars(query))[::-1]


def may_snapshot(session: Session) -> bool:
    """Whether no other process takes a snapshot; until this transaction ends, none will."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(SNAPSHOT_LOCK))))


def _keys(keys: Sequence[int]) -> ColumnElement[Any]:
    return literal(list(keys), ARRAY(BigInteger))
