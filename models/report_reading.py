"""A report as the models see it: its structure, and every stretch that may be a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.documents import Document
from nlp.findings import Candidate, read_candidates
from nlp.structure import Block, Line, Span, read_blocks

BATCH_CHARACTERS = 100_000
"""Characters that are turned into features at once; each takes about half a kilobyte of memory."""
_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class ReportReading:
    """The text of a report, its blocks and its candidates, all offsets counting characters of the text."""

    text: str
    blocks: list[Block]
    candidates: list[Candidate]

    def words(self, span: Span | Candidate | None) -> str:
        """The characters of a span, those of a wrapped line joined; "" for None."""
        if span is None:
            return ""
        start, end = (span.start, span.end) if isinstance(span, Candidate) else span
        return _BREAK.sub("", self.text[start:end])


def slices(texts: Sequence[str]) -> Iterator[slice]:
    """Stretches of a list of texts of about BATCH_CHARACTERS each, one text at least."""
    start = characters = 0
    for number, text in enumerate(texts):
        if number > start and characters + len(text) > BATCH_CHARACTERS:
            yield slice(start, number)
            start, characters = number, 0
        characters += len(text)
    if start < len(texts):
        yield slice(start, len(texts))


def read_report(document: Document) -> ReportReading:
    """Blocks and candidates of a document."""
    blocks = read_blocks(document.text, list(_lines(document)))
    return ReportReading(document.text, blocks, read_candidates(document.text, blocks))


def _lines(document: Document) -> Iterator[Line]:
    for block in document.blocks:
        cells = [cell for cell in block.cells if not cell.merged]
        columns = () if block.kind == "header" else tuple(cell.header for cell in cells)
        yield Line(block.start, block.end, tuple((cell.start, cell.end) for cell in cells), columns)
