"""Excel workbooks, sheet by sheet."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from corpus.archives import ARCHIVE_ERRORS
from corpus.errors import InputError
from corpus.records import Petition, RowProblem
from corpus.rows import names_text, petitions_of_table

MAX_UNPACKED = 1 << 30
"""Bytes that a workbook may unpack to; a million petitions take about half of it."""
MOST_CELLS = 300_000_000
"""Cells of the rectangle that holds all others; the reader asks for memory for every one of them."""
BROKEN = "not a readable xlsx workbook (damaged, or protected by a password)"
MOST_SHEETS = 999
"""Sheets of a workbook; the store keeps their numbers in three digits."""
_BLOCK = 1 << 20
_REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
_LONGEST_REFERENCE = 16


def read_xlsx(path: Path) -> Iterator[Petition | RowProblem]:
    """Petitions of all sheets that have rows; a hidden one counts only where its header names a column of texts.

    Hidden sheets mostly hold the choices of other sheets' cells (来信, 来访, 网络), which are no letters.

    Raises:
        InputError: not a workbook, damaged, or far larger unpacked than any workbook of petitions (a zip bomb).
    """
    check_workbook(path)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            names = workbook.sheet_names
            if len(names) > MOST_SHEETS:
                raise InputError(path, f"has more than {MOST_SHEETS} sheets; split the workbook")
            hidden = {one.name for one in workbook.sheets_metadata if one.visible != SheetVisibleEnum.Visible}
            filled = [name for name in names if _counts(workbook.get_sheet_by_name(name), name in hidden)]
            for name in filled:
                sheet = names.index(name) + 1 if len(filled) > 1 else 0
                yield from petitions_of_table(path, enumerate(workbook.get_sheet_by_name(name).iter_rows(), 1), sheet)
    except (CalamineError, OSError) as error:
        raise InputError(path, BROKEN) from error
    if not filled:
        yield RowProblem(path, 1, "the workbook has no rows")


def _counts(sheet: CalamineSheet, hidden: bool) -> bool:
    return sheet.end is not None and (not hidden or names_text(enumerate(sheet.iter_rows(), 1)))


def visible_sheets(path: Path) -> list[list[list[Any]]]:
    """The rows of every sheet that is shown and has any, for tables that are small.

    Raises:
        InputError: as `read_xlsx`.
    """
    check_workbook(path)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            shown = [one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
            sheets = [workbook.get_sheet_by_name(name) for name in shown]
            return [[list(row) for row in sheet.iter_rows()] for sheet in sheets if sheet.end is not None]
    except (CalamineError, OSError) as error:
        raise InputError(path, BROKEN) from error


def check_workbook(path: Path) -> None:
    """Unpacks the archive without keeping it; what its directory and its sheets claim of their size is not believed.

    Raises:
        InputError: not a zip archive, damaged, larger than MAX_UNPACKED, or a sheet wider times longer than MOST_CELLS.
    """
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as part:
                    rest = b""
                    width = height = 1
                    while block := part.read(_BLOCK):
                        total += len(block)
                        if total > MAX_UNPACKED:
                            raise InputError(path, "unpacks to more than 1 GB; refused")
                        for letters, digits in _REFERENCE.findall(rest + block):
                            width, height = max(width, _column(letters)), max(height, int(digits))
                        rest = block[-_LONGEST_REFERENCE:]
                    if width * height > MOST_CELLS:
                        raise InputError(path, "a sheet with a cell far outside the others; delete that cell")
    except ARCHIVE_ERRORS as error:
        raise InputError(path, BROKEN) from error


def _column(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
