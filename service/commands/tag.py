"""fenban tag: files of petitions in, one file of suggestions out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.errors import FenbanError
from service import engines
from service.reading import Reports, check_out

TABLES = (".csv", ".xlsx", ".parquet")


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("tag", help="suggest categories and units for petitions")
    parser.add_argument(
        "input", nargs="+", type=Path, help="csv, xlsx, jsonl, parquet; txt, docx, pdf, html: one petition a file"
    )
    parser.add_argument("--out", required=True, type=Path, help="csv, xlsx, jsonl or parquet")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models")
    parser.add_argument("--county", type=Path, help="the office's own units (csv); by default the demo county's")
    parser.add_argument("--jobs", type=int, help="processes; by default one, and all cores for large inputs")
    engines.add_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tags every readable petition; what could not be read is told on standard error, a line each."""
    if engines.is_spark(options):
        if options.jobs is not None:
            raise FenbanError("--jobs counts processes of this machine; for Spark say --master local[N]")
        return engines.tag(options, options.out.suffix.lower() in TABLES)
    from tqdm import tqdm

    from corpus.writers import write_rows
    from models.tagging import json_row, table_row, tag_petitions

    check_out(options.out, options.input)
    if options.jobs is not None and options.jobs < 1:
        raise FenbanError("--jobs must be 1 or more")
    reports = Reports()
    petitions = reports.petitions(options.input)
    tagged = tag_petitions(petitions, options.models, options.jobs, options.county, reports.failed)
    progress = tqdm(tagged, unit="件", disable=not sys.stderr.isatty())
    row_of = table_row if options.out.suffix.lower() in TABLES else json_row
    first = next(iter_rows := (row_of(item) for item in progress), None)
    if first is None:
        raise FenbanError("no petition could be read; nothing was written")
    count = write_rows(options.out, _chain(first, iter_rows))
    print(f"fenban: {count} petitions tagged, {reports.lost} rows not read: {options.out}", file=sys.stderr)
    return 0


def _chain(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest
