"""From the glyphs of a page to its lines in reading order, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.pdf_page import Glyph

GAP = 0.8
"""Ems of a gap that parts two pieces of a row; justified Chinese text has none so wide."""
BLANK = 0.18
"""Ems between Latin letters or digits that stand for a blank."""
FEWEST_LINES = 3
"""Lines that a column of text has at least."""
NARROWEST_COLUMN = 9
"""Ems of the narrowest column of text."""


@dataclass(slots=True)
class Line:
    """A run of glyphs on one baseline without a wide gap.

    `part` numbers the stretches of text that are one column wide, in reading order; `left_edge` and `right_edge` are
    those of the column.
    """

    text: str
    left: float
    right: float
    y: float
    size: float
    left_edge: float = 0.0
    right_edge: float = 0.0
    part: int = 0
    page: int = 0


Row = list[Line]
"""The lines that stand beside one another."""


def rows_of(glyphs: Iterable[Glyph]) -> list[Row]:
    """All rows of a page from the top, each cut at its wide gaps."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda one: one.y):
        # A raised or lowered character stays in its row.
        if rows and glyph.y - rows[-1][0].y < 0.45 * max(glyph.size, rows[-1][0].size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [list(_pieces(sorted(row, key=lambda one: one.left))) for row in rows]


def _pieces(glyphs: Sequence[Glyph]) -> Iterator[Line]:
    """The row cut at wide gaps; a glyph that is drawn twice to look bold counts once."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run and glyph.text == run[-1].text and glyph.left - run[-1].left < 0.5 * (run[-1].right - run[-1].left):
            continue
        if run and glyph.left - run[-1].right > GAP * max(glyph.size, run[-1].size):
            yield _line(run)
            run = []
        run.append(glyph)
    yield _line(run)


def _line(run: Sequence[Glyph]) -> Line:
    pieces = [run[0].text]
    for before, glyph in pairwise(run):
        words = before.text.isascii() and glyph.text.isascii()
        if words and (glyph.spaced or glyph.left - before.right > BLANK * glyph.size):
            pieces.append(" ")
        pieces.append(glyph.text)
    sizes = sorted(glyph.size for glyph in run)
    right = max(glyph.right for glyph in run)
    return Line("".join(pieces), run[0].left, right, run[len(run) // 2].y, sizes[len(sizes) // 2])


def reading_order(rows: Sequence[Row], gutters: list[float]) -> list[Sequence[Row]]:
    """The rows cut into parts that are read one after the other, each of them one column wide.

    A stretch of rows that all leave the same gutter free, with text of full lines on both sides of it, is two columns;
    what stands across the gutter parts such stretches.

    Args:
        rows: from the top.
        gutters: where gutters were found on earlier pages, those of this one are added; there the lines need not be
            full, as at the end of a text.
    """
    gutter = _gutter(rows, gutters)
    if gutter is None:
        return [rows] if rows else []
    begin, end, at = gutter
    if at not in gutters:
        gutters.append(at)
    left = [[line for line in row if line.right <= at] for row in rows[begin:end]]
    right = [[line for line in row if line.left >= at] for row in rows[begin:end]]
    parts = [rows[:begin], [row for row in left if row], [row for row in right if row], rows[end:]]
    return [one for part in parts for one in reading_order(part, gutters)]


def _gutter(rows: Sequence[Row], known: Sequence[float]) -> tuple[int, int, float] | None:
    """The stretch of rows (first, last exclusive) with the most lines in two columns, and where the gutter is."""
    gaps = [(before.right + after.left) / 2 for row in rows for before, after in pairwise(row)]
    best: tuple[int, int, int, float] | None = None
    for at in [*known, *{round(gap / 6): gap for gap in gaps}.values()]:
        for begin, end in _stretches(rows, at):
            beside = sum(row[0].right <= at <= row[-1].left for row in rows[begin:end])
            accepted = beside > 1 if at in known else _is_text(rows[begin:end], at)
            if (best is None or beside > best[0]) and accepted:
                best = beside, begin, end, at
    return best[1:] if best else None


def _stretches(rows: Sequence[Row], at: float) -> Iterator[tuple[int, int]]:
    """The longest runs of rows of which no line crosses `at`."""
    begin = None
    for index, row in enumerate([*rows, None]):
        free = row is not None and not any(line.left < at < line.right for line in row)
        if free and begin is None:
            begin = index
        elif not free and begin is not None:
            yield begin, index
            begin = None


def _is_text(rows: Sequence[Row], at: float) -> bool:
    """Whether full lines stand on both sides of the gutter, as in columns of text but not in those of a table."""
    for side in ([line for row in rows for line in row if line.right <= at],
                 [line for row in rows for line in row if line.left >= at]):  # fmt: skip
        if len(side) < FEWEST_LINES:
            return False
        width = max(line.right for line in side) - min(line.left for line in side)
        full = sum(line.right - line.left > 0.7 * width for line in side)
        if width < NARROWEST_COLUMN * side[0].size or full * 2 < len(side):
            return False
    return True


def in_one(row: Row) -> Line:
    """The pieces of a row that is read as one line, with a blank at each wide gap."""
    first = max(row, key=lambda line: len(line.text))
    text = " ".join(line.text for line in row)
    return Line(text, row[0].left, row[-1].right, first.y, first.size)
