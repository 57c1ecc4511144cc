"""fenban repeats: files of petitions in, the matters that they repeat out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError, InputError
from service.reading import Reports, check_out

if TYPE_CHECKING:
    from corpus.records import Petition
    from models.repeats import RepeatFinder, Repeats
    from models.suggester import Suggester
    from models.suggestions import UnitSuggestion


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("repeats", help="find petitions about the same matter")
    parser.add_argument("input", nargs="+", type=Path, help="csv, xlsx, jsonl, parquet; a txt file is one petition")
    parser.add_argument("--out", required=True, type=Path, help="matters: jsonl, csv, xlsx or parquet")
    parser.add_argument("--pairs", type=Path, help="write the pairs behind the matters to this file as well")
    parser.add_argument("--against", nargs="+", default=[], type=Path, help="older ledger; only matters with new ones")
    parser.add_argument("--threshold", type=float, help="probability that joins two petitions, 0 to 1")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models")
    parser.add_argument("--county", type=Path, help="csv of the office's own units")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Finds repeats among the petitions of all files; what could not be read is told on standard error."""
    from tqdm import tqdm

    from corpus.writers import write_rows
    from models.repeats import RepeatFinder
    from models.suggester import Suggester

    check_out(options.out, (*options.input, *options.against))
    if options.pairs is not None:
        check_out(options.pairs, (*options.input, *options.against, options.out))
        if options.pairs.resolve() == options.out.resolve():
            raise InputError(options.pairs, "is the file of the matters as well; choose another name")
    if options.threshold is not None and not 0 < options.threshold < 1:
        raise FenbanError("--threshold must be between 0 and 1")
    reports = Reports()
    older = list(reports.petitions(options.against))
    petitions = [*older, *reports.petitions(options.input)]
    if len(petitions) == len(older):
        raise FenbanError("no petition could be read; nothing was written")
    finder = RepeatFinder.load(options.models, options.county)
    suggester = Suggester.load(options.models, options.county)
    with tqdm(total=len(petitions), unit="件", disable=not sys.stderr.isatty()) as bar:
        table = finder.table(petitions, bar.update)
    found = finder.find_in(table, len(older))
    found = found if options.threshold is None else found.at(options.threshold)
    count = write_rows(options.out, matter_rows(petitions, found, suggester, len(older)))
    if options.pairs is not None:
        write_rows(options.pairs, pair_rows(petitions, found, finder))
    print(f"fenban: {count} matters in {len(petitions)} petitions: {options.out}", file=sys.stderr)
    return 0


def matter_rows(
    petitions: Sequence[Petition], found: Repeats, suggester: Suggester, older: int
) -> Iterator[dict[str, Any]]:
    """The objects of the contract, oldest petition first; with an older ledger, matters that have a new petition."""
    for number, group in enumerate((one for one in found.matters() if one[-1] >= older), 1):
        rows = sorted(group, key=lambda row: (petitions[row].received, row))
        days = [petitions[row].received[:10] for row in rows if petitions[row].received]
        yield {
            "matter": f"M{number:06d}",
            "ids": [petitions[row].id for row in rows],
            "size": len(rows),
            "first": min(days, default=None),
            "last": max(days, default=None),
            "subject_unit": subject_of([petitions[row] for row in rows], suggester),
        }


def subject_of(petitions: Sequence[Petition], suggester: Suggester) -> dict[str, Any] | None:
    """The unit that most of a matter's petitions are about, as in `tag`; None where none is told."""
    votes: dict[str, list[UnitSuggestion]] = {}
    for suggestion in suggester.suggest_all(petitions):
        if (unit := suggestion.subject_unit) is not None:
            votes.setdefault(unit.code, []).append(unit)
    if not votes:
        return None
    most = max(votes.values(), key=lambda units: sum(unit.score for unit in units))
    score = round(sum(unit.score for unit in most) / len(petitions), 4)
    reason = f"{len(petitions)}件中{len(most)}件所指"
    return most[0]._replace(score=score, reason=reason, evidence=()).to_dict()


def pair_rows(petitions: Sequence[Petition], found: Repeats, finder: RepeatFinder) -> Iterator[dict[str, Any]]:
    """The objects of the contract; `a` is the petition that came first in the input, an older ledger before it."""
    from models.repeat_evidence import reasons

    for number in found.linked().tolist():
        a, b = (petitions[row] for row in found.scored.pairs[number].tolist())
        yield {
            "a": a.id,
            "b": b.id,
            "score": round(float(found.scored.scores[number]), 4),
            "relation": str(found.scored.relation[number]),
            "evidence": [reason.to_dict() for reason in reasons(a, b, finder.comparer)],
        }
