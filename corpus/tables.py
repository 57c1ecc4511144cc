"""CSV read so that a stray quotation mark costs one row, not the rest of the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from corpus.encoding import MAX_LINE, bounded_lines, detect_encoding
from corpus.records import Petition, RowProblem
from corpus.rows import Row, petitions_of_table

MAX_LINES_A_ROW = 2_000
"""A quoted cell that runs over more lines than this is a quotation mark that was never closed."""

TOO_LONG = f"the line is longer than {MAX_LINE:,} characters and was skipped"
UNCLOSED = "a quotation mark is opened and never closed; this line was skipped"


def read_csv(path: Path) -> Iterator[Petition | RowProblem]:
    """Petitions of a csv file; the separator is a comma, semicolon or tab, told by the header line."""
    yield from petitions_of_table(path, csv_rows(path))


def csv_rows(path: Path) -> Iterator[Row]:
    """Row numbers (the line where the row begins) and cells, or the reason why a row was skipped."""
    lines = _Lines(path)
    # The limit is one for the process; ours is the longest line, which bounds a cell as well.
    csv.field_size_limit(MAX_LINE * MAX_LINES_A_ROW)
    delimiter = lines.delimiter()
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.begin_row()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield lines.first_number, f"not readable as csv ({error})"
            continue
        fault = lines.broken or ("" if lines.well_quoted(delimiter) else UNCLOSED)
        if fault:
            yield lines.give_back(), fault
            reader = csv.reader(lines, delimiter=delimiter)
        elif cells is None:
            return
        elif cells:
            yield lines.first_number, cells


class _Lines:
    """The lines of a file for csv.reader, which remembers those of the row under way so that they can be read again."""

    def __init__(self, path: Path) -> None:
        self._source = bounded_lines(path, detect_encoding(path))
        self._waiting: deque[tuple[int, str | None]] = deque()
        self._row: list[tuple[int, str | None]] = []
        self.broken: str | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        item = self._waiting.popleft() if self._waiting else next(self._source, None)
        if item is None:
            # The reader asks for another line only inside a quoted cell.
            self.broken = UNCLOSED if self._row else None
            raise StopIteration
        self._row.append(item)
        if item[1] is None:
            self.broken = TOO_LONG if len(self._row) == 1 else UNCLOSED
            raise StopIteration
        if len(self._row) > MAX_LINES_A_ROW:
            self.broken = UNCLOSED
            raise StopIteration
        return item[1]

    @property
    def first_number(self) -> int:
        return self._row[0][0]

    def begin_row(self) -> None:
        self._row = []
        self.broken = None

    def well_quoted(self, delimiter: str) -> bool:
        """Whether a row of several lines holds only quotation marks that open or close a cell.

        A mark that is never closed swallows the rows after it up to the next mark, which then stands in mid-cell.
        """
        if len(self._row) < 2:
            return True
        try:
            return len(list(csv.reader([line or "" for _, line in self._row], delimiter=delimiter, strict=True))) == 1
        except csv.Error:
            return False

    def give_back(self) -> int:
        """Puts all lines of the broken row but its first back, and gives the number of that first one."""
        self._waiting.extendleft(reversed(self._row[1:]))
        return self.first_number

    def delimiter(self) -> str:
        """The separator that the first line holds most of."""
        first = next(self._source, None)
        if first is None:
            return ","
        self._waiting.append(first)
        return max(",;\t", key=(first[1] or "").count)
