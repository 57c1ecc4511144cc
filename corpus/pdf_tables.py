"""Tables of a pdf page: ruled ones by their strokes, others by gaps that run through many rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.grids import GridCell
from corpus.pdf_lines import Row, in_one, rows_of
from corpus.pdf_page import Edge, Glyph, Page
from corpus.wrapping import joined

NEAR = 3.0
"""Points within which two strokes are taken for one or as touching."""
FEWEST_ROWS = 3
FEWEST_COLUMNS = 3
"""Of a table without strokes: two columns are rather an indented list."""
GUTTER = 0.8
"""Ems between the columns of a table without strokes."""


@dataclass(slots=True)
class PageTable:
    """A table or the part of one on a page, from `top` to `bottom`; `columns` are the left edges of its columns."""

    rows: list[list[GridCell]]
    top: float
    bottom: float
    columns: tuple[float, ...]


@dataclass(slots=True)
class _Grid:
    xs: list[float]
    ys: list[float]
    horizontal: list[Edge]
    upright: list[Edge]


def ruled_tables(page: Page) -> tuple[list[PageTable], list[Glyph]]:
    """The ruled tables of a page, and the glyphs outside them."""
    outside = page.glyphs
    tables = []
    for grid in _grids(page.horizontal, page.upright):
        inside = [glyph for glyph in outside if _within(glyph, grid)]
        if inside:
            outside = [glyph for glyph in outside if not _within(glyph, grid)]
            tables.append(_table(grid, inside))
    return tables, outside


def _within(glyph: Glyph, grid: _Grid) -> bool:
    middle = (glyph.left + glyph.right) / 2
    return grid.xs[0] <= middle <= grid.xs[-1] and grid.ys[0] <= glyph.y - 0.3 * glyph.size <= grid.ys[-1]


def _grids(horizontal: Sequence[Edge], upright: Sequence[Edge]) -> Iterator[_Grid]:
    """Strokes that hang together and part at least two columns."""
    rest = list(upright)
    while rest:
        members, across = [rest.pop()], list[Edge]()
        grown = True
        while grown:
            across = [edge for edge in horizontal if any(_touch(edge, one) for one in members)]
            more = [edge for edge in rest if any(_touch(one, edge) for one in across)]
            rest = [edge for edge in rest if edge not in more]
            members += more
            grown = bool(more)
        if not across:
            continue
        xs = _places([*(edge.at for edge in members), *(x for edge in across for x in (edge.low, edge.high))])
        ys = _places([*(edge.at for edge in across), *(y for edge in members for y in (edge.low, edge.high))])
        if len(xs) > 2 and len(ys) > 1:
            yield _Grid(xs, ys, across, members)


def _touch(horizontal: Edge, upright: Edge) -> bool:
    return (
        horizontal.low - NEAR <= upright.at <= horizontal.high + NEAR
        and upright.low - NEAR <= horizontal.at <= upright.high + NEAR
    )


def _places(values: list[float]) -> list[float]:
    """Values in order, those that are near one another as one."""
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > NEAR:
            places.append(value)
    return places


def _table(grid: _Grid, glyphs: Sequence[Glyph]) -> PageTable:
    height, width = len(grid.ys) - 1, len(grid.xs) - 1
    owner = _owners(grid)
    held: dict[tuple[int, int], list[Glyph]] = {}
    for glyph in glyphs:
        row = bisect_right(grid.ys, glyph.y - 0.3 * glyph.size) - 1
        column = bisect_right(grid.xs, (glyph.left + glyph.right) / 2) - 1
        held.setdefault(owner[min(row, height - 1), min(column, width - 1)], []).append(glyph)
    rows = []
    for row in range(height):
        cells: list[GridCell] = []
        for column in range(width):
            place = owner[row, column]
            if column and owner[row, column - 1] == place:
                continue
            span = sum(owner[row, one] == place for one in range(width))
            text = "" if place[0] < row else _cell_text(held.get(place, []))
            cells.append(GridCell(text, column, span, merged=place[0] < row))
        rows.append(cells)
    return PageTable(rows, grid.ys[0], grid.ys[-1], tuple(grid.xs))


def _owners(grid: _Grid) -> dict[tuple[int, int], tuple[int, int]]:
    """For each field of the grid the field at the top left of the cell that it belongs to."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(grid.ys) - 1):
        for column in range(len(grid.xs) - 1):
            owner[row, column] = row, column
            x, y = (grid.xs[column] + grid.xs[column + 1]) / 2, (grid.ys[row] + grid.ys[row + 1]) / 2
            if column and not _drawn(grid.upright, grid.xs[column], y):
                owner[row, column] = owner[row, column - 1]
            elif row and not _drawn(grid.horizontal, grid.ys[row], x):
                owner[row, column] = owner[row - 1, column]
    return owner


def _drawn(edges: Sequence[Edge], at: float, through: float) -> bool:
    return any(abs(edge.at - at) <= NEAR and edge.low - NEAR <= through <= edge.high + NEAR for edge in edges)


def _cell_text(glyphs: Sequence[Glyph]) -> str:
    return joined(in_one(row).text for row in rows_of(glyphs))


def gap_tables(rows: Sequence[Row]) -> Iterator[Sequence[Row] | PageTable]:
    """The rows of one column with the tables in them that have no strokes, in order."""
    begin = 0
    waiting = 0
    while begin < len(rows):
        found = _gap_table(rows, begin) if len(rows[begin]) >= FEWEST_COLUMNS else None
        if found is None:
            begin += 1
            continue
        table, end = found
        yield rows[waiting:begin]
        yield table
        begin = waiting = end
    yield rows[waiting:]


def _gap_table(rows: Sequence[Row], begin: int) -> tuple[PageTable, int] | None:
    """A table that begins with this row, and the row after it.

    A row without a piece in the first column continues the row above.
    """
    columns: list[tuple[float, float]] = []
    end = begin
    while end < len(rows):
        wider = _columns(columns, rows[end])
        if len(wider) < FEWEST_COLUMNS or (len(rows[end]) == 1 and rows[end][0].left < wider[1][0]):
            break
        columns, end = wider, end + 1
    starts = [low for low, _ in columns]
    table: list[list[list[str]]] = []
    for row in rows[begin:end]:
        places = [max(0, bisect_right(starts, line.left + 1.0) - 1) for line in row]
        if 0 in places or not table:
            table.append([[] for _ in columns])
        for place, line in zip(places, row, strict=True):
            table[-1][place].append(line.text)
    if len(table) < FEWEST_ROWS:
        return None
    grid = [[GridCell(joined(texts), column) for column, texts in enumerate(row)] for row in table]
    return PageTable(grid, rows[begin][0].y - rows[begin][0].size, rows[end - 1][0].y, tuple(starts)), end


def _columns(columns: Sequence[tuple[float, float]], row: Row) -> list[tuple[float, float]]:
    """The columns widened by the pieces of a row; those that then overlap become one."""
    spans = sorted([*columns, *((line.left, line.right) for line in row)])
    merged: list[tuple[float, float]] = []
    for low, high in spans:
        if merged and low < merged[-1][1] + GUTTER * row[0].size:
            merged[-1] = merged[-1][0], max(merged[-1][1], high)
        else:
            merged.append((low, high))
    return merged
