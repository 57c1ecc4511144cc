"""Workbooks: their sheets, hidden ones, days held as numbers, sizes that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from corpus.errors import InputError
from corpus.readers import read_petitions
from corpus.records import Petition, RowProblem


def read(path: Path) -> tuple[list[Petition], list[RowProblem]]:
    items = list(read_petitions(path))
    return [i for i in items if isinstance(i, Petition)], [i for i in items if isinstance(i, RowProblem)]


def test_rows_of_two_sheets_are_told_apart(tmp_path: Path) -> None:
    book = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook:
        for texts in (["路灯", "停水"], [], ["垃圾", "", "噪声"]):
            sheet = workbook.add_worksheet()
            sheet.write_column(0, 0, ["内容", *texts] if texts else [])
            sheet.write_column(0, 1, ["片区", *("东" for _ in texts)] if texts else [])
    petitions, problems = read(book)
    assert [(p.sheet, p.row, p.id) for p in petitions] == [
        (1, 2, "a-1.2"),
        (1, 3, "a-1.3"),
        (3, 2, "a-3.2"),
        (3, 4, "a-3.4"),
    ]
    assert [str(p) for p in problems] == [f"{book}: sheet 3, row 3: no text in this row"]


def test_choices_on_a_hidden_sheet_are_no_letters(tmp_path: Path) -> None:
    book = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook:
        workbook.add_worksheet().write_column(0, 0, ["内容", "路灯坏了"])
        for cells in (["来信", "来访", "网络"], ["内容", "上月的信"]):
            sheet = workbook.add_worksheet()
            sheet.write_column(0, 0, cells)
            sheet.hide()
    petitions, problems = read(book)
    assert [(p.id, p.text) for p in petitions] == [("a-1.2", "路灯坏了"), ("a-3.2", "上月的信")]
    assert problems == []


@pytest.mark.parametrize(
    ("cell", "received"),
    [
        (45356, "2024-03-05"),
        (45356.75, "2024-03-05"),
        (20240305, "2024-03-05"),
        ("45356", "2024-03-05"),
        ("20240305", "2024-03-05"),
        (20241340, "20241340"),
        (2024, "2024"),
        ("2024年3月5日", "2024年3月5日"),
        ("上周", "上周"),
    ],
)
def test_days_that_a_table_holds_as_numbers(tmp_path: Path, cell: object, received: str) -> None:
    book = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["来信时间", "内容"])
        sheet.write_row(1, 0, [cell, "路灯坏了"])
    assert read(book)[0][0].received == received


def test_a_workbook_of_very_many_sheets_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.xlsx.MOST_SHEETS", 3)
    book = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook:
        for _ in range(4):
            workbook.add_worksheet().write(0, 0, "内容")
    with pytest.raises(InputError, match="more than 3 sheets"):
        read(book)


def test_a_workbook_with_a_cell_at_the_far_corner_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "内容")
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(InputError, match="far outside"):
        read(path)
