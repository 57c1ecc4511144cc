"""The one object that turns petitions into suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus.dictionary import domain_words
from corpus.documents import SUFFIXES, read_document
from corpus.errors import kind_and_place
from corpus.plain import plain_document
from corpus.records import Petition
from corpus.routing import load_routing
from corpus.units import demo_county, load_units
from models.categories import suggest_content, suggest_discipline
from models.content import ContentModel
from models.discipline import DisciplineModel
from models.evidence import Clauses
from models.facts import PeopleFinder, read_all
from models.features import occurrences
from models.finding_units import FindingUnits
from models.findings import FindingModel
from models.found import FindingReader, FoundFinding
from models.frames import petitions_of, tagged_frame
from models.loading import load_parts
from models.people import people_lists
from models.reading import read
from models.suggestions import Suggestion
from models.units import Batch, UnitSuggester
from nlp.tokenise import Tokeniser

BATCH = 256
BATCH_CHARACTERS = 150_000
"""Memory of a batch grows with its characters, about half a kilobyte each."""


@dataclass(frozen=True, slots=True)
class Failed:
    """In place of the suggestions for a petition at which the program fails.

    The error is told by its type and place: its words may quote the petition.
    """

    error: str

    @classmethod
    def by(cls, error: Exception) -> Failed:
        """Of an error that was raised."""
        return cls(kind_and_place(error))

    def __str__(self) -> str:
        return f"no suggestion: fenban failed at this petition ({self.error}); sort it by hand and report the fault"


@dataclass(frozen=True)
class Suggester:
    """Suggests categories for petitions. Made by `load`; safe to share between threads."""

    tokeniser: Tokeniser
    content: ContentModel
    discipline: DisciplineModel
    units: UnitSuggester
    people: PeopleFinder
    finding_model: FindingModel
    version: str
    loaded_from: tuple[Path | str | None, Path | str | None] = (None, None)
    """The version folder and the csv of units that `load` was given, for further processes."""

    @classmethod
    def load(cls, models: Path | str | None = None, county: Path | str | None = None) -> Suggester:
        """The shipped models, with the parts of the version folder `models` in place of the shipped ones.

        Args:
            models: a version folder.
            county: csv of the office's units; None takes the demo county's.

        Raises:
            ModelError: a version is missing, damaged, or was trained with another tokeniser.
            DataFileError: the units or the routing rules have faults.
        """
        tokeniser = Tokeniser(domain_words())
        parts, version = load_parts(tokeniser, None if models is None else Path(models))
        registry = demo_county() if county is None else load_units(Path(county))
        units = UnitSuggester(parts.subject, registry, load_routing(), parts.past)
        people = PeopleFinder(parts.people, people_lists(), tokeniser)
        loaded_from = (models, county)
        return cls(tokeniser, parts.content, parts.discipline, units, people, parts.findings, version, loaded_from)

    def suggest(self, petition: Petition | str) -> Suggestion:
        """The suggestions for one petition, or for a bare text."""
        if isinstance(petition, str):
            petition = Petition(text=petition)
        return next(self.suggest_all([petition]))

    def suggest_all(self, petitions: Iterable[Petition]) -> Iterator[Suggestion]:
        """Suggestions in the order of the petitions; reads ahead one batch and keeps nothing."""
        for batch in batches(petitions):
            yield from self._suggest_batch(batch)

    def suggest_each(self, petitions: Iterable[Petition]) -> Iterator[Suggestion | Failed]:
        """As `suggest_all`, but a petition at which the program fails keeps no other one from its suggestions."""
        for batch in batches(petitions):
            try:
                found: list[Suggestion] = self._suggest_batch(batch)
            except Exception:  # noqa: BLE001 - whatever it is, it is told for the petition that raises it
                yield from map(self._suggest_or_fail, batch)
            else:
                yield from found

    @cached_property
    def finding_reader(self) -> FindingReader:
        """What `findings` reads with."""
        view = self.units.views.on("")
        units = FindingUnits(view.finder, view.registry, self.tokeniser)
        return FindingReader(self.finding_model, self.discipline, self.tokeniser, units, self.people)

    def findings(self, source: Path | str) -> list[FoundFinding]:
        """The findings of a report, in its order.

        Args:
            source: a docx, pdf, html or txt file (a single line with such a suffix is a path), or the report's text.

        Raises:
            InputError: the file cannot be read.
        """
        path = Path(source) if isinstance(source, Path) or _is_path(source) else None
        document = plain_document(str(source)) if path is None else read_document(path)
        return self.finding_reader.read(document, "" if path is None else path.stem)

    def tag(self, petitions: Any, progress: bool = False, *, jobs: int | None = 1, lists: bool = True) -> Any:
        """A DataFrame in, the DataFrame with the suggestions' columns out; also takes a list of texts or petitions.

        Args:
            petitions: a DataFrame with a text column (English or Chinese headers), texts, or petitions.
            progress: show a progress bar.
            jobs: processes; None takes all cores where the number of petitions is worth it. A script must then call
                this below `if __name__ == "__main__":`, since processes read it again; a notebook need not care.
            lists: False leaves the whole lists with their evidence out, about nine tenths of the memory, and keeps the
                best label and unit of each.

        Raises:
            ValueError: a DataFrame without any text column.
            FenbanError: a process died.
        """
        from models.tagging import jobs_for, suggestions_of

        rows = petitions_of(petitions)
        found = suggestions_of(self, rows, jobs_for(len(rows)) if jobs is None else jobs)
        return tagged_frame(petitions, found, len(rows), progress=progress, lists=lists)

    def _suggest_or_fail(self, petition: Petition) -> Suggestion | Failed:
        try:
            return self.suggest(petition)
        except Exception as error:  # noqa: BLE001 - its message may quote the petition
            return Failed.by(error)

    def _suggest_batch(self, petitions: list[Petition]) -> list[Suggestion]:
        readings = [read(petition, self.tokeniser) for petition in petitions]
        found = occurrences(readings)
        clauses = Clauses(found, readings, [petition.text for petition in petitions])
        content = suggest_content(self.content, clauses)
        discipline, scores = suggest_discipline(self.discipline, clauses)
        shares = self.units.model.problem_shares(
            self.discipline.problems.labels, scores.problems, self.discipline.kind.labels, scores.kind
        )
        people = self.people.find_people(readings, petitions)
        units = self.units.suggest(Batch(petitions, readings, found, content, people, shares))
        facts = read_all(readings, petitions, people)
        return [
            Suggestion(
                id=petition.id,
                version=self.version,
                kind=problems.kind,
                content=labels,
                discipline=problems.problems,
                primary=problems.primary,
                subject_unit=named.subject_unit,
                handling_unit=named.handling_unit,
                urgent=problems.urgent,
                facts=stated,
            )
            for petition, labels, problems, named, stated in zip(
                petitions, content, discipline, units, facts, strict=True
            )
        ]


def batches(petitions: Iterable[Petition]) -> Iterator[list[Petition]]:
    """The petitions in lists of at most BATCH, and of at most BATCH_CHARACTERS unless one alone has more."""
    batch: list[Petition] = []
    characters = 0
    for petition in petitions:
        size = len(petition.text) + len(petition.title)
        if batch and (len(batch) == BATCH or characters + size > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(petition)
        characters += size
    if batch:
        yield batch


def _is_path(source: str) -> bool:
    return "\n" not in source and source.lower().endswith(SUFFIXES)
