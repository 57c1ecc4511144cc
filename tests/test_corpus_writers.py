from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from corpus.errors import InputError
from corpus.readers import read_petitions
from corpus.writers import CUT, XLSX_CELL, write_rows

ROWS = [
    {"id": "1", "text": "=1+1", "score": 0.5, "accepted": True, "content": [{"label": "民政", "score": 0.5}]},
    {"id": "2", "text": "停水", "score": 1, "accepted": False, "content": [], "备注": "@甲"},
]


def test_jsonl_keeps_types(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert write_rows(path, iter(ROWS)) == 2
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == ROWS


def test_csv_neutralises_formulas_and_keeps_late_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_rows(path, iter(ROWS))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["text"] == "'=1+1"
    assert rows[1]["备注"] == "'@甲"
    assert rows[0]["备注"] == ""
    assert json.loads(rows[0]["content"]) == ROWS[0]["content"]


def test_xlsx_neutralises_formulas_and_keeps_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_rows(path, iter(ROWS))
    sheet = openpyxl.load_workbook(path).active
    values = list(sheet.values)
    assert values[0] == ("id", "text", "score", "accepted", "content", "备注")
    assert values[1][:4] == ("1", "'=1+1", 0.5, True)
    assert sheet["B2"].data_type == "s"


def test_xlsx_marks_a_text_that_no_cell_can_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_rows(path, [{"text": "长" * 40_000}])
    cell = next(openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True))[0]
    assert len(cell) == XLSX_CELL
    assert cell.endswith(CUT)


def test_parquet_has_typed_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_rows(path, iter(ROWS))
    table = pq.read_table(path)
    assert str(table.schema.field("score").type) == "double"
    assert str(table.schema.field("accepted").type) == "bool"
    assert table.column("text").to_pylist() == ["=1+1", "停水"]
    assert [p.text for p in read_petitions(path)] == ["=1+1", "停水"]


def test_a_failure_midway_leaves_no_file(tmp_path: Path) -> None:
    def rows():
        yield ROWS[0]
        raise RuntimeError("power cut")

    for suffix in (".csv", ".jsonl", ".xlsx", ".parquet"):
        with pytest.raises(RuntimeError):
            write_rows(tmp_path / f"a{suffix}", rows())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.doc", "missing/a.csv"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        write_rows(tmp_path / name, ROWS)
