"""Whole files of petitions into the store, in short transactions; a row that is there already is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from corpus.errors import FenbanError, InputError
from corpus.readers import is_table, read_petitions
from corpus.records import Petition, RowProblem, place_of
from models.store import file_hash
from models.suggester import Failed, Suggester
from models.suggestions import Suggestion
from service.intake import is_blind, keep_out
from service.office import Office
from service.reserved import HeldBackPetition
from service.store.audit import audited
from service.store.engine import Store
from service.store.imports import ImportedFile, Place, unregistered
from service.store.petitions import Intake, add_petition, misfit

BATCH = 200
"""Petitions of one transaction: an interrupted import has lost none of those before."""


@dataclass(slots=True)
class ImportReport:
    """What became of a file's rows."""

    added: int = 0
    known: int = 0
    lost: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    held: list[tuple[str, HeldBackPetition]] = field(default_factory=list)
    """With their places in the file."""

    def note(self, problem: RowProblem) -> None:
        """Keeps a row's problem, and counts the row where it was not read."""
        self.problems.append(problem)
        self.lost += not problem.kept


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
        new = self._new(path, report)
        while batch := list(islice(new, BATCH)):
            fresh = list(compress(batch, unregistered(self.store, batch)))
            report.known += len(batch) - len(fresh)
            suggestions = self._suggestions(fresh)
            report.added += self._add(fresh, suggestions)
            for intake, suggestion in zip(fresh, suggestions, strict=True):
                if isinstance(suggestion, Failed):
                    petition = intake.petition
                    report.note(RowProblem(path, petition.row, str(suggestion), kept=True, sheet=petition.sheet))
        return report

    def _new(self, path: Path, report: ImportReport) -> Iterator[Intake]:
        """The file's petitions that are to be stored; what becomes of the others is noted in the report."""
        file = ImportedFile(self.store, _sha256(path))
        number = 0
        for item in read_petitions(path):
            number += not (isinstance(item, RowProblem) and item.kept)
            if isinstance(item, RowProblem):
                report.note(item)
            elif file.has(place := Place(item.row, number, item.sheet), item.text):
                report.known += 1
            elif reason := misfit(item):
                report.note(RowProblem(path, item.row, reason, sheet=item.sheet))
            elif (held := keep_out(self.store, self.office, item, None)) is not None:
                report.held.append((place_of(item.row, item.sheet), held))
            else:
                yield self.intake(item, file.source(place), numbered=is_table(path.name))

    def intake(self, petition: Petition, source: str, *, numbered: bool = False) -> Intake:
        """What is stored of a petition from `source`; `numbered` as in `Intake`."""
        return Intake(
            petition,
            blind=is_blind(petition.text, self.blind_share),
            intake_unit=self.unit,
            source=source,
            numbered=numbered,
        )

    def add(self, intakes: Sequence[Intake]) -> int:
        """One transaction for a batch; suggestions are made before it begins.

        Raises:
            FenbanError: somebody else took one of them in at the same moment; nothing of the batch is stored.
        """
        return self._add(intakes, self._suggestions(intakes))

    def _suggestions(self, intakes: Sequence[Intake]) -> Sequence[Suggestion | Failed | None]:
        if self.suggester is None:
            return [None] * len(intakes)
        return list(self.suggester.suggest_each([one.petition for one in intakes]))

    def _add(self, intakes: Sequence[Intake], suggestions: Sequence[Suggestion | Failed | None]) -> int:
        try:
            with audited(self.store, self.actor) as work:
                for intake, one in zip(intakes, suggestions, strict=True):
                    body = one.to_dict() if isinstance(one, Suggestion) else None
                    add_petition(work, intake, body, self.account_key)
        except IntegrityError as error:
            raise FenbanError(
                "the same letters are being taken in elsewhere; when that has ended, run it again"
            ) from error
        return len(intakes)


def _sha256(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from error
