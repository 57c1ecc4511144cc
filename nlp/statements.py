"""What inside a sentence states a problem: without praise before a turn, without what is told to have followed."""

from __future__ import annotations

import re
from itertools import pairwise

from nlp.structure import Span, trimmed

_EDGE = " 　\t\n\r\xa0，,、。；;：:"
_OPENING, _CLOSING = "“‘《（(【「『", "”’》）)】」』"
SHORTEST = 8
"""Characters that a statement has at least."""


_LIST = re.compile(r"(?P<items>(?!上述|以上|这些|此|该)[^。；;：:]{5,70}?)等(?P<kind>[^，,。；;]{0,16}?)问题")
SHORTEST_ITEM = 4
"""Characters of a listed problem; where an item is shorter, the list stays whole."""


def listed(text: str, start: int, end: int, *, before: re.Pattern[str], never: re.Pattern[str]) -> list[Span]:
    """Problems that a sentence about something else names in passing: the items of 针对白条入账、账目混乱等问题.

    Args:
        text: the document.
        start: the sentence begins here.
        end: and ends here.
        before: what stands before such a list.
        never: what, before the list or between 等 and 问题, shows that it names no problems that were found.
    """
    for opening in before.finditer(text, start, end):
        found = _LIST.match(text, opening.end(), end)
        if not found or "、" not in found["items"] or "问题" in found["items"]:
            continue
        if never.search(text, start, opening.end()) or never.search(found["kind"]):
            continue
        cuts = [found.start("items"), *_commas(text, *found.span("items"), "、"), found.end("items")]
        items = [trimmed(text, *span, _EDGE) for span in pairwise(cuts)]
        apart = all(last - first >= SHORTEST_ITEM and "等" not in text[first:last] for first, last in items)
        return items if apart else [found.span("items")]
    return []


def clause_starts(text: str, start: int, end: int) -> list[int]:
    """Where the clauses of a sentence begin; commas inside quotation marks and brackets part nothing."""
    return [start, *_commas(text, start, end, "，,")]


def _commas(text: str, start: int, end: int, commas: str) -> list[int]:
    """Where a comma ends, outside quotation marks and brackets."""
    ends, depth = list[int](), 0
    for position in range(start, end):
        character = text[position]
        depth += (character in _OPENING) - (character in _CLOSING and depth > 0)
        if not depth and character in commas:
            ends.append(position + 1)
    return ends


def stated(
    text: str,
    start: int,
    end: int,
    *,
    harmless: re.Pattern[str],
    turn: re.Pattern[str],
    afterwards: re.Pattern[str],
    another: re.Pattern[str],
) -> tuple[list[Span], Span | None]:
    """The statements of a sentence that tells a problem, and its ending that tells what followed (None: it has none).

    Args:
        text: the document.
        start: the sentence begins here.
        end: and ends here.
        harmless: what is denied or in order; before a turn it is left out.
        turn: words like 但.
        afterwards: beginnings of a clause from which on the sentence tells what followed.
        another: beginnings of a clause that states a problem of its own.
    """
    starts = clause_starts(text, start, end)
    first = start
    for position in starts[1:]:
        turned = turn.match(text, position, end)
        if turned and end - turned.end() >= SHORTEST and harmless.search(text, first, position):
            first = turned.end()
    last = end
    for position in starts[1:]:
        if position - first >= SHORTEST and afterwards.match(text, position, end):
            last = position
            break
    bounds = [first, *(p for p in starts if first + SHORTEST <= p < last and another.match(text, p, end)), last]
    spans = [trimmed(text, *span, _EDGE) for span in pairwise(bounds)]
    ending = trimmed(text, last, end, _EDGE) if last < end else None
    return [span for span in spans if span[0] < span[1]], ending
