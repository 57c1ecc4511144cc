"""How a Chinese official document is built: numbered headings and items, lead-ins, rows of tables.

Works on plain text. The order of the numbering is that of GB/T 9704-2012 (一、 over （一） over 1. over （1）), with ①
below, and 第1项, 线索一, 案例一 between （一） and 1., where offices put them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nlp.numbering import parse_count

Span = tuple[int, int]
"""Characters [start, end)."""

HEADING, PARAGRAPH, HEADER, ROW = "heading", "paragraph", "header", "row"
LONGEST_HEADING = 60
LONGEST_TITLE = 15
"""Characters of a line without number that opens a part by itself (附注：, 处置建议：)."""

_HAN = "一二三四五六七八九十"
_COUNT = rf"(?:[{_HAN}]{{1,3}}|[0-9０-９]{{1,3}})"
_MARKER = re.compile(
    rf"""(?P<m1>[{_HAN}]{{1,3}})、
    |[（(](?P<m2>[{_HAN}]{{1,3}})[）)]
    |(?:第(?P<m3>{_COUNT})[项条件]|(?:问题|线索|案例|编号|事项)(?P<m4>{_COUNT}))(?:[：:　 ]+|(?=[（(])|$)
    |(?P<m5>[0-9０-９]{{1,3}})(?:[.．](?:(?![0-9０-９])|(?=(?:19|20)[0-9]{{2}}年))|、)
    |[（(](?P<m6>[0-9０-９]{{1,2}})[）)]
    |(?P<m7>[①-⑳])""",
    re.VERBOSE,
)
_LEVELS = {"m1": 1.0, "m2": 2.0, "m3": 3.0, "m4": 3.0, "m5": 4.0, "m6": 5.0, "m7": 6.0}
_BLANK = " 　\t\n\r\xa0"
_STOP = "。！？；!?;"


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or a row of a table as it was read: characters [start, end), of a row its cells and their columns."""

    start: int
    end: int
    cells: tuple[Span, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a row of a table: characters [start, end), numbering and blanks at the edges left out.

    `number` is what its numbering counts (None: none). `above` are the headings over it from the top down. `cells` are
    those of a row, `columns` what its table calls them.
    """

    kind: str
    start: int
    end: int
    number: int | None = None
    above: tuple[Span, ...] = ()
    cells: tuple[Span, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass
class _Above:
    """The headings that are open at a place, each with its level."""

    open: list[tuple[float, Span]] = field(default_factory=list)

    def close(self, level: float) -> None:
        self.open = [one for one in self.open if one[0] < level]

    def spans(self) -> tuple[Span, ...]:
        return tuple(span for _, span in self.open)


def read_blocks(text: str, lines: Sequence[Line]) -> list[Block]:
    """The blocks of a document in order; a row without columns is the one that names them."""
    above = _Above()
    return [_row(text, line, above) if line.cells else _paragraph(text, line, above) for line in lines]


def _row(text: str, line: Line, above: _Above) -> Block:
    kind = ROW if line.columns else HEADER
    number = parse_count(text[slice(*line.cells[0])])
    return Block(kind, line.start, line.end, number, above.spans(), line.cells, line.columns)


def _paragraph(text: str, line: Line, above: _Above) -> Block:
    """The block of a line outside tables; what it opens and closes is noted in `above`."""
    start, end = trimmed(text, line.start, line.end)
    marker = _MARKER.match(text, start, end)
    number, level = None, 0.0
    if marker and marker.lastgroup:
        number, level = parse_count(marker[marker.lastgroup]), _LEVELS[marker.lastgroup]
        start, end = trimmed(text, marker.end(), end)
        above.close(level)
    if not _is_heading(text, start, end):
        return Block(PARAGRAPH, start, end, number, above.spans())
    if level == 1.0:
        above.close(0.0)
    elif not level:
        # A lead-in stands below the heading it follows; a short line by itself opens a part of its own.
        level = 0.0 if end - start <= LONGEST_TITLE or not above.open else above.open[-1][0] + 0.5
        above.close(level)
    block = Block(HEADING, start, end, number, above.spans())
    above.open.append((level, (start, end)))
    return block


def _is_heading(text: str, start: int, end: int) -> bool:
    """Whether a line is a heading or opens a list: short and no sentence, or ending with a colon."""
    if start == end or text[end - 1] in "：:":
        return True
    return end - start <= LONGEST_HEADING and not any(stop in text[start:end] for stop in _STOP)


def trimmed(text: str, start: int, end: int, edge: str = _BLANK) -> Span:
    """The span without blanks, or the characters of `edge`, at its ends."""
    while start < end and text[start] in edge:
        start += 1
    while end > start and text[end - 1] in edge:
        end -= 1
    return start, end
