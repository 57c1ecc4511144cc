"""fenban findings: the problems that reports state, each with its place, as jsonl or as a 问题清单."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError, InputError

if TYPE_CHECKING:
    from models.found import FoundFinding


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("findings", help="find the problems that inspection reports state")
    parser.add_argument("report", nargs="+", type=Path, help="docx, pdf, html or txt")
    parser.add_argument("--out", required=True, type=Path, help="jsonl; or csv, xlsx: a list of problems (问题清单)")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models")
    parser.add_argument("--county", type=Path, help="csv of the office's own units; by default the demo county")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Reads every readable report; what could not be read is told on standard error, a line each."""
    from corpus.documents import read_document
    from corpus.writers import WRITERS, write_rows
    from models.suggester import Suggester

    if options.out.suffix.lower() not in WRITERS:
        raise InputError(options.out, f"unknown suffix; fenban writes {', '.join(sorted(WRITERS))}")
    if not options.out.parent.is_dir():
        raise InputError(options.out, f"the folder {options.out.parent} does not exist")
    if any(path.exists() and options.out.exists() and path.samefile(options.out) for path in options.report):
        raise InputError(options.out, "is one of the reports and would be overwritten; choose another name")
    suggester = Suggester.load(options.models, options.county)
    found: list[FoundFinding] = []
    lost = 0
    for path in options.report:
        try:
            document = read_document(path)
            found += suggester.finding_reader.read(document, path.stem)
            for remark in document.remarks:
                print(f"fenban: {path}: {remark}", file=sys.stderr)
        except FenbanError as error:
            lost += 1
            print(f"fenban: {error}", file=sys.stderr)
    if lost == len(options.report):
        raise FenbanError("no report could be read; nothing was written")
    is_json = options.out.suffix.lower() == ".jsonl"
    write_rows(options.out, (one.to_dict() for one in found) if is_json else table_rows(found))
    read = len(options.report) - lost
    print(f"fenban: {len(found)} findings in {read} reports, {lost} not read: {options.out}", file=sys.stderr)
    return 0


def table_rows(found: Iterable[FoundFinding]) -> Iterator[dict[str, Any]]:
    """The rows of a list of problems, numbered through."""
    from models.found import STATUS_NAMES

    for number, one in enumerate(found, 1):
        label = one.discipline[0]
        yield {
            "序号": number,
            "报告": one.report,
            "问题": one.quote,
            "类别": f"{label.label} {label.name}",
            "单位": "" if one.subject_unit is None else one.subject_unit.name,
            "涉及人员": "、".join(_person(person) for person in one.people),
            "金额": "、".join(amount["text"] for amount in one.amounts),
            "整改状态": STATUS_NAMES.get(one.status or "", ""),
            "原文位置": f"{one.place}（第{one.start + 1}—{one.end}字）",
        }


def _person(person: dict[str, Any]) -> str:
    post = person.get("post")
    return f"{person['text']}（{post}）" if post and post != person["text"] else str(person["text"])
