"""What the kinds of jobs do with an upload: what counts as one item, what becomes of it, which rows the result has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from corpus.records import Petition
from models.suggester import Suggester
from service.commands.tag import json_row, table_row
from service.jobs.reading import Item, Source, petition_items
from service.office import Office
from service.reserved import HeldBackPetition, held_back
from service.store.jobs import Outcome

JSON = "jsonl"
LOOKED = "no"
"""What the sender says after having looked: no petition of the upload falls under Art. 15."""


@dataclass(frozen=True)
class Tools:
    """What a worker has at hand."""

    suggester: Suggester
    office: Office


@dataclass(frozen=True, slots=True)
class Chunk:
    """Results of some items. `held` counts those that Art. 15 keeps out, by rule and by who saw it."""

    outcomes: list[Outcome]
    held: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job. `most` items are done in one transaction."""

    most: int
    items: Callable[[Iterable[Source]], Iterator[Item]]
    work: Callable[[Sequence[Item], Tools, Mapping[str, Any]], Chunk]


def tag(items: Sequence[Item], tools: Tools, options: Mapping[str, Any]) -> Chunk:
    """Suggestions for petitions. One that Art. 15 keeps out leaves no word behind, only where it goes."""
    held: dict[int, HeldBackPetition] = {}
    petitions: dict[int, Petition] = {}
    office, flag = tools.office, options.get("reserved")
    for item in items:
        if item.petition is None:
            continue
        kept_out = held_back(item.petition.full_text()[0], flag, office.ranks, office.heads, date.today())
        if kept_out is None:
            petitions[item.number] = item.petition
        else:
            held[item.number] = kept_out
    suggestions = tools.suggester.suggest_all(petitions.values())
    row_of = json_row if options["format"] == JSON else table_row
    rows = {
        number: row_of((petition, suggestion.to_dict()))
        for (number, petition), suggestion in zip(petitions.items(), suggestions, strict=True)
    }
    outcomes = [_outcome(item, held.get(item.number), rows.get(item.number)) for item in items]
    return Chunk(outcomes, Counter((one.rule, one.seen_by) for one in held.values()))


def _outcome(item: Item, held: HeldBackPetition | None, row: dict[str, Any] | None) -> Outcome:
    problem = item.problem if held is None else what_to_do(held)
    return Outcome(item.number, item.file, item.row, problem, None if row is None else {"rows": [row]})


def what_to_do(held: HeldBackPetition) -> str:
    """What stands in place of a petition that Art. 15 keeps out."""
    return (
        f"依《纪检监察机关处理检举控告工作规则》第十五条不予录入：{held.goes_to}，{held.by.isoformat()} 前办理。"
        "核对后确认不属于此类的，可注明 reserved=no 重新提交。"
    )


def result_rows(outcomes: Iterable[Outcome]) -> Iterator[dict[str, Any]]:
    """The rows of the result, each with its file and row, and why it was not read or what was repaired."""
    for one in outcomes:
        source = {"source_file": one.file, "source_row": one.row or "", "problem": one.problem}
        for row in (one.body or {"rows": [{}]})["rows"]:
            yield {**source, **{f"input_{name}" if name in source else name: cell for name, cell in row.items()}}


KINDS = {"tag": Kind(256, petition_items, tag)}
