"""Clauses: the smallest stretches of text that a reader can judge by themselves."""

from __future__ import annotations

import re

LONGEST = 40
"""Characters; an unpunctuated stretch that is longer is cut, at a word's end where words are given."""

_CLAUSE = re.compile(r"[^，。！？；：、,!?;\n]+[，。！？；：、,!?;\n]*")
_EDGE = " \n，。！？；：、,!?;"


def clauses(text: str, words: list[str] | None = None) -> list[tuple[int, int]]:
    """Start and end of every clause in order; punctuation and blanks at the edges are left out."""
    word_ends: set[int] | None = None
    spans = []
    for match in _CLAUSE.finditer(text):
        start, end = match.span()
        while start < end and text[start] in _EDGE:
            start += 1
        while end > start and text[end - 1] in _EDGE:
            end -= 1
        if end - start > LONGEST and word_ends is None and words:
            word_ends = _ends(words)
        while end - start > LONGEST:
            cut = start + LONGEST
            while word_ends is not None and cut not in word_ends and cut > start + LONGEST // 2:
                cut -= 1
            spans.append((start, cut))
            start = cut
        if start < end:
            spans.append((start, end))
    return spans


def _ends(words: list[str]) -> set[int]:
    position = 0
    ends = set()
    for word in words:
        position += len(word)
        ends.add(position)
    return ends
