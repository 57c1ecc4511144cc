"""What the kinds of jobs do with an upload: what counts as one item, what becomes of it, which rows the result has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import compress
from typing import Any

from corpus.errors import FenbanError
from corpus.readers import is_table
from corpus.records import Petition
from models.suggester import Failed, Suggester
from models.tagging import json_row, table_row
from service.chinese import in_chinese
from service.commands.findings import table_rows
from service.intake import is_blind
from service.jobs.reading import Item, Source, petition_items, reason_of, report_items, stem_of
from service.office import Office
from service.reserved import HeldBackPetition, held_back
from service.store.imports import ImportedFile, Place, unregistered
from service.store.jobs import Outcome
from service.store.petitions import Intake, misfit

JSON = "jsonl"
NO_FINDING = "no finding in it"
NUMBER = "序号"
"""A list of problems is numbered through; the lists of several reports stand in one table here."""


@dataclass(frozen=True)
class Tools:
    """What a worker has at hand.

    `file` tells which petitions of the upload are in the store already.
    """

    suggester: Suggester
    office: Office
    blind_share: float
    file: ImportedFile


@dataclass(frozen=True, slots=True)
class Chunk:
    """Results of some items.

    `held` counts the petitions that Art. 15 keeps out, by rule and by who saw it. `intakes` are those to be taken into
    the store, with their suggestions if there are any, by the number of their outcome.
    """

    outcomes: list[Outcome]
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    intakes: dict[int, tuple[Intake, dict[str, Any] | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job. `most` items are done in one transaction."""

    most: int
    items: Callable[[Iterable[Source]], Iterator[Item]]
    work: Callable[[Sequence[Item], Tools, Mapping[str, Any]], Chunk]


def tag(items: Sequence[Item], tools: Tools, options: Mapping[str, Any]) -> Chunk:
    """Suggestions for petitions."""
    row_of = json_row if options["format"] == JSON else table_row
    read = _read(items, tools, options)
    rows = {number: row_of((read.petitions[number], body)) for number, body in read.suggestions.items()}
    return Chunk([_outcome(item, read.problems, rows) for item in items], read.held)


def take_in(items: Sequence[Item], tools: Tools, options: Mapping[str, Any]) -> Chunk:
    """Petitions with their suggestions, to be taken into the store; those that are there already are left alone."""
    items = [_fitting(item) for item in items]
    read = _read(items, tools, options)
    made = ((item.number, _intake(item, tools, options)) for item in items if item.number in read.petitions)
    new = {number: intake for number, intake in made if intake is not None}
    fresh = compress(new, unregistered(tools.file.store, list(new.values())))
    intakes = {number: (new[number], read.suggestions.get(number)) for number in fresh}
    rows = {number: {"id": one.id, "taken_in": number in intakes} for number, one in read.petitions.items()}
    return Chunk([_outcome(item, read.problems, rows) for item in items], read.held, intakes)


def _intake(item: Item, tools: Tools, options: Mapping[str, Any]) -> Intake | None:
    """What is stored of an item's petition; None where the store has it already."""
    petition, place = item.petition, Place(item.row, item.number, item.sheet, item.entry)
    if petition is None or tools.file.has(place, petition.text):
        return None
    return Intake(
        petition,
        blind=is_blind(petition.text, tools.blind_share),
        intake_unit=options.get("unit"),
        source=tools.file.source(place),
        numbered=is_table(item.file),
    )


def _fitting(item: Item) -> Item:
    """An item whose petition has a field that the store cannot hold becomes one that was not read."""
    reason = misfit(item.petition) if item.petition else ""
    return replace(item, petition=None, problem=reason) if reason else item


def find(items: Sequence[Item], tools: Tools, options: Mapping[str, Any]) -> Chunk:
    """The problems that reports state."""
    return Chunk([_found(item, tools, options) for item in items])


def _found(item: Item, tools: Tools, options: Mapping[str, Any]) -> Outcome:
    assert item.path is not None
    try:
        found = [replace(one, report=stem_of(item.file)) for one in tools.suggester.findings(item.path)]
    except FenbanError as error:
        return Outcome(item.number, item.file, 0, 0, reason_of(error, item.path), None)
    if options["format"] == JSON:
        rows = [one.to_dict() for one in found]
    else:
        rows = [{name: cell for name, cell in row.items() if name != NUMBER} for row in table_rows(found)]
    return Outcome(item.number, item.file, 0, 0, "" if rows else NO_FINDING, {"rows": rows or [{}]})


@dataclass(frozen=True, slots=True)
class _Read:
    """By the items' numbers: petitions that Art. 15 lets in, their suggestions, and why there are none.

    `held` as in `Chunk`.
    """

    petitions: dict[int, Petition] = field(default_factory=dict)
    suggestions: dict[int, dict[str, Any]] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)


def _read(items: Sequence[Item], tools: Tools, options: Mapping[str, Any]) -> _Read:
    read = _Read()
    office, flag = tools.office, options.get("reserved")
    for item in items:
        if item.petition is None:
            continue
        kept_out = held_back(item.petition.full_text()[0], flag, office.ranks, office.heads, date.today())
        if kept_out is None:
            read.petitions[item.number] = item.petition
        else:
            # Of what Art. 15 keeps out no word is left, only where it goes.
            read.problems[item.number] = what_to_do(kept_out)
            read.held[kept_out.rule, kept_out.seen_by] += 1
    found = tools.suggester.suggest_each(read.petitions.values())
    for number, suggestion in zip(read.petitions, found, strict=True):
        if isinstance(suggestion, Failed):
            read.problems[number] = str(suggestion)
        else:
            read.suggestions[number] = suggestion.to_dict()
    return read


def _outcome(item: Item, problems: Mapping[int, str], rows: Mapping[int, dict[str, Any]]) -> Outcome:
    row = rows.get(item.number)
    problem = problems.get(item.number, item.problem)
    return Outcome(item.number, item.file, item.sheet, item.row, problem, None if row is None else {"rows": [row]})


def what_to_do(held: HeldBackPetition) -> str:
    """What stands in place of a petition that Art. 15 keeps out."""
    return (
        f"依《纪检监察机关处理检举控告工作规则》第十五条不予录入：{held.way()}。"
        "核对后确认不属于此类的，单独上传此件，并勾选“已逐件核对，没有第十五条所列的来信”。"
    )


def result_rows(outcomes: Iterable[Outcome], format: str) -> Iterator[dict[str, Any]]:
    """The rows of the result, each with its file and place there, and why it was not read or what was repaired.

    That is told in Chinese in a table, which clerks open, and as the interface tells it in jsonl, which programs read.
    """
    for one in outcomes:
        sheet = {"source_sheet": one.sheet} if one.sheet else {}
        problem = one.problem if format == JSON else in_chinese(one.problem)
        source = {"source_file": one.file, **sheet, "source_row": one.row or "", "problem": problem}
        for row in (one.body or {"rows": [{}]})["rows"]:
            yield {**source, **{f"input_{name}" if name in source else name: cell for name, cell in row.items()}}


KINDS = {
    "tag": Kind(256, petition_items, tag),
    "import": Kind(100, petition_items, take_in),
    # A report may take seconds; each is kept as soon as it is read.
    "findings": Kind(1, report_items, find),
}
