"""The vectors of the shared index: a table of the extension pgvector, made where the server has it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

TABLE = "repeat_vectors"
CONNECTIVITY, EXPANSION_ADD = 16, 64
"""Of the graph of neighbours (HNSW): pgvector's own defaults, which fit up to some millions of letters."""
_EXTENSION = "vector"
_THERE = text("SELECT to_regclass(:name) IS NOT NULL").bindparams(name=TABLE)
_PUT = text(
    f"INSERT INTO {TABLE} VALUES (:key, CAST(:vector AS halfvec)) "
    "ON CONFLICT (petition_key) DO UPDATE SET vector = excluded.vector"
)
_NEAREST = text(f"SELECT petition_key FROM {TABLE} ORDER BY vector <=> CAST(:vector AS halfvec) LIMIT :most")
log = logging.getLogger("fenban")


def has_vectors(session: Session) -> bool:
    """Whether the table is there."""
    return bool(session.scalar(_THERE))


def make_vectors(session: Session, dimensions: int) -> bool:
    """Makes the table where the server has pgvector 0.7 or newer; without it, warns once and gives False."""
    if not _extension(session):
        log.warning(
            "repeats: the database server has no pgvector 0.7 or newer, so letters that say the same in other words "
            "and share no name, place or rare word are not compared; install it, run CREATE EXTENSION vector, restart"
        )
        return False
    # No foreign key: a backup holds the other tables of the index, and puts them back without touching this one.
    session.execute(
        text(f"CREATE TABLE {TABLE} (petition_key bigint PRIMARY KEY, vector halfvec({int(dimensions)}) NOT NULL)")
    )
    session.execute(
        text(
            f"CREATE INDEX ix_{TABLE}_vector ON {TABLE} USING hnsw (vector halfvec_cosine_ops) "
            f"WITH (m = {CONNECTIVITY}, ef_construction = {EXPANSION_ADD})"
        )
    )
    return True


def drop_vectors(session: Session) -> None:
    """Takes the table away."""
    session.execute(text(f"DROP TABLE IF EXISTS {TABLE}"))


def put_vector(session: Session, key: int, vector: Sequence[float]) -> None:
    """Keeps the vector of a petition."""
    session.execute(_PUT, {"key": key, "vector": str(list(vector))})


def nearest(session: Session, vector: Sequence[float], most: int) -> list[int]:
    """Keys of the petitions whose vectors are nearest by cosine, found by the graph, so not always all of them."""
    return list(session.scalars(_NEAREST, {"vector": str(list(vector)), "most": most}))


def _extension(session: Session) -> bool:
    known = text("SELECT to_regtype('halfvec') IS NOT NULL")
    if session.scalar(known):
        return True
    try:
        with session.begin_nested():
            session.execute(text(f"CREATE EXTENSION IF NOT EXISTS {_EXTENSION}"))
    except DBAPIError:
        return False
    return bool(session.scalar(known))
