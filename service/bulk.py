"""Whole files of petitions into the store, in short transactions; a row that is there already is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from corpus.readers import read_petitions
from corpus.records import Petition, RowProblem
from models.store import file_hash
from models.suggester import Suggester
from service.intake import is_blind, keep_out
from service.office import Office
from service.reserved import HeldBackPetition
from service.store.audit import audited
from service.store.engine import Store
from service.store.petitions import Intake, add_petition, imported_rows

BATCH = 200
"""Petitions of one transaction: an interrupted import has lost none of those before."""


@dataclass(slots=True)
class ImportReport:
    """What became of a file's rows."""

    added: int = 0
    known: int = 0
    lost: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    held: list[tuple[int, HeldBackPetition]] = field(default_factory=list)


@dataclass(frozen=True)
class Importer:
    """Takes files in for one unit. `actor` is named in the audit chain."""

    store: Store
    office: Office
    suggester: Suggester | None
    blind_share: float
    actor: str
    unit: str | None = None
    account_key: int | None = None

    def take_in(self, path: Path) -> ImportReport:
        """Takes a file's petitions in; interrupted, it goes on where it stopped when it is run again.

        Raises:
            InputError: the file cannot be read at all.
        """
        report = ImportReport()
        source = _source(path)
        with self.store.read() as session:
            known = imported_rows(session, source)
        petitions = []
        for item in read_petitions(path):
            if isinstance(item, RowProblem):
                report.problems.append(item)
                report.lost += not item.kept
            elif item.row in known:
                report.known += 1
            elif (held := keep_out(self.store, self.office, item, None)) is not None:
                report.held.append((item.row, held))
            else:
                petitions.append(item)
                if len(petitions) == BATCH:
                    report.added += self.add(petitions, source)
                    petitions = []
        report.added += self.add(petitions, source)
        return report

    def add(self, petitions: Sequence[Petition], source: str) -> int:
        """One transaction for a batch from `source`; suggestions are made before it begins."""
        suggestions: list[dict[str, Any] | None] = [None] * len(petitions)
        if self.suggester is not None:
            suggestions = [one.to_dict() for one in self.suggester.suggest_all(petitions)]
        with audited(self.store, self.actor) as work:
            for petition, suggestion in zip(petitions, suggestions, strict=True):
                intake = Intake(
                    petition,
                    blind=is_blind(petition.text, self.blind_share),
                    intake_unit=self.unit,
                    source=source,
                )
                add_petition(work, intake, suggestion, self.account_key)
        return len(petitions)


def _source(path: Path) -> str:
    try:
        return f"sha256:{file_hash(path)}"
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from error
