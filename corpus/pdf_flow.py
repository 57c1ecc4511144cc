"""From the rows of all pages to paragraphs: running headers and page numbers taken out, wrapped lines joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.pdf_lines import Line, Row
from corpus.pdf_tables import PageTable
from corpus.wrapping import HANGING, SENTENCE_ENDS, first_unit, joined, opens_paragraph

OUTER_ROWS = 2
"""Rows at the top and at the bottom of a page among which headers and footers are looked for."""
LONG_PART = 6
"""Lines from which on a part of a page tells by itself how wide its column is."""
SAME_PLACE = 3.0
"""Points by which a header may stand higher or lower from page to page."""
MARGIN = 0.1
"""Share of the page's height within which a lone number is a page number."""
LOOSE = 1.2
"""Times the usual distance of lines that parts paragraphs."""
INDENT = 1.2
"""Ems."""
_COUNTED = re.compile(r"^\W*\d+|\d+\W*$|第\d+页|共\d+页|\d+[/／]\d+")
_DASHES = r"[-—–―─·•~～\s]*"
_PAGE_NUMBER = re.compile(
    rf"{_DASHES}(?:第\s*[一二三四五六七八九十百\d]{{1,4}}\s*页|Page\s*\d{{1,4}}|\d{{1,4}}|[ivxIVX]{{1,6}})"
    rf"(?:[\s/／,，]*(?:共|of)?\s*[一二三四五六七八九十百\d]{{1,4}}\s*页?)?{_DASHES}",
    re.IGNORECASE,
)


