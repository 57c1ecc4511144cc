"""A document of any format as one text with its structure: blocks, table cells, and the place of every character."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus.errors import InputError
from corpus.wrapping import parts_words

Kind = Literal["heading", "paragraph", "header", "row", "note"]
"""`header` is the row of a table that names its columns, `note` a footnote."""

MOST_CHARACTERS = 10_000_000
"""Characters of the longest document that is read, about ten thousand pages."""
SUFFIXES = (".docx", ".htm", ".html", ".pdf", ".txt")
SAVE_AS_DOCX = "open it in Word or WPS and save it as docx (另存为 docx)"
_WRAP = re.compile(r"[^\S\n]*\n\s*")
OLD_FORMATS = frozenset((".doc", ".dot", ".odt", ".rtf", ".wps", ".wpt"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table row: characters [start, end) of the text, and what its column is called.

    A cell that continues the one above it (`merged`) has the characters of that one, which stand in an earlier row.
    `column` counts from 0, `span` columns are covered; `header` is "" where the table has no header row.
    """

    start: int
    end: int
    column: int
    span: int = 1
    header: str = ""
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, table row or footnote: characters [start, end), without blanks around it.

    `level` is that of a heading (1 is the highest; 0: no heading or not told). A row has its table's number from 1 and
    its cells; its text is that of the cells with ` | ` between them.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    table: int = 0
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The text as read, its blocks in reading order, and where in the file each part of it stands.

    All offsets count characters of `text`. Blocks do not overlap; between them stand only line ends and blanks.
    `marks` are (start, name of the place) by ascending start. `remarks` says what was left out (pages without text).
    """

    text: str
    blocks: tuple[Block, ...]
    marks: tuple[tuple[int, str], ...] = ()
    remarks: tuple[str, ...] = ()

    def place(self, offset: int) -> str:
        """Where a character stands, for a person to look it up: 第3页, 第12段, 表2第4行, 第8行; "" before the first."""
        index = bisect_right(self.marks, offset, key=lambda mark: mark[0])
        return self.marks[index - 1][1] if index else ""

    def joined(self, block: Block) -> tuple[str, list[int]]:
        """The text of a block with the line breaks of a hard-wrapped paragraph taken out, and each character's offset.

        Only blocks of txt files hold line breaks; the text of any other block comes out as it is.
        """
        text = self.text[block.start : block.end]
        pieces: list[str] = []
        offsets: list[int] = []
        begin = 0
        for wrap in _WRAP.finditer(text):
            pieces.append(text[begin : wrap.start()])
            offsets += range(block.start + begin, block.start + wrap.start())
            begin = wrap.end()
            if parts_words(text[wrap.start() - 1], text[wrap.end()]):
                pieces.append(" ")
                offsets.append(block.start + wrap.start())
        pieces.append(text[begin:])
        offsets += range(block.start + begin, block.end)
        return "".join(pieces), offsets


def read_document(path: Path) -> Document:
    """The document of a docx, pdf, html or txt file.

    Raises:
        InputError: the file is missing, empty, of another suffix, damaged, protected by a password, without any text
            (a scan), or too large; the message says what to do.
    """
    reader = _reader(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        raise InputError(path, reason) from error
    if path.is_dir():
        raise InputError(path, "is a folder; name the files in it")
    if size == 0:
        raise InputError(path, "the file is empty")
    document = reader(path)
    if not document.blocks:
        raise InputError(path, "there is no text in it")
    return document


def _reader(path: Path) -> Callable[[Path], Document]:
    """The reader for a suffix; its library is loaded only now."""
    match path.suffix.lower():
        case ".txt":
            from corpus.plain import read_plain as reader
        case ".docx":
            from corpus.docx import read_docx as reader
        case ".pdf":
            from corpus.pdf import read_pdf as reader
        case ".html" | ".htm":
            from corpus.html import read_html as reader
        case suffix if suffix in OLD_FORMATS:
            raise InputError(path, f"{suffix} files are not read; {SAVE_AS_DOCX}")
        case suffix:
            raise InputError(path, f"unknown suffix {suffix!r}; documents are read from {', '.join(SUFFIXES)}")
    return reader
