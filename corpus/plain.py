"""Text files: the text stays as it is in the file, paragraphs and tables are found in its lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from corpus.documents import MOST_CHARACTERS, Block, Cell, Document
from corpus.encoding import detect_encoding
from corpus.errors import InputError
from corpus.grids import with_headers
from corpus.wrapping import HANGING, SENTENCE_ENDS, first_unit, opens_paragraph

FEWEST_WRAPPED = 4
"""Lines that a hard-wrapped text has at least."""
NARROWEST_WRAP = 32
"""Columns (a Chinese character takes two) of the narrowest hard-wrapped text."""
WRAP_SLACK = 4
"""Columns by which a full line may be shorter than the longest: a mark that may not begin a line, a long number."""

_LINE = re.compile(r"[^\n]+")
_SEPARATORS = re.compile(r"[^\S\n]*[|｜│\t][^\S\n]*")
_RULE = re.compile(r"[\s|｜│:\-—─=+┌┬┐├┼┤└┴┘]+")

Line = tuple[int, int]
"""Start and end of a line without blanks around it."""


def read_plain(path: Path) -> Document:
    """A txt file in any Chinese encoding; `text` is the decoded file with every line end as one line feed.

    Raises:
        InputError: longer than MOST_CHARACTERS.
    """
    with path.open(encoding=detect_encoding(path), errors="replace") as file:
        text = file.read(MOST_CHARACTERS + 1)
    if len(text) > MOST_CHARACTERS:
        raise InputError(path, f"longer than {MOST_CHARACTERS:,} characters; split it")
    return plain_document(text)


def plain_document(text: str) -> Document:
    """A document whose text is the given one, character for character."""
    blocks: list[Block] = []
    tables = 0
    for is_table, lines in groupby(_lines(text), key=lambda line: bool(_SEPARATORS.search(text, *line))):
        group = list(lines)
        if is_table and len(group) > 1:
            tables += 1
            blocks += _table(text, group, tables)
        else:
            blocks += _paragraphs(text, group)
    starts = (match.start() for match in re.finditer("^", text, re.MULTILINE))
    return Document(text, tuple(blocks), tuple((start, f"第{number}行") for number, start in enumerate(starts, 1)))


def _lines(text: str) -> Iterator[Line]:
    for match in _LINE.finditer(text):
        if stripped := match[0].strip():
            start = match.start() + match[0].index(stripped)
            yield start, start + len(stripped)


def _table(text: str, lines: Sequence[Line], number: int) -> list[Block]:
    """The rows of lines whose cells stand between tabs or upright strokes; lines that only draw rules are no rows."""
    rows = []
    for start, end in lines:
        if not _RULE.fullmatch(text, start, end):
            cells = _cells(text, start, end)
            rows.append(Block("row", start, end, table=number, cells=cells))
    return with_headers(rows, lambda cell: text[cell.start : cell.end])


def _cells(text: str, start: int, end: int) -> tuple[Cell, ...]:
    cells = []
    begin = start
    gaps = [*_SEPARATORS.finditer(text, start, end)]
    if gaps and gaps[0].start() == start and text[start] != "\t":
        begin, gaps = gaps[0].end(), gaps[1:]
        if gaps and gaps[-1].end() == end:
            end, gaps = gaps[-1].start(), gaps[:-1]
    for column, gap in enumerate(gaps):
        cells.append(Cell(begin, gap.start(), column))
        begin = gap.end()
    return (*cells, Cell(begin, max(begin, end), len(cells)))


def _paragraphs(text: str, lines: Sequence[Line]) -> Iterator[Block]:
    """Every line is a paragraph, unless the lines are evidently wrapped at one width."""
    width = _wrap_width(text, lines)
    begin: int | None = None
    for index, (start, end) in enumerate(lines):
        begin = start if begin is None else begin
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is None or not (width and _goes_on(text, (start, end), following, width)):
            yield Block("paragraph", begin, end)
            begin = None


def _wrap_width(text: str, lines: Sequence[Line]) -> int:
    """The width at which lines are wrapped, 0 for a text that is not.

    Wrapped are lines of which at least a third are as long as the longest and most of these end within a sentence.
    """
    if len(lines) < FEWEST_WRAPPED:
        return 0
    widths = [_width(text, line) for line in lines]
    longest = max(
        width - 2 if text.startswith(HANGING, end - 1) else width for width, (_, end) in zip(widths, lines, strict=True)
    )
    full = [line for line, width in zip(lines, widths, strict=True) if width >= longest - WRAP_SLACK]
    within = sum(not text.startswith(SENTENCE_ENDS, end - 1) for _, end in full)
    evident = longest >= NARROWEST_WRAP and len(full) * 3 >= len(lines) and within * 2 > len(full)
    return longest if evident else 0


def _goes_on(text: str, line: Line, following: Line, width: int) -> bool:
    """Whether the next line continues the paragraph of this one."""
    between = text[line[1] : following[0]]
    indented = not between.endswith("\n")
    if between.count("\n") > 1 or indented or width - _width(text, line) >= 2 * first_unit(text[slice(*following)]):
        return False
    ended = text.startswith(SENTENCE_ENDS, line[1] - 1)
    return not (ended and opens_paragraph(text[slice(*following)]))


def _width(text: str, line: Line) -> int:
    """Columns from the line's first, blanks before it included, to its last character."""
    begin = text.rfind("\n", 0, line[0]) + 1
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text[begin : line[1]])
