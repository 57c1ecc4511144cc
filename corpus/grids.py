"""Rows of a table: which row names the columns, and which name stands over each cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from corpus.documents import Block, Cell

SEPARATOR = " | "
LONGEST_HEADER = 16
"""Characters of the longest cell that can name a column."""
_STATEMENT = re.compile(r"[。；！？!?;]|^[\d.,，%％]+$")


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as a reader finds it; `merged` continues the cell above it and has no text of its own."""

    text: str
    column: int
    span: int = 1
    merged: bool = False


def names_columns(texts: Sequence[str]) -> bool:
    """Whether the texts of a row can be names of columns: several, short, all filled, no statements or numbers."""
    return len(texts) > 1 and all(
        text.strip() and len(text.strip()) <= LONGEST_HEADER and not _STATEMENT.search(text.strip()) for text in texts
    )


def with_headers(rows: Sequence[Block], text_of: Callable[[Cell], str], marked: int = 0) -> list[Block]:
    """The rows of one table with the name of its column in every cell below the header.

    Args:
        rows: all rows of the table.
        text_of: gives the text of a cell.
        marked: how many rows at the top the file itself marks as header; 0 where it does not tell.
    """
    first, last = _header_rows(rows, text_of, marked)
    names: dict[int, str] = {}
    for row in rows[first:last]:
        for cell in row.cells:
            for column in range(cell.column, cell.column + cell.span):
                above, own = names.get(column, ""), "" if cell.merged else text_of(cell)
                names[column] = f"{above}/{own}" if above and own else above or own
    found: list[Block] = []
    for number, row in enumerate(rows):
        if first <= number < last:
            found.append(replace(row, kind="header"))
        elif number >= last and len(row.cells) > 1:
            cells = tuple(replace(cell, header=names.get(cell.column, "")) for cell in row.cells)
            found.append(replace(row, cells=cells))
        else:
            found.append(row)
    return found


def _header_rows(rows: Sequence[Block], text_of: Callable[[Cell], str], marked: int) -> tuple[int, int]:
    """First and last (exclusive) header row. Above it may stand titles, rows of one cell."""
    first = next((number for number, row in enumerate(rows) if len(row.cells) > 1), len(rows))
    if marked > first:
        return first, marked
    if first + 1 >= len(rows) or not names_columns(_own_texts(rows[first], text_of)):
        return 0, 0
    grouped = any(cell.span > 1 for cell in rows[first].cells)
    second = rows[first + 1]
    if grouped and first + 2 < len(rows) and any(cell.merged for cell in second.cells):
        return first, first + 2 if names_columns([*_own_texts(second, text_of), "."]) else first + 1
    return first, first + 1


def _own_texts(row: Block, text_of: Callable[[Cell], str]) -> list[str]:
    return [text_of(cell) for cell in row.cells if not cell.merged]
