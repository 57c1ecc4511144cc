"""Tables of a web page: which hold data and which only the layout, and their cells."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import html

from corpus.grids import GridCell

MOST_SPAN = 100
"""Columns or rows that one cell may cover; nobody makes more by hand."""
LONGEST_CELL = 1_500
"""Characters; what is longer is a page laid out as a table."""


def is_data_table(table: html.HtmlElement) -> bool:
    """Whether a table has rows of several cells that are no menus, and no table inside."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    rows = [[*_cells(row)] for row in _rows(table)]
    if sum(len(row) > 1 for row in rows) < 2:
        return False
    linked = sum(len(link.text_content().strip()) for link in table.iterdescendants("a"))
    return linked * 2 <= len("".join(table.text_content().split())) and all(
        len(cell.text_content()) <= LONGEST_CELL for row in rows for cell in row
    )


def grid(table: html.HtmlElement) -> tuple[list[list[GridCell]], int]:
    """The rows of a data table and how many at the top are marked as header."""
    rows: list[list[GridCell]] = []
    marked = 0
    below: dict[int, tuple[int, int]] = {}
    for row in _rows(table):
        heads = [cell.tag == "th" for cell in _cells(row)]
        parent = row.getparent()
        if len(rows) == marked and heads and (all(heads) or (parent is not None and parent.tag == "thead")):
            marked += 1
        rows.append(_row(row, below))
    return rows, marked if marked < len(rows) else 0


def _row(row: html.HtmlElement, below: dict[int, tuple[int, int]]) -> list[GridCell]:
    """The cells of a row; `below` holds for each column how many rows the cell above still covers, and its width."""
    cells: list[GridCell] = []
    column = 0

    def pass_covered() -> None:
        nonlocal column
        while column in below:
            left, span = below.pop(column)
            if left > 1:
                waiting[column] = left - 1, span
            cells.append(GridCell("", column, span, merged=True))
            column += span

    waiting: dict[int, tuple[int, int]] = {}
    for cell in _cells(row):
        pass_covered()
        span, height = _span(cell, "colspan"), _span(cell, "rowspan")
        if height > 1:
            waiting[column] = height - 1, span
        cells.append(GridCell(" ".join(cell.text_content().split()), column, span))
        column += span
    pass_covered()
    below.clear()
    below.update(waiting)
    return cells


def _rows(table: html.HtmlElement) -> Iterator[html.HtmlElement]:
    return (row for row in table.iterdescendants("tr"))


def _cells(row: html.HtmlElement) -> Iterator[html.HtmlElement]:
    return (cell for cell in row if cell.tag in ("td", "th"))


def _span(cell: html.HtmlElement, name: str) -> int:
    text = cell.get(name, "1").strip()
    return min(max(int(text), 1), MOST_SPAN) if text.isascii() and text.isdigit() else 1
