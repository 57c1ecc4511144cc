"""Which petitions of a file the store has, by whichever door they came: `fenban import` or an upload.

A petition is known by its file's content, its part of the file (an entry of an archive, a sheet) and its row there. A
ledger that was saved again is another file: a row of it is known where a letter of the same unit is the same in all its
fields, its number included.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from corpus.records import Petition
from service.store.engine import Store
from service.store.petition_tables import PetitionRow, PetitionText
from service.store.petitions import Intake

REGISTRATION = (
    *(PetitionRow.id, PetitionRow.received, PetitionRow.channel),
    *(PetitionText.petitioner, PetitionText.phone, PetitionText.title, PetitionText.text),
)
"""What makes two rows of ledgers one letter, where all of it is the same."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a petition stands in a file.

    `sheet` of a workbook that has several with rows, `entry` of an archive, both from 1 (0: none). `number` counts all
    that was read of the file; earlier versions told the petitions of an upload apart by it.
    """

    row: int
    number: int
    sheet: int = 0
    entry: int = 0


@dataclass(frozen=True)
class ImportedFile:
    """What the store has of the file with this SHA-256. Asks the database once for every part of the file."""

    store: Store
    sha256: str
    _rows: dict[str, set[int]] = field(default_factory=dict)

    def source(self, place: Place) -> str:
        """What petitions of this part of the file name as their source."""
        part = ".".join(str(one) for one in (place.entry, place.sheet) if one)
        return f"{self._whole}#{part}" if part else self._whole

    def has(self, place: Place, text: str) -> bool:
        """Whether the petition at this place is in the store."""
        if place.row in self._of(self.source(place)) or place.number in self._of(f"upload:{self.sha256}"):
            return True
        return bool(place.sheet) and place.row in self._of(self._whole) and self._had(place.row, text)

    @property
    def _whole(self) -> str:
        return f"sha256:{self.sha256}"

    def _of(self, source: str) -> set[int]:
        if source not in self._rows:
            with self.store.read() as session:
                self._rows[source] = imported_rows(session, source)
        return self._rows[source]

    def _had(self, row: int, text: str) -> bool:
        """Whether an earlier version, to which the rows of all sheets were one, took in this very text."""
        found = (
            select(PetitionRow.key)
            .join(PetitionText)
            .where(PetitionRow.source == self._whole, PetitionRow.source_row == row, PetitionText.text == text)
        )
        with self.store.read() as session:
            return bool(session.scalar(select(exists(found))))


def unregistered(store: Store, intakes: Sequence[Intake]) -> list[bool]:
    """For each, whether neither the store has it from another file nor an earlier one is the same. All are of one unit.

    A letter that is a file of its own has no number, so that it is not looked for: two people may send the same words.
    """
    ids = {one.petition.id for one in intakes if one.numbered}
    known = _registered(store, ids, intakes[0].intake_unit) if ids else set()
    new = []
    for one in intakes:
        registration = _registration(one.petition)
        new.append(not one.numbered or registration not in known)
        known.add(registration)
    return new


def _registration(petition: Petition) -> tuple[str, ...]:
    return tuple(getattr(petition, column.key) for column in REGISTRATION)


def _registered(store: Store, ids: Collection[str], unit: str | None) -> set[tuple[str, ...]]:
    query = select(*REGISTRATION).join(PetitionText).where(PetitionRow.id.in_(ids), PetitionRow.intake_unit == unit)
    with store.read() as session:
        return {tuple(row) for row in session.execute(query)}


def imported_rows(session: Session, source: str) -> set[int]:
    """Rows of a part of a file that were taken in before."""
    rows = session.scalars(select(PetitionRow.source_row).where(PetitionRow.source == source))
    return {row for row in rows if row is not None}
