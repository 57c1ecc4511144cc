"""fenban import: a table of petitions into the store."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError
from service.commands.store import opened_store, read_settings

if TYPE_CHECKING:
    from service.bulk import ImportReport


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("import", help="take petitions of files into the store")
    parser.add_argument(
        "input", nargs="+", type=Path, help="csv, xlsx, jsonl, parquet; txt, docx, pdf, html: one petition a file"
    )
    parser.add_argument("--unit", help="code of the unit that took them in")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Imports every file; running it again adds nothing twice."""
    from models.suggester import Suggester
    from models.versions import current_folder
    from service.bulk import Importer
    from service.office import load_office
    from service.store.audit import COMMAND_LINE

    settings = read_settings()
    office = load_office(settings)
    if options.unit is not None and options.unit not in office.registry:
        raise FenbanError("--unit: not in the registry of units; give a code such as T03")
    suggester = Suggester.load(settings.models or current_folder(settings.data / "models"), settings.county)
    failed = False
    with opened_store(settings) as store:
        importer = Importer(store, office, suggester, settings.blind_share, COMMAND_LINE, options.unit)
        for path in options.input:
            try:
                _tell(path, importer.take_in(path))
            except FenbanError as error:
                failed = True
                print(f"fenban: {error}", file=sys.stderr)
    return int(failed)


def _tell(path: Path, report: ImportReport) -> None:
    for problem in report.problems:
        print(f"fenban: {problem}", file=sys.stderr)
    for place, held in report.held:
        where = f"{path}: {place}: Art. 15, {held.rule}: not taken in; {held.way()}"
        print(f"fenban: {where}", file=sys.stderr)
    print(
        f"fenban: {path}: {report.added} petitions taken in, {report.known} known already, "
        f"{len(report.held)} kept out by Art. 15, {report.lost} rows not read",
        file=sys.stderr,
    )