@dataclass(slots=True)
class PageRows:
    """What was found on a page, from the top."""

    height: float
    rows: list[Row]
    tables: list[PageTable] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The text of a paragraph, the size of its letters in points, its pages with the offset where each begins in it."""

    text: str
    size: float
    pages: tuple[tuple[int, int], ...]


def drop_running_rows(pages: Sequence[PageRows]) -> None:
    """Takes out what stands at the same place of several pages (page numbers in it aside), and page numbers alone.

    A second row goes only with the outermost one.
    """
    seen: dict[tuple[bool, str], list[float]] = {}
    for page in pages:
        for index, top, height in _outer_rows(page):
            seen.setdefault((top, _bare(page.rows[index])), []).append(height)
    most = max(OUTER_ROWS + 1, len(pages) / 2)
    for page in pages:
        times = [0] * len(page.rows)
        for index, top, height in _outer_rows(page):
            places = seen[top, _bare(page.rows[index])]
            times[index] = max(times[index], sum(abs(height - other) <= SAME_PLACE for other in places))
        numbers = [_is_page_number(row, page) for row in page.rows]
        sure = [number or time >= most for number, time in zip(numbers, times, strict=True)]
        likely = [number or time > 1 for number, time in zip(numbers, times, strict=True)]
        heights = [row[0].y for row in page.rows]
        above = _running(sure, likely, heights)
        below = _running(sure[above:][::-1], likely[above:][::-1], heights[above:][::-1])
        page.rows = page.rows[above : len(page.rows) - below]


def _running(sure: Sequence[bool], likely: Sequence[bool], heights: Sequence[float]) -> int:
    """How many rows from the edge of a page are running ones.

    What stands on few pages must also be further from the text than its lines are from one another.
    """
    distances = sorted(abs(one - other) for one, other in pairwise(heights))
    usual = distances[len(distances) // 2] if len(distances) > 2 * OUTER_ROWS else 0.0
    found = 0
    for count in range(1, min(OUTER_ROWS, len(heights)) + 1):
        if not likely[count - 1]:
            break
        apart = count == len(heights) or abs(heights[count] - heights[count - 1]) > LOOSE * usual
        if apart or sure[count - 1]:
            found = count
    return found


def _outer_rows(page: PageRows) -> Iterator[tuple[int, bool, float]]:
    """The places of the outer rows of a page, whether each is at the top, and its distance from that edge."""
    for index, row in enumerate(page.rows):
        if index < OUTER_ROWS:
            yield index, True, row[0].y
        if index >= len(page.rows) - OUTER_ROWS:
            yield index, False, page.height - row[0].y


def _bare(row: Row) -> str:
    return _COUNTED.sub("#", "".join("".join(line.text.split()) for line in row))


def _is_page_number(row: Row, page: PageRows) -> bool:
    if not _PAGE_NUMBER.fullmatch(" ".join(line.text for line in row)):
        return False
    y = row[0].y
    others = [one[0].y for one in page.rows if one is not row]
    others += [edge for table in page.tables for edge in (table.top, table.bottom)]
    alone = min((abs(y - other) for other in others), default=page.height) > 2 * row[0].size
    return alone and (y < MARGIN * page.height or y > (1 - MARGIN) * page.height)


def set_edges(parts: Sequence[Sequence[Line]]) -> None:
    """Tells every line where its column begins and ends; a short part takes that of the narrowest it fits into."""
    spans = [(min(line.left for line in part), max(map(_right, part)), len(part)) for part in parts]
    columns = sorted({span for span in spans if span[2] >= LONG_PART}, key=lambda span: span[1] - span[0])[:50]
    for part, own in zip(parts, spans, strict=True):
        slack = part[0].size
        around = (one for one in columns if one[0] - slack <= own[0] and own[1] <= one[1] + slack)
        left, right, _ = own if own[2] >= LONG_PART else next(around, own)
        for line in part:
            line.left_edge, line.right_edge = min(left, own[0]), max(right, own[1])


def _right(line: Line) -> float:
    """Where a line ends; a mark that may not begin a line can hang out of the column."""
    return line.right - line.size if line.text.endswith(HANGING) else line.right


def paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """Lines in reading order as paragraphs."""
    pitch = _pitches(lines)
    group: list[Line] = []
    for line in lines:
        if group and not _goes_on(group, line, pitch):
            yield _paragraph(group)
            group = []
        group.append(line)
    if group:
        yield _paragraph(group)


def _goes_on(group: Sequence[Line], line: Line, pitch: dict[int, float]) -> bool:
    """Whether a line continues the paragraph of the lines before it."""
    before = group[-1]
    if abs(line.size - before.size) > 0.12 * before.size:
        return False
    if line.part == before.part and line.y - before.y > LOOSE * pitch.get(round(line.size), 2 * line.size):
        return False
    if before.right_edge - before.right > (first_unit(line.text) + 0.6) * line.size:
        return False
    opens = opens_paragraph(line.text)
    if line.left - line.left_edge > INDENT * line.size:
        # Below a number that hangs out to the left the text goes on indented.
        below = group[0].left < line.left if len(group) == 1 else abs(before.left - line.left) < line.size
        return below and not opens and opens_paragraph(group[0].text) and group[0].left - line.left_edge < line.size
    # Where paragraphs begin indented, a number at the edge of the column stands within one.
    begins_indented = group[0].left - group[0].left_edge > INDENT * line.size
    return begins_indented or not (opens and before.text.endswith(SENTENCE_ENDS))


def _pitches(lines: Sequence[Line]) -> dict[int, float]:
    """For each size of letters the distance between lines of one paragraph: the smallest that is not rare."""
    counts: dict[int, Counter[float]] = {}
    for before, line in pairwise(lines):
        distance = line.y - before.y
        if line.part == before.part and 0 < distance < 4 * line.size:
            counts.setdefault(round(line.size), Counter())[round(distance * 2) / 2] += 1
    return {size: min(one for one, count in counter.items() if count * 10 >= counter.total() or count > 4)
            for size, counter in counts.items()}  # fmt: skip


def _paragraph(group: Iterable[Line]) -> Paragraph:
    text, size = "", 0.0
    pages: list[tuple[int, int]] = []
    for line in group:
        text = joined((text, line.text))
        size = max(size, line.size)
        if not pages or pages[-1][1] != line.page:
            pages.append((len(text) - len(line.text), line.page))
    return Paragraph(text, size, tuple(pages))
