"""Matters: clerks merge and split them; every change can be undone as long as its petitions have not moved again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from service.store.audit import Work
from service.store.errors import ConflictError, NotFoundError, RefusedError
from service.store.petition_tables import LinkRow, MatterChange, MatterRow, PetitionRow
from service.store.petitions import Sight

MatterLine = tuple[int, int, str | None, str | None]
"""Matter key, how many petitions the caller sees of it, the first and last day they were received."""
Move = tuple[int, int | None, int | None]
"""Petition key, matter key before and after."""


def merge(work: Work, sight: Sight, keys: Sequence[int]) -> MatterChange:
    """Puts petitions, and all others of their matters, into one matter: the oldest of theirs, or a new one.

    Raises:
        NotFoundError: one of them is not this account's to see.
        RefusedError: they are one matter already.
    """
    rows = _seen(work.session, sight, keys)
    matters = sorted({row.matter_key for row in rows if row.matter_key is not None})
    # Petitions of these matters that the clerk may not see move as well: a matter is not torn by who looks at it.
    rows = _with_members(work.session, rows, matters)
    target = matters[0] if matters else _new_matter(work.session)
    moves = [(row.key, row.matter_key, target) for row in rows if row.matter_key != target]
    if not moves:
        raise RefusedError("one_matter", "These petitions are one matter already")
    return _change(work, "merge", sight.account_key, rows, moves)


def split(work: Work, sight: Sight, keys: Sequence[int]) -> MatterChange:
    """Takes petitions out of their matter; two or more become a matter of their own.

    Raises:
        NotFoundError: one of them is not this account's to see.
        RefusedError: they belong to no matter, or to several.
    """
    rows = _seen(work.session, sight, keys)
    if len({row.matter_key for row in rows}) != 1 or rows[0].matter_key is None:
        raise RefusedError("several_matters", "Name petitions of one matter")
    target = _new_matter(work.session) if len(rows) > 1 else None
    moves = [(row.key, row.matter_key, target) for row in rows]
    return _change(work, "split", sight.account_key, rows, moves)


def undo(work: Work, sight: Sight, change_key: int) -> MatterChange:
    """Moves the petitions of a change back.

    Raises:
        NotFoundError: there is no such change; or it is another's, and a petition of it is not this account's to see.
        ConflictError: it was undone already, or a petition has moved since.
    """
    change = work.session.get(MatterChange, change_key)
    if change is None:
        raise NotFoundError("change")
    undone = work.session.scalar(select(MatterChange.key).where(MatterChange.undoes == change_key))
    if undone is not None:
        raise ConflictError("undone", "This change was undone already", change=undone)
    keys = [move[0] for move in change.moves]
    # One's own merge may have moved petitions that one does not see; it can be taken back all the same.
    own = change.account_key == sight.account_key
    rows = _locked(work.session, PetitionRow.key.in_(keys)) if own else _seen(work.session, sight, keys)
    place = {row.key: row.matter_key for row in rows}
    if any(place[petition] != after for petition, _, after in change.moves):
        raise ConflictError("moved", "A petition of this change has moved since; undo the later change first")
    moves = [(petition, after, before) for petition, before, after in change.moves]
    return _change(work, "undo", sight.account_key, rows, moves, undoes=change_key)


def _seen(session: Session, sight: Sight, keys: Sequence[int]) -> list[PetitionRow]:
    wanted = sorted(set(keys))
    rows = _locked(session, and_(PetitionRow.key.in_(wanted), sight.condition()))
    if len(rows) != len(wanted):
        raise NotFoundError("petition")
    return rows


def _with_members(session: Session, rows: list[PetitionRow], matters: Sequence[int]) -> list[PetitionRow]:
    keys = [row.key for row in rows]
    return rows + _locked(session, and_(PetitionRow.matter_key.in_(matters), PetitionRow.key.not_in(keys)))


def _locked(session: Session, condition: ColumnElement[bool]) -> list[PetitionRow]:
    query = select(PetitionRow).where(condition).order_by(PetitionRow.key)
    return list(session.scalars(query.with_for_update()))


def _new_matter(session: Session) -> int:
    matter = MatterRow()
    session.add(matter)
    session.flush()
    return matter.key


def _change(
    work: Work,
    action: str,
    account_key: int,
    rows: Sequence[PetitionRow],
    moves: Sequence[Move],
    undoes: int | None = None,
) -> MatterChange:
    by_key = {row.key: row for row in rows}
    for petition, _, after in moves:
        by_key[petition].matter_key = after
    change = MatterChange(action=action, moves=[list(move) for move in moves], undoes=undoes, account_key=account_key)
    work.session.add(change)
    work.session.flush()
    work.audit(f"matter.{action}", f"change:{change.key}", petitions=[move[0] for move in moves])
    return change


def seen_among(session: Session, sight: Sight, keys: Collection[int]) -> set[int]:
    """Those of the petitions that the caller may see."""
    return set(session.scalars(select(PetitionRow.key).where(PetitionRow.key.in_(keys), sight.condition())))


def list_matters(
    session: Session, sight: Sight, *, after: int, limit: int
) -> list[tuple[int, int, str | None, str | None]]:
    """Matters with a petition that the caller sees, the newest first."""
    query = (
        select(
            PetitionRow.matter_key,
            func.count(),
            func.min(PetitionRow.received_on),
            func.max(PetitionRow.received_on),
        )
        .where(PetitionRow.matter_key.is_not(None), sight.condition())
        .group_by(PetitionRow.matter_key)
        .order_by(PetitionRow.matter_key.desc())
        .limit(limit)
    )
    if after:
        query = query.where(PetitionRow.matter_key < after)
    return [(row[0] or 0, row[1], row[2], row[3]) for row in session.execute(query)]


def links_of(session: Session, sight: Sight, key: int) -> list[LinkRow]:
    """The program's links of a petition to others that the caller may see, the strongest first."""
    query = select(LinkRow).where((LinkRow.first_key == key) | (LinkRow.second_key == key))
    links = session.scalars(query.order_by(LinkRow.score.desc(), LinkRow.key)).all()
    others = {link.first_key for link in links} | {link.second_key for link in links}
    # Asked for these few keys only: as a part of the query above it would be worked out for all petitions.
    seen = seen_among(session, sight, others)
    return [link for link in links if {link.first_key, link.second_key} <= seen]
