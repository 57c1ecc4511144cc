"""fenban tag: files of petitions in, one file of suggestions out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError
from corpus.rows import unique_names
from service.reading import Reports, check_out

if TYPE_CHECKING:
    from corpus.records import Petition
    from models.tagging import Tagged

TABLES = (".csv", ".xlsx", ".parquet")


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("tag", help="suggest categories and units for petitions")
    parser.add_argument("input", nargs="+", type=Path, help="csv, xlsx, jsonl, parquet; a txt file is one petition")
    parser.add_argument("--out", required=True, type=Path, help="csv, xlsx, jsonl or parquet")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models")
    parser.add_argument("--county", type=Path, help="the office's own units (csv); by default the demo county's")
    parser.add_argument("--jobs", type=int, help="processes; by default one, and all cores for large inputs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tags every readable petition; what could not be read is told on standard error, a line each."""
    from tqdm import tqdm

    from corpus.writers import write_rows
    from models.tagging import tag_petitions

    check_out(options.out, options.input)
    if options.jobs is not None and options.jobs < 1:
        raise FenbanError("--jobs must be 1 or more")
    reports = Reports()
    tagged = tag_petitions(reports.petitions(options.input), options.models, options.jobs, options.county)
    progress = tqdm(tagged, unit="件", disable=not sys.stderr.isatty())
    row_of = table_row if options.out.suffix.lower() in TABLES else json_row
    first = next(iter_rows := (row_of(item) for item in progress), None)
    if first is None:
        raise FenbanError("no petition could be read; nothing was written")
    count = write_rows(options.out, _chain(first, iter_rows))
    print(f"fenban: {count} petitions tagged, {reports.lost} rows not read: {options.out}", file=sys.stderr)
    return 0


def json_row(tagged: Tagged) -> dict[str, Any]:
    """The object of the contract, and the source's unknown columns after it."""
    petition, suggestion = tagged
    return {**suggestion, **_extra(petition, suggestion)}


def table_row(tagged: Tagged) -> dict[str, Any]:
    """The petition (without the petitioner's name and phone), its suggestions in flat columns, the unknown columns."""
    from models.frames import flat

    petition, suggestion = tagged
    source = {name: getattr(petition, name) for name in ("id", "received", "channel", "title", "text")}
    row = {**source, **flat(suggestion)}
    return {**row, **_extra(petition, row)}


def _extra(petition: Petition, taken: dict[str, Any]) -> dict[str, Any]:
    """Unknown columns; one named like a field of ours becomes `input_…`, whatever else the table holds."""
    names = unique_names([*taken, *(f"input_{name}" if name in taken else name for name in petition.extra)])
    return dict(zip(names[len(taken) :], petition.extra.values(), strict=True))


def _chain(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest
