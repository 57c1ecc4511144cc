"""fenban report: the analysis of a period (季分析) as docx or html, with tables and charts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError, InputError

if TYPE_CHECKING:
    from corpus.records import Petition
    from models.tagging import Tagged

FORMS = (".docx", ".html")


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("report", help="write the analysis of a week, month, quarter or year")
    parser.add_argument("input", nargs="+", type=Path, help="petitions: csv, xlsx, jsonl, parquet; earlier periods too")
    parser.add_argument("--period", required=True, help="2025Q2, 2025-06, 2025W23 or 2025")
    parser.add_argument("--out", required=True, type=Path, help="docx or html")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models")
    parser.add_argument("--county", type=Path, help="the office's own units (csv); by default the demo county's")
    parser.add_argument("--risk", type=Path, help="the office's own classes of risk (yaml)")
    parser.add_argument("--rules", type=Path, help="the office's own thresholds of the analyses (yaml)")
    parser.add_argument("--jobs", type=int, help="processes; by default one, and all cores for large inputs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Reads, tags, analyses, writes; the input's columns matter, status, closed and decided_… are heeded.

    Without a column `matter` the repeats are found first.
    """
    from corpus.analysis_rules import load_analysis_rules, load_risk_rules
    from corpus.units import demo_county, load_units
    from models.analysis.ledger import in_period, make_ledger
    from models.analysis.periods import parse_period
    from models.analysis.report import Basis, report_sections, report_title

    _check(options)
    period = parse_period(options.period)
    rules = load_analysis_rules(*_given(options.rules))
    risk = load_risk_rules(*_given(options.risk))
    registry = demo_county() if options.county is None else load_units(options.county)
    table, version = _tagged_table(options)
    ledger = make_ledger(table, registry)
    count = len(in_period(ledger, period))
    if not count:
        raise FenbanError(
            f"no petition of {options.period} among the {len(ledger)} that were read; nothing was written"
        )
    basis = Basis(ledger, period, rules, risk, registry, version)
    _write(options.out, report_title(basis), report_sections(basis))
    print(f"fenban: {count} petitions of {options.period}, {len(ledger)} in all: {options.out}", file=sys.stderr)
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.out.suffix.lower() not in FORMS:
        raise InputError(options.out, f"unknown suffix; fenban report writes {', '.join(FORMS)}")
    if not options.out.parent.is_dir():
        raise InputError(options.out, f"the folder {options.out.parent} does not exist")
    if options.jobs is not None and options.jobs < 1:
        raise FenbanError("--jobs must be 1 or more")


def _given(path: Path | None) -> tuple[Path, ...]:
    return () if path is None else (path,)


def _tagged_table(options: argparse.Namespace) -> tuple[Any, str]:
    """Flat columns of every petition that could be read, without its text; and the models' version."""
    import pandas as pd
    from tqdm import tqdm

    from models.tagging import tag_petitions
    from service.reading import Reports

    petitions = list(Reports().petitions(options.input))
    if not petitions:
        raise FenbanError("no petition could be read; nothing was written")
    tagged = tag_petitions(petitions, options.models, options.jobs, options.county)
    rows = _rows(tqdm(tagged, total=len(petitions), unit="件", disable=not sys.stderr.isatty()))
    table = pd.DataFrame(list(rows))
    if "matter" not in table:
        table["matter"] = _matters(petitions, options)
    return table, str(table["version"].iloc[0])


def _matters(petitions: Sequence[Petition], options: argparse.Namespace) -> list[str]:
    """The matter of every petition that repeats another or is repeated; "" for the others."""
    from models.repeats import RepeatFinder

    found = RepeatFinder.load(options.models, options.county).find(petitions)
    names = [""] * len(petitions)
    for number, group in enumerate(found.matters(), 1):
        for row in group:
            names[row] = f"M{number:06d}"
    return names


def _rows(tagged: Iterable[Tagged]) -> Iterator[dict[str, Any]]:
    from models.frames import NESTED
    from models.tagging import table_row

    for one in tagged:
        yield {name: cell for name, cell in table_row(one).items() if name not in (*NESTED, "text")}


def _write(path: Path, title: str, sections: Any) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".docx":
            from service.report_docx import write_docx

            write_docx(part, title, sections)
        else:
            from service.report_html import write_html

            write_html(part, title, sections)
        part.replace(path)
    except OSError as error:
        raise InputError(path, f"cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
