"""Chinese word cutting: jieba's algorithm and dictionary through rjieba, with the words of the field added."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.metadata import version

import rjieba

REMEMBERED = 65_536
_DIGIT = re.compile(r"\d")


class Tokeniser:
    """Cuts text into words. Every instance has a dictionary of its own; nothing is shared or changed later."""

    knows: Callable[[str], bool]
    """Whether the dictionary holds a word (or character) and it has no digit; the last answers are remembered."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = tuple(sorted({word for word in words if len(word) > 1}))
        self._jieba = rjieba.Jieba()
        for word in self.words:
            self._jieba.add_word(word, None, None)
        self.knows = lru_cache(REMEMBERED)(self._knows)

    def cut(self, text: str) -> list[str]:
        """The words of the text in order; joined, they are the text."""
        return list(self._jieba.cut(text))

    def _knows(self, word: str) -> bool:
        return bool(self._jieba.has_word(word)) and _DIGIT.search(word) is None

    @property
    def fingerprint(self) -> str:
        """Changes whenever cuts may change: with the added words and the version of rjieba."""
        content = "\n".join((version("rjieba"), *self.words))
        return hashlib.sha256(content.encode()).hexdigest()[:16]
