"""Unit names with one wrong character."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nlp.gazetteer import SUFFIXES, Gazetteer, core_of

_END = re.compile("村|社区|镇|乡|街道")
_NO_NAME = frozenset("的了在是我们你他这那个各全每进到本该外邻同乡农下回从跟和与及，。、；：！？“”（）() \n")
LONGEST = 6
SURE_CORE = 3
"""Characters without 村 or 镇 from which on one wrong character leaves no doubt; shorter ones must sound alike."""
SMALL = 5_000
"""Units up to which every unit may be meant; of a larger registry only those below the units that the text names."""

Table = dict[str, list[str]]


class TypoFinder:
    """Looks up what ends like a village or town and is none, with one character left out of the comparison."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._children: dict[str | None, list[str]] = {}
        for code, parent in gazetteer.parent.items():
            if gazetteer.kind[code] in SUFFIXES:
                self._children.setdefault(parent, []).append(code)
        self._tables: dict[str, Table] = {}
        places = [code for codes in self._children.values() for code in codes]
        letters = {letter for code in places for letter in gazetteer.name[code]}
        self._no_name = _NO_NAME - letters
        self._all = self._table(places) if len(places) <= SMALL else None

    def find(self, text: str, taken: Iterable[tuple[int, int]], context: set[str]) -> list[tuple[int, int, str]]:
        """Start, end and code of names with one wrong character outside the `taken` spans; where unsure, none.

        Args:
            text: any text.
            taken: spans that are explained already.
            context: units that the text names and those above them; in a large registry only the units below these
                are looked at.
        """
        covered = bytearray(len(text) + 1)
        for start, end in taken:
            covered[start:end] = b"\x01" * (end - start)
        found = []
        for ending in _END.finditer(text):
            end = ending.end()
            if covered[ending.start()]:
                continue
            for start in range(ending.start() - 2, max(-1, end - LONGEST - 1), -1):
                if covered[start] or text[start] in self._no_name or text[start + 1] in self._no_name:
                    break
                if code := self._one(text[start:end], ending.start() - start, context):
                    found.append((start, end, code))
                    break
        return found

    def _one(self, written: str, core: int, context: set[str]) -> str | None:
        tables = [self._all] if self._all is not None else [self._below(code) for code in context]
        codes = {
            code for mask in _masks(written, core) for table in tables for code in table.get(mask, ())
        }  # fmt: skip
        codes = {code for code in codes if core >= SURE_CORE or sounds_alike(written, self._gazetteer.name[code])}
        return codes.pop() if len(codes) == 1 else None

    def _below(self, code: str) -> Table:
        """The table of a unit's children; made when it is first needed."""
        if code not in self._tables:
            children = self._children.get(code, [])
            self._tables[code] = self._table(children if len(children) <= SMALL else [])
        return self._tables[code]

    def _table(self, codes: Iterable[str]) -> Table:
        table: Table = {}
        for code in codes:
            name = self._gazetteer.name[code]
            for mask in _masks(name, len(core_of(name, self._gazetteer.kind[code]))):
                table.setdefault(mask, []).append(code)
        return table


def _masks(name: str, core: int) -> Iterable[str]:
    """The name with each character of its first `core` left open in turn."""
    return (f"{name[:index]}*{name[index + 1 :]}" for index in range(core))


def sounds_alike(one: str, other: str) -> bool:
    """Whether the characters have the same syllables, tones aside."""
    from pypinyin import lazy_pinyin

    return bool(lazy_pinyin(one) == lazy_pinyin(other))
