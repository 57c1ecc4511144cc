"""Where findings may stand in a report: its sentences with what stands over, before and beside them.

A candidate is a sentence (or an item of an enumeration inside a paragraph, or a sentence of a cell) without numbering,
label and final punctuation, as the labelling guide cuts findings. Which candidates are findings is for models to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlp.structure import PARAGRAPH, ROW, Block, Span, trimmed

_HAN = "一二三四五六七八九十"
_STOPS = "。！？；!?;"
_SPOKEN_STOPS = "。！？!?"
"""A sentence ends behind a quotation that ends with one of these."""
_EDGE = " 　\t\n\r\xa0，,。！？；：、!?;:"
_OPENING, _CLOSING = "“‘《（(【「『", "”’》）)】」』"
_ENUMERATOR = re.compile(
    rf"[{_HAN}][是要](?!否)|其[{_HAN}][，,、：:]|第[{_HAN}][，,、：:]|(?:首先|其次|再次|再者|最后|此外|另外)[，,]"
    rf"|[（(](?:[0-9０-９]{{1,2}}|[{_HAN}]{{1,3}})[）)]|[①-⑳]|[0-9０-９]{{1,2}}(?:[.．](?![0-9０-９])|、)"
)
_LABEL = re.compile(r"(?:[^，,。；;：:“”]{1,12}|[^。；;：:“”]{1,40}(?:说|表示|介绍|坦言|称))[：:](?=.)")
_SPEECH = re.compile("[。！？!?]")
"""In a quotation that has one of these before its end somebody speaks in sentences, which are parted."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch [start, end) that may state a problem, and what stands around it, all as spans of the text.

    `block` is the number of its block, `number` what its item or row is counted as. `above` are headings from the top
    down, `lead` the first sentence of its paragraph (None: it is the first), `label` what a colon parts off (a unit),
    `before` and `after` the candidates beside it in its paragraph or cell, `column` what its table calls its cell.
    """

    start: int
    end: int
    block: int
    number: int | None
    above: tuple[Span, ...]
    lead: Span | None = None
    label: Span | None = None
    before: Span | None = None
    after: Span | None = None
    column: str | None = None
    enumerated: bool = False


def read_candidates(text: str, blocks: Sequence[Block]) -> list[Candidate]:
    """The candidates of a document in order; headings and the rows that name columns have none."""
    found: list[Candidate] = []
    for number, block in enumerate(blocks):
        if block.kind == ROW:
            for index, cell in enumerate(block.cells):
                found += _candidates(text, cell, number, block, "".join(block.columns[index : index + 1]))
        elif block.kind == PARAGRAPH:
            found += _candidates(text, (block.start, block.end), number, block, None)
    return found


def _candidates(text: str, span: Span, number: int, block: Block, column: str | None) -> Iterator[Candidate]:
    parts = [part for sentence in sentences(text, *span) if (part := _bare(text, *sentence))]
    spans = [(start, end) for start, end, _, _ in parts]
    for index, (start, end, label, enumerated) in enumerate(parts):
        yield Candidate(
            start=start,
            end=end,
            block=number,
            number=block.number,
            above=block.above,
            lead=spans[0] if index else None,
            label=label,
            before=spans[index - 1] if index else None,
            after=spans[index + 1] if index + 1 < len(spans) else None,
            column=column,
            enumerated=enumerated,
        )


def sentences(text: str, start: int, end: int) -> list[Span]:
    """The sentences of a stretch; a semicolon ends one, and so does a colon before an enumeration.

    Stops inside quotation marks and brackets do not count, unless what is quoted is several sentences itself.
    """
    cuts, inside_until = [start], start
    closings = _closings(text, start, end)
    for position in range(start, end):
        character = text[position]
        if position in closings and not _SPEECH.search(text, position, closings[position] - 1):
            inside_until = max(inside_until, closings[position])
        if position < inside_until:
            continue
        spoken = character in _CLOSING and text[max(start, position - 1)] in _SPOKEN_STOPS
        opens_list = character in "：:" and _ENUMERATOR.match(text, position + 1, end)
        if character in _STOPS or spoken or opens_list:
            cuts.append(position + 1)
    return [(first, last) for first, last in pairwise((*cuts, end)) if first < last]


def _closings(text: str, start: int, end: int) -> dict[int, int]:
    """Where each quotation mark or bracket that is closed is closed."""
    closings: dict[int, int] = {}
    opened: list[int] = []
    for position in range(start, end):
        if text[position] in _OPENING:
            opened.append(position)
        elif text[position] in _CLOSING and opened:
            closings[opened.pop()] = position
    return closings


def _bare(text: str, start: int, end: int) -> tuple[int, int, Span | None, bool] | None:
    """A sentence without enumerator, label and punctuation at its edges: start, end, label, whether enumerated."""
    start, end = trimmed(text, start, end, _EDGE)
    enumerator = _ENUMERATOR.match(text, start, end)
    if enumerator:
        start, end = trimmed(text, enumerator.end(), end, _EDGE)
    label = None
    if found := _LABEL.match(text, start, end):
        label = (start, found.end() - 1)
        start, end = trimmed(text, found.end(), end, _EDGE)
    start, end = _unquoted(text, start, end)
    return (start, end, label, enumerator is not None) if start < end else None


def _unquoted(text: str, start: int, end: int) -> Span:
    """Without the quotation marks that surround the whole, and without a mark whose other half stands elsewhere."""
    while start < end:
        closings = _closings(text, start, end)
        around = closings.get(start) == end - 1
        lone_end = text[end - 1] in _CLOSING and end - 1 not in closings.values()
        lone_start = text[start] in _OPENING and start not in closings
        if not (around or lone_start or lone_end):
            break
        start, end = trimmed(text, start + (around or lone_start), end - (around or lone_end), _EDGE)
    return start, end
