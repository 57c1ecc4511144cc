"""fenban repeats: files of petitions in, the matters that they repeat out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError, InputError
from service import engines
from service.reading import Reports, check_out

if TYPE_CHECKING:
    from corpus.records import Petition
    from models.repeats import RepeatFinder, Repeats
    from models.suggester import Suggester


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("repeats", help="find petitions about the same matter")
    parser.add_argument(
        "input", nargs="+", type=Path, help="csv, xlsx, jsonl, parquet; txt, docx, pdf, html: one petition a file"
    )
    parser.add_argument("--out", required=True, type=Path, help="matters: jsonl, csv, xlsx or parquet")
    parser.add_argument("--pairs", type=Path, help="write the pairs behind the matters to this file as well")
    parser.add_argument("--against", nargs="+", default=[], type=Path, help="older ledger; only matters with new ones")
    parser.add_argument("--threshold", type=float, help="probability that joins two petitions, 0 to 1")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models")
    parser.add_argument("--county", type=Path, help="csv of the office's own units")
    engines.add_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Finds repeats among the petitions of all files; what could not be read is told on standard error."""
    _check(options)
    if engines.is_spark(options):
        return engines.repeats(options)
    from tqdm import tqdm

    from corpus.writers import write_rows
    from models.repeats import RepeatFinder
    from models.suggester import Suggester

    reports = Reports()
    older = list(reports.petitions(options.against))
    petitions = [*older, *reports.petitions(options.input)]
    if len(petitions) == len(older):
        raise FenbanError("no petition could be read; nothing was written")
    finder = RepeatFinder.load(options.models, options.county)
    suggester = Suggester.load(options.models, options.county)
    with tqdm(total=len(petitions), unit="件", disable=not sys.stderr.isatty()) as bar:
        found = finder.find(petitions, bar.update, len(older))
    found = found if options.threshold is None else found.at(options.threshold)
    count = write_rows(options.out, rows_of_matters(petitions, found, suggester, len(older)))
    if options.pairs is not None:
        write_rows(options.pairs, rows_of_pairs(petitions, found, finder))
    print(f"fenban: {count} matters in {len(petitions)} petitions: {options.out}", file=sys.stderr)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Tells before the work what it could not write."""
    check_out(options.out, (*options.input, *options.against))
    if options.pairs is not None:
        check_out(options.pairs, (*options.input, *options.against, options.out))
        if options.pairs.resolve() == options.out.resolve():
            raise InputError(options.pairs, "is the file of the matters as well; choose another name")
    if options.threshold is not None and not 0 < options.threshold < 1:
        raise FenbanError("--threshold must be between 0 and 1")


def rows_of_matters(
    petitions: Sequence[Petition], found: Repeats, suggester: Suggester, older: int
) -> Iterator[dict[str, Any]]:
    """The matters of the contract; with an older ledger, those that have a new petition."""
    from models.repeat_rows import matter_rows
    from models.tagging import jobs_for, suggestions_of

    groups = [group for group in found.matters() if group[-1] >= older]
    matters = ((number, [petitions[row] for row in group]) for number, group in enumerate(groups, 1))
    return matter_rows(matters, partial(suggestions_of, suggester, jobs=jobs_for(sum(map(len, groups)))))


def rows_of_pairs(petitions: Sequence[Petition], found: Repeats, finder: RepeatFinder) -> Iterator[dict[str, Any]]:
    """The pairs of the contract."""
    from models.repeat_relation import RELATIONS
    from models.repeat_rows import pair_row

    scored = found.scored
    for number in found.linked().tolist():
        a, b = (petitions[row] for row in scored.pairs[number].tolist())
        yield pair_row(a, b, float(scored.scores[number]), RELATIONS[scored.relation[number]], finder.comparer)
