"""Pdf files with a text layer: lines joined to paragraphs, column by column, without headers and footers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from corpus.composing import Composer, TooLongError
from corpus.documents import MOST_CHARACTERS, Document
from corpus.errors import InputError
from corpus.grids import GridCell
from corpus.pdf_flow import PageRows, drop_running_rows, paragraphs, set_edges
from corpus.pdf_lines import Line, in_one, reading_order, rows_of
from corpus.pdf_page import read_page
from corpus.pdf_tables import PageTable, gap_tables, ruled_tables

MOST_PAGES = 5_000
HEADING_SIZE = 1.15
"""Times the size of the running text."""
_SAME_COLUMN = 6.0
_PDFIUM = threading.Lock()
"""The library behind pypdfium2 breaks when two threads use it."""
_BROKEN = "not a readable pdf file (damaged); open it in a pdf reader and print it to a new file"
_SCANNED = "a scan without a text layer; run it through text recognition (文字识别) first"
_UNMAPPED = "its fonts do not tell which characters they show; run it through text recognition (文字识别) first"
_PROTECTED = "protected by a password; save it without one"


def read_pdf(path: Path) -> Document:
    """A pdf file; places are pages (第3页), counted from 1 as a viewer does.

    Raises:
        InputError: damaged, protected by a password (one that only forbids printing does not matter), without a text
            layer, or longer than MOST_PAGES or MOST_CHARACTERS.
    """
    with _PDFIUM:
        try:
            pages, bare = _pages(path)
        except pdfium.PdfiumError as error:
            protected = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
            raise InputError(path, _PROTECTED if protected else _BROKEN) from error
    drop_running_rows(pages)
    try:
        return _document(_items(pages), _remarks(bare))
    except TooLongError as error:
        raise InputError(path, f"longer than {MOST_CHARACTERS:,} characters; split it") from error


def _pages(path: Path) -> tuple[list[PageRows], list[int]]:
    """What stands on each page, and the numbers of the pages without text."""
    pages: list[PageRows] = []
    bare: list[int] = []
    mapped = unmapped = 0
    with pdfium.PdfDocument(path) as file:
        if not 0 < len(file) <= MOST_PAGES:
            raise InputError(path, f"more than {MOST_PAGES:,} pages; split it" if len(file) else _BROKEN)
        for number in range(len(file)):
            handle = file[number]
            try:
                page = read_page(handle)
            finally:
                handle.close()
            if not page.glyphs:
                bare.append(number + 1)
            tables, outside = ruled_tables(page)
            pages.append(PageRows(page.height, rows_of(outside), tables))
            mapped += len(page.glyphs)
            unmapped += page.unmapped
            if mapped > MOST_CHARACTERS:
                raise InputError(path, f"longer than {MOST_CHARACTERS:,} characters; split it")
    if mapped + unmapped == 0:
        raise InputError(path, _SCANNED)
    if unmapped > mapped:
        raise InputError(path, _UNMAPPED)
    return pages, bare


def _remarks(bare: Sequence[int]) -> list[str]:
    if not bare:
        return []
    first = ", ".join(map(str, bare[:10])) + (" …" if len(bare) > 10 else "")
    return [f"{len(bare)} pages without text (scans or empty) were left out: {first}"]


@dataclass(slots=True)
class _Table:
    page: int
    columns: tuple[float, ...]
    rows: list[list[GridCell]] = field(default_factory=list)


def _items(pages: Sequence[PageRows]) -> list[Line | _Table]:
    """Lines and tables of all pages in reading order; a table that goes on over pages is one."""
    items: list[Line | _Table] = []
    parts: list[list[Line]] = []
    gutters: list[float] = []
    for number, page in enumerate(pages, 1):
        for element in _elements(page, gutters):
            if isinstance(element, PageTable):
                _add_table(items, element, number)
                continue
            part = [in_one(row) for row in element]
            for line in part:
                line.page, line.part = number, len(parts)
            parts.append(part)
            items += part
    set_edges(parts)
    return items


def _elements(page: PageRows, gutters: list[float]) -> Iterator[PageTable | Sequence[list[Line]]]:
    """The tables and the stretches of rows of a page, from the top."""
    rest = page.rows
    for table in [*sorted(page.tables, key=lambda one: one.top), None]:
        bottom = table.top if table else float("inf")
        for part in reading_order([row for row in rest if row[0].y <= bottom], gutters):
            yield from (element for element in gap_tables(part) if isinstance(element, PageTable) or element)
        rest = [row for row in rest if row[0].y > bottom]
        if table:
            yield table


def _add_table(items: list[Line | _Table], table: PageTable, number: int) -> None:
    last = items[-1] if items else None
    rows = table.rows
    if isinstance(last, _Table) and last.page < number and _same_columns(last.columns, table.columns):
        if _texts(rows[0]) == _texts(last.rows[0]):
            rows = rows[1:]
        if rows and not rows[0][0].text and len(rows[0]) == len(last.rows[-1]) and any(_texts(rows[0])):
            pairs = zip(last.rows[-1], rows[0], strict=True)
            last.rows[-1] = [GridCell(a.text + b.text, a.column, a.span, a.merged) for a, b in pairs]
            rows = rows[1:]
        last.rows += rows
        last.page = number
    else:
        items.append(_Table(number, table.columns, [*rows]))


def _same_columns(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and all(abs(a - b) < _SAME_COLUMN for a, b in zip(one, other, strict=True))


def _texts(row: Sequence[GridCell]) -> list[str]:
    return [cell.text for cell in row]


def _document(items: Sequence[Line | _Table], remarks: Sequence[str]) -> Document:
    composer = Composer()
    sizes: Counter[int] = Counter()
    for item in items:
        if isinstance(item, Line):
            sizes[round(item.size)] += len(item.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0
    for is_line, group in groupby(items, key=lambda item: isinstance(item, Line)):
        if is_line:
            for paragraph in paragraphs([item for item in group if isinstance(item, Line)]):
                level = int(paragraph.size > HEADING_SIZE * usual)
                composer.mark(f"第{paragraph.pages[0][1]}页")
                places = [(offset, f"第{page}页") for offset, page in paragraph.pages[1:]]
                composer.paragraph(paragraph.text, "heading" if level else "paragraph", level, places=places)
        else:
            for item in group:
                if isinstance(item, _Table):
                    composer.mark(f"第{item.page}页")
                    composer.table(item.rows, place=False)
    return composer.document(remarks)
