"""Puts a document together from paragraphs and tables and counts the offsets."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.documents import MOST_CHARACTERS, Block, Cell, Document, Kind
from corpus.encoding import repair
from corpus.grids import SEPARATOR, GridCell, with_headers


class TooLongError(Exception):
    """The text grew over MOST_CHARACTERS."""


class Composer:
    """Takes paragraphs and tables in reading order; blocks stand on a line each."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._marks: list[tuple[int, str]] = []
        self.tables = 0

    def mark(self, place: str) -> None:
        """What follows stands at this place."""
        if not self._marks or self._marks[-1][1] != place:
            self._marks.append((self._length, place))

    def paragraph(
        self, text: str, kind: Kind = "paragraph", level: int = 0, *, places: Sequence[tuple[int, str]] = ()
    ) -> None:
        """Adds a paragraph, which holds no line break; blanks around it are dropped, an empty one is left out.

        Args:
            text: the paragraph.
            kind: what it is.
            level: of a heading.
            places: offsets in the paragraph from which it stands at another place (the next page).
        """
        if text := text.strip():
            start = self._add(text)
            self._marks += [(start + offset, place) for offset, place in places]
            self._blocks.append(Block(kind, start, self._length, level))
            self._add("\n")

    def table(self, rows: Sequence[Sequence[GridCell]], marked: int = 0, *, place: bool = True) -> None:
        """Adds a table row by row.

        Args:
            rows: the cells that begin in each row or continue the one above, from left to right.
            marked: rows at the top that the file marks as header.
            place: whether each row is a place of its own (表2第4行).
        """
        self.tables += 1
        before, base = len(self._pieces), self._length
        blocks: list[Block] = []
        owners: dict[int, Cell] = {}
        for number, row in enumerate(rows, 1):
            if place:
                self.mark(f"表{self.tables}第{number}行")
            if not any(cell.text.strip() for cell in row):
                continue
            start = self._length
            cells = []
            for index, cell in enumerate(row):
                if index:
                    self._add(SEPARATOR)
                cells.append(self._cell(cell, owners))
            blocks.append(Block("row", start, self._length, table=self.tables, cells=tuple(cells)))
            self._add("\n")
        text = "".join(self._pieces[before:])
        self._blocks += with_headers(blocks, lambda cell: text[cell.start - base : cell.end - base], marked)

    def _cell(self, cell: GridCell, owners: dict[int, Cell]) -> Cell:
        owner = owners.get(cell.column)
        if cell.merged and owner is not None:
            return Cell(owner.start, owner.end, cell.column, cell.span, merged=True)
        start = self._add(" ".join(cell.text.split()))
        owners[cell.column] = Cell(start, self._length, cell.column, cell.span)
        return owners[cell.column]

    def _add(self, text: str) -> int:
        """Appends the text and gives where it begins."""
        start = self._length
        self._pieces.append(repair(text)[0])
        self._length += len(text)
        if self._length > MOST_CHARACTERS:
            raise TooLongError
        return start

    def document(self, remarks: Sequence[str] = ()) -> Document:
        """What was added."""
        text = "".join(self._pieces).removesuffix("\n")
        return Document(text, tuple(self._blocks), tuple(self._marks), tuple(remarks))
