"""Rows to csv, xlsx, jsonl and parquet, chosen by suffix.

A file appears under its name only when it is whole. jsonl is written as it comes; the tables need all column
names first, so their rows wait in a temporary file, never in memory.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.exceptions import XlsxFileError

from corpus.errors import InputError

Row = Mapping[str, Any]

XLSX_ROWS = 1_048_575
XLSX_COLUMNS = 16_384
XLSX_CELL = 32_767
CUT = "…（超出单元格长度，已截断）"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BATCH = 4_096
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Writes the rows and gives their number. In csv, xlsx and parquet, lists and objects become JSON text.

    Raises:
        InputError: unknown suffix, a folder that does not exist, or more rows than the format holds.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError(path, f"unknown suffix {path.suffix!r}; fenban writes {', '.join(sorted(WRITERS))}")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        count = writer(part, rows)
        part.replace(path)
    except (OSError, XlsxFileError) as error:
        raise InputError(path, f"cannot be written ({getattr(error, 'strerror', None) or error})") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return count


def as_json(value: Any) -> str:
    """Compact JSON with Chinese left readable; what JSON does not know is written as text."""
    return _JSON.encode(value)


def neutral(value: Any) -> Any:
    """A cell that no spreadsheet runs as a formula: text that begins with = + - @ gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_jsonl(path: Path, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(as_json(row) + "\n")
            count += 1
    return count


def _write_csv(path: Path, rows: Iterable[Row]) -> int:
    with _spooled(rows) as (columns, cells), path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutral(name) for name in columns])
        count = 0
        for row in cells():
            writer.writerow([neutral(cell) for cell in row])
            count += 1
    return count


def _write_xlsx(path: Path, rows: Iterable[Row]) -> int:
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with _spooled(rows) as (columns, cells), xlsxwriter.Workbook(str(path), options) as book:
        if len(columns) > XLSX_COLUMNS:
            raise InputError(path, f"xlsx holds {XLSX_COLUMNS:,} columns, not {len(columns):,}; write csv or jsonl")
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [_fitting(neutral(name)) for name in columns], book.add_format({"bold": True}))
        count = 0
        for row in cells():
            count += 1
            if count > XLSX_ROWS:
                raise InputError(path, f"xlsx holds {XLSX_ROWS:,} rows; write csv, jsonl or parquet")
            sheet.write_row(count, 0, [_fitting(neutral(cell)) for cell in row])
    return count


def _fitting(cell: Any) -> Any:
    if isinstance(cell, str) and len(cell) > XLSX_CELL:
        return cell[: XLSX_CELL - len(CUT)] + CUT
    return cell


def _write_parquet(path: Path, rows: Iterable[Row]) -> int:
    with _spooled(rows) as (columns, cells):
        schema = pa.schema([(name, _arrow_type(kinds)) for name, kinds in columns.items()])
        stream = cells()
        count = 0
        with pq.ParquetWriter(path, schema) as writer:
            while batch := list(islice(stream, _BATCH)):
                columns_of_batch = [
                    pa.array(
                        [None if cell == "" and field.type != pa.string() else cell for cell in column],
                        field.type,
                    )
                    for column, field in zip(zip(*batch, strict=True), schema, strict=True)
                ]
                writer.write_batch(pa.record_batch(columns_of_batch, schema=schema))
                count += len(batch)
    return count


def _arrow_type(kinds: set[type]) -> pa.DataType:
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int}:
        return pa.int64()
    if kinds and kinds <= {int, float}:
        return pa.float64()
    return pa.string()


@contextmanager
def _spooled(rows: Iterable[Row]) -> Iterator[tuple[dict[str, set[type]], Callable[[], Iterator[list[Any]]]]]:
    """All column names with the types seen in them, and the rows as lists of cells in that order."""
    columns: dict[str, set[type]] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        for row in rows:
            flat = {name: _flat(value) for name, value in row.items()}
            for name, value in flat.items():
                columns.setdefault(name, set()).update({type(value)} if value != "" else ())
            spool.write(as_json(flat) + "\n")
        yield columns, lambda: _cells(spool, columns)


def _cells(spool: IO[str], columns: Mapping[str, set[type]]) -> Iterator[list[Any]]:
    texts = {name for name, kinds in columns.items() if _arrow_type(kinds) == pa.string()}
    spool.seek(0)
    for line in spool:
        row = json.loads(line)
        yield [str(row.get(name, "")) if name in texts else row.get(name, "") for name in columns]


def _flat(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, (dict, list, tuple)):
        return as_json(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)


WRITERS: dict[str, Callable[[Path, Iterable[Row]], int]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}
