"""What clerks are told: every refusal has its line on the page, every reason for not reading is told in Chinese."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpus import pdf, tables
from corpus.errors import InputError
from corpus.records import Petition
from models.suggester import Failed
from service import problems
from service.api.petitions import WHAT_TO_DO
from service.chinese import in_chinese
from service.jobs import archives, kinds, worker
from service.reserved import HeldBackPetition
from service.store import errors, jobs
from service.store.errors import RefusedError
from service.store.petitions import misfit

SERVICE = Path(__file__).parent.parent / "service"
PAGE = SERVICE / "page"
BY_STATUS = {"bad_request": 400, "not_found": 404, "too_large": 413, "invalid": 422, "too_many": 429, "unexpected": 500}
"""Codes of which the status says all that there is to say."""
NEVER_ASKED = {"cursor", "form", "idempotency_key", "method_not_allowed", "repeated"}
"""What only a program can do wrong: the pages' own scripts send none of it."""
READERS = ("documents", "docx", "docx_package", "encoding", "html", "jsonl", "letters", "parquet", "pdf", "plain")
TABLES = ("readers", "rows", "xlsx")
LATIN = {"Excel", "FENBAN", "DATA", "JSON", "Word", "WPS", "MB", "GB", "doc", "docx", "xlsx", "csv", "pdf", "parquet"}
"""Names that clerks know as they are."""


def lines(name: str) -> set[str]:
    """The keys of one of the tables in messages.js."""
    text = (PAGE / "static" / "messages.js").read_text("utf-8")
    table = re.search(rf"const {name} = {{\n(.*?)\n}};", text, re.DOTALL)
    assert table is not None
    return set(re.findall(r"^  (\w+): ", table[1], re.MULTILINE))


def calls(tree: ast.AST) -> Iterator[tuple[str, list[ast.expr]]]:
    """Every call of a tree: the last part of the name, and its arguments."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=given):
                yield name, given


def codes() -> set[str]:
    """Every code that stands in the service's source: in its refusals and in its problem documents."""
    refusals = {one.__name__ for one in refusal_classes() if one is RefusedError or "__init__" not in vars(one)}
    found = set(problems.CODES.values())
    for path in SERVICE.rglob("*.py"):
        for name, given in calls(ast.parse(path.read_text("utf-8"))):
            if name in refusals or (name == "__init__" and path.name == "errors.py" and given):
                place = given[0]
                assert isinstance(place, (ast.Constant, ast.Name)), (
                    f"{path}: a code that cannot be told from the source"
                )
            elif name == "problem":
                place = given[1]
            else:
                continue
            found |= {one.value for one in ast.walk(place) if isinstance(one, ast.Constant)}
    return found


def refusal_classes() -> list[type[RefusedError]]:
    return [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, RefusedError)]


def test_every_refusal_has_its_line_on_the_page() -> None:
    assert codes() - lines("BY_CODE") == {*BY_STATUS, *NEVER_ASKED}
    assert lines("BY_CODE") <= codes()


def test_every_status_has_its_line_on_the_page() -> None:
    statuses = {*BY_STATUS.values(), *(one.status for one in refusal_classes())}
    assert {str(status) for status in statuses} <= lines("BY_STATUS")


def reasons_in(module: ModuleType, kind: str, place: int) -> Iterator[str]:
    """What a module says of files and rows, with 7 for what differs each time."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for name, given in calls(tree):
        if name == kind:
            yield from samples(given[place], tree, vars(module))


def samples(node: ast.expr, tree: ast.AST, known: Mapping[str, Any]) -> Iterator[str]:
    """The texts that an expression may be; none where they come from elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if isinstance(known.get(name), str):
            yield known[name]
        case ast.Name(id=name):
            for one in ast.walk(tree):
                match one:
                    case ast.Assign(targets=[ast.Name(id=other)], value=value) if other == name:
                        yield from samples(value, tree, known)
        case ast.IfExp(body=one, orelse=other):
            yield from (*samples(one, tree, known), *samples(other, tree, known))
        case ast.FormattedValue(value=value):
            yield from list(samples(value, tree, known)) or ["7"]
        case ast.JoinedStr(values=parts):
            yield from map("".join, product(*(list(samples(part, tree, known)) for part in parts)))


def reasons() -> set[str]:
    """Every reason that a reader, the worker or the store has for not reading a file, a row or a job."""
    found = {tables.TOO_LONG, tables.UNCLOSED, "not readable as csv (7)", *pdf._remarks([7, 9])}
    found |= {kinds.NO_FINDING, worker.NOTHING_READ, worker.UNSTORABLE.format(done=7), jobs.BROUGHT_DOWN}
    found |= {str(Failed("ValueError at place.py:7"))}
    found |= {misfit(Petition("信", id="7" * 201, petitioner="7" * 1_001)), *reasons_in(worker, "FenbanError", 0)}
    found |= {one for one in reasons_in(archives, "RefusedError", 1) if "can be read" in one}
    for name in (*READERS, *TABLES):
        module = importlib.import_module(f"corpus.{name}")
        found |= {*reasons_in(module, "InputError", 1), *reasons_in(module, "RowProblem", 2)}
    written = reasons_in(importlib.import_module("corpus.writers"), "InputError", 1)
    # The form of a result is checked before there is a job.
    return found | {str(InputError("/7/7.xlsx", one)) for one in written if not one.startswith("unknown suffix")}


def test_there_are_reasons() -> None:
    assert len(reasons()) > 50


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_every_reason_is_told_in_chinese(reason: str) -> None:
    told = in_chinese(reason)
    assert told != reason
    assert not set(re.findall("[A-Za-z]+", told)) - LATIN


def test_several_repairs_of_a_row_are_told_one_after_the_other() -> None:
    more = "more cells than headers; those are not read"
    broken = "characters that are not valid Unicode in title, text, replaced by U+FFFD"
    assert in_chinese(f"{more}; {broken}") == "单元格比表头多，多出的没有读；标题、正文里有坏字符，已用 \ufffd 代替"


@pytest.mark.parametrize("reason", ["", "已是中文；另一句", "nobody knows this; nor that"])
def test_other_words_stand_as_they_are(reason: str) -> None:
    assert in_chinese(reason) == reason


def test_what_article_15_keeps_out_is_told_by_what_the_pages_show() -> None:
    held = HeldBackPetition("level_above", "program", "报上级", date(2026, 7, 1))
    for told, page in ((WHAT_TO_DO, "intake.html"), (kinds.what_to_do(held), "uploads.html")):
        shown = (PAGE / "templates" / page).read_text("utf-8")
        named = re.findall("“(.*?)”", told)
        assert named
        assert all(words in shown for words in named)
        assert not re.search("[a-z]", told)
