"""How many petitions Art. 15 kept out."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from service.store.base import now
from service.store.engine import Store
from service.store.petition_tables import HeldBack


def count_held_back(store: Store, rule: str, seen_by: str) -> None:
    """Counts one more this month. Neither who sent it nor when it came is kept."""
    with store.write() as session:
        add_held_back(session, rule, seen_by, 1)


def add_held_back(session: Session, rule: str, seen_by: str, count: int) -> None:
    """Counts so many more this month, in a transaction of the caller's."""
    row = {"month": now().strftime("%Y-%m"), "rule": rule, "seen_by": seen_by, "count": count}
    key = ("month", "rule", "seen_by")
    more = {"count": HeldBack.count + count}
    if session.get_bind().dialect.name == "sqlite":
        session.execute(insert_sqlite(HeldBack).values(row).on_conflict_do_update(index_elements=key, set_=more))
    else:
        session.execute(insert_postgresql(HeldBack).values(row).on_conflict_do_update(index_elements=key, set_=more))


def held_back_counts(session: Session) -> list[HeldBack]:
    """The counts of all months."""
    return list(session.scalars(select(HeldBack).order_by(HeldBack.month, HeldBack.rule, HeldBack.seen_by)))
