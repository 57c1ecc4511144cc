"""Word documents: the text as it is seen, with generated numbers, without tracked deletions and hidden text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from corpus.composing import Composer, TooLongError
from corpus.documents import MOST_CHARACTERS, SAVE_AS_DOCX, Document
from corpus.docx_numbering import Numbering, is_on, number, value
from corpus.docx_package import Parts, W, read_parts
from corpus.docx_styles import Style, heading_level, list_styles, paragraph_styles
from corpus.errors import InputError
from corpus.grids import GridCell

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SIGNS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
}
_UNREAD = frozenset(
    W + name
    for name in ("pPr", "rPr", "sdtPr", "tblPr", "del", "moveFrom", "delText", "instrText", "delInstrText", "rt")
)
_WRAPPERS = frozenset(W + name for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_LATIN = re.compile(r"[0-9A-Za-z]")
_NUMBER_ENDS = tuple("、，.．:：)）]】")
_CIRCLED = "①㊿"
_SYMBOL_FONT = range(0xF000, 0xF100)


def read_docx(path: Path) -> Document:
    """A docx file; places are paragraphs that hold text (第12段), table rows and footnotes.

    Raises:
        InputError: no docx file, damaged, protected by a password, or too large.
    """
    try:
        return _Walk(read_parts(path)).document()
    except TooLongError as error:
        raise InputError(path, f"longer than {MOST_CHARACTERS:,} characters; split it") from error
    except RecursionError as error:
        raise InputError(path, f"nested too deep for a document; {SAVE_AS_DOCX}") from error


@dataclass(slots=True)
class _Inline:
    """What stands in one paragraph: its text, and the text boxes and notes that hang on it."""

    pieces: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    fields: list[bool] = field(default_factory=list)
    """For each open field, whether its code (which is not seen) is being read."""

    def add(self, text: str) -> None:
        if not any(self.fields):
            self.pieces.append(text)


class _Walk:
    """One pass over a document in reading order."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._styles, self._default = paragraph_styles(parts.styles)
        self._numbering = Numbering(parts.numbering, list_styles(parts.styles))
        self._composer = Composer()
        self._paragraphs = 0
        self._carried = ""
        self._notes: list[tuple[str, str]] = []

    def document(self) -> Document:
        body = self._parts.document.find(f"{W}body")
        self._blocks(body if body is not None else self._parts.document)
        self._composer.paragraph(self._carried)
        for index, (kind, key) in enumerate(self._notes, 1):
            self._note(index, kind, key)
        return self._composer.document()

    def _blocks(self, parent: etree._Element) -> None:
        for element in _content(parent, f"{W}p", f"{W}tbl"):
            if element.tag == f"{W}p":
                self._paragraph(element)
            else:
                self._table(element)

    def _paragraph(self, element: etree._Element) -> None:
        text, inline = self._text(element)
        style = self._style(element)
        if text is None:
            return
        if text.strip() and not style.contents:
            self._paragraphs += 1
            self._composer.mark(f"第{self._paragraphs}段")
            level = _own_level(element, style)
            for line in text.split("\n"):
                self._composer.paragraph(line, "heading" if level else "paragraph", level)
        for box in inline.boxes:
            self._blocks(box)

    def _text(self, element: etree._Element) -> tuple[str | None, _Inline]:
        """The text of a paragraph with its number; None where its deleted end joins it to the next one."""
        inline = _Inline()
        self._inline(element, inline)
        self._notes += inline.notes
        text, self._carried = self._carried + "".join(inline.pieces), ""
        properties = element.find(f"{W}pPr")
        mark = properties.find(f"{W}rPr") if properties is not None else None
        if mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None):
            self._carried = text
            return None, inline
        return _numbered(self._number(element), text), inline

    def _number(self, element: etree._Element) -> str:
        properties = element.find(f"{W}pPr")
        style = self._style(element)
        list_id = value(properties, "numPr", "numId")
        depth = value(properties, "numPr", "ilvl")
        if list_id is None:
            list_id = style.list_id
            fallback = style.depth
            if list_id and fallback is None:
                fallback = self._numbering.level_of_style(list_id, value(properties, "pStyle") or self._default)
        else:
            fallback = 0
        return self._numbering.next(list_id, number(depth, fallback or 0)) if list_id else ""

    def _style(self, element: etree._Element) -> Style:
        return self._styles.get(value(element, "pPr", "pStyle") or self._default) or Style()

    def _inline(self, parent: etree._Element, inline: _Inline) -> None:
        for element in parent:
            tag = element.tag
            if tag in (f"{W}t", _MATH_TEXT):
                inline.add(element.text or "")
            elif tag in _SIGNS:
                inline.add(_SIGNS[tag])
            elif tag == f"{W}r":
                if not is_on(element.find(f"{W}rPr"), "vanish"):
                    self._inline(element, inline)
            elif tag in _UNREAD:
                continue
            elif tag == f"{W}fldChar":
                _field(element.get(f"{W}fldCharType"), inline.fields)
            elif tag == f"{W}sym":
                inline.add(_symbol(element.get(f"{W}char", "")))
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                inline.notes.append((tag.removeprefix(W).removesuffix("Reference"), element.get(f"{W}id", "")))
            elif tag == f"{W}txbxContent":
                inline.boxes.append(element)
            elif tag == f"{_MC}AlternateContent":
                self._inline(_alternative(element), inline)
            else:
                self._inline(element, inline)

    def _table(self, table: etree._Element) -> None:
        rows = [row for row in _content(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None]
        if all(len([*_content(row, f"{W}tc")]) <= 1 for row in rows):
            # A frame around paragraphs, not a table.
            for row in rows:
                for cell in _content(row, f"{W}tc"):
                    self._blocks(cell)
            return
        marked = 0
        while marked < len(rows) and is_on(rows[marked].find(f"{W}trPr"), "tblHeader"):
            marked += 1
        inner: list[etree._Element] = []
        self._composer.table([self._row(row, inner) for row in rows], marked if marked < len(rows) else 0)
        for element in inner:
            if element.tag == f"{W}tbl":
                self._table(element)
            else:
                self._blocks(element)

    def _row(self, row: etree._Element, inner: list[etree._Element]) -> list[GridCell]:
        """The cells of a row; the tables and text boxes in them are put aside."""
        column = number(value(row, "trPr", "gridBefore"), 0)
        cells = []
        for cell in _content(row, f"{W}tc"):
            span = max(1, number(value(cell, "tcPr", "gridSpan"), 1))
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            merged = merge is not None and merge.get(f"{W}val", "continue") == "continue"
            cells.append(GridCell(self._cell_text(cell, inner), column, span, merged))
            column += span
        return cells

    def _cell_text(self, parent: etree._Element, inner: list[etree._Element]) -> str:
        texts = []
        for element in _content(parent, f"{W}p", f"{W}tbl"):
            if element.tag == f"{W}tbl":
                inner.append(element)
                continue
            text, inline = self._text(element)
            texts.append(text or "")
            inner += inline.boxes
        carried, self._carried = self._carried, ""
        return " ".join(filter(None, (*texts, carried)))

    def _note(self, index: int, kind: str, key: str) -> None:
        part = self._parts.footnotes if kind == "footnote" else self._parts.endnotes
        for element in part if part is not None else ():
            if element.get(f"{W}id") == key:
                self._composer.mark(f"{'脚注' if kind == 'footnote' else '尾注'}{index}")
                self._composer.paragraph(" ".join(self._cell_text(element, []).split()), "note")


def _content(parent: etree._Element, *wanted: str) -> Iterator[etree._Element]:
    """The children with these tags, those within content controls and tracked insertions among them."""
    for element in parent:
        if element.tag in wanted:
            yield element
        elif element.tag in _WRAPPERS:
            yield from _content(element, *wanted)
        elif element.tag == f"{_MC}AlternateContent":
            yield from _content(_alternative(element), *wanted)


def _alternative(element: etree._Element) -> etree._Element:
    """The first of the forms that a file offers of the same content."""
    return next((form for form in element if form.tag in (f"{_MC}Choice", f"{_MC}Fallback")), element)


def _field(kind: str | None, fields: list[bool]) -> None:
    """Follows where the code of a field (PAGE, REF, HYPERLINK …) ends and what it shows begins."""
    if kind == "begin":
        fields.append(True)
    elif kind == "separate" and fields:
        fields[-1] = False
    elif kind == "end" and fields:
        fields.pop()


def _symbol(code: str) -> str:
    """A character given by number; the signs of symbol fonts mean nothing outside them."""
    try:
        point = int(code, 16)
    except ValueError:
        return ""
    return "" if point in _SYMBOL_FONT or not 0x20 <= point < 0x110000 else chr(point)


def _numbered(written: str, text: str) -> str:
    """A generated number and its text; a blank parts them where they could be read as one word or number."""
    body = text.lstrip()
    if not written:
        return text
    enclosed = _CIRCLED[0] <= written[-1] <= _CIRCLED[1]
    clear = (enclosed or written.endswith(_NUMBER_ENDS)) and not _LATIN.match(body)
    return f"{written}{body}" if clear or not body else f"{written} {body}"


def _own_level(element: etree._Element, style: Style) -> int:
    outline = value(element, "pPr", "outlineLvl")
    return style.level if outline is None else heading_level(outline)
