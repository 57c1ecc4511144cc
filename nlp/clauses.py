"""Clauses: the smallest stretches of text that a reader can judge by themselves."""

from __future__ import annotations

import re

LONGEST = 40
"""Characters; an unpunctuated stretch that is longer is cut, at a word's end where words are given."""

_BETWEEN = "，。！？；：、,!?;\n"
_CLAUSE = re.compile(f"[^ {_BETWEEN}](?:[^{_BETWEEN}]*[^ {_BETWEEN}])?")


def clauses(text: str, words: list[str] | None = None) -> list[tuple[int, int]]:
    """Start and end of every clause in order; punctuation and blanks at the edges are left out."""
    word_ends: set[int] | None = None
    spans = []
    for match in _CLAUSE.finditer(text):
        start, end = span = match.span()
        if end - start <= LONGEST:
            spans.append(span)
            continue
        if word_ends is None and words:
            word_ends = _ends(words)
        while end - start > LONGEST:
            cut = start + LONGEST
            while word_ends is not None and cut not in word_ends and cut > start + LONGEST // 2:
                cut -= 1
            spans.append((start, cut))
            start = cut
        spans.append((start, end))
    return spans


def _ends(words: list[str]) -> set[int]:
    position = 0
    ends = set()
    for word in words:
        position += len(word)
        ends.add(position)
    return ends
