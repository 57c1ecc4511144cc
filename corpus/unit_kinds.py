"""Unit names in their two parts: the kind of bureau (教育, 乡镇街道 …) and the place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

OTHER = "其他"
"""The kind of units whose name says none and shares its ending with no other."""
SECTIONS = ("kinds", "otherwise")
SHORTEST_ENDING = 3

_FOLDED = {ord("（"): "(", ord("）"): ")", ord("　"): None, ord(" "): None}
_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class UnitName:
    """What a unit's name consists of: its kind of bureau, and the rest, which names the place."""

    kind: str
    place: str


@dataclass(frozen=True)
class KindTable:
    """Words of unit names → kind; `otherwise` counts where none of `words` stands in a name."""

    words: dict[str, str]
    otherwise: dict[str, str]

    def parse(self, name: str) -> UnitName | None:
        """Kind and place of one name; None where no word of the table stands in it."""
        bare = _BRACKETS.sub("", folded(name)) or folded(name)
        for words in (self.words, self.otherwise):
            found = _last_word(bare, words)
            if found is not None:
                start, end = found
                return UnitName(words[bare[start:end]], bare[:start] + bare[end:])
        return None

    def parse_all(self, names: Iterable[str]) -> dict[str, UnitName]:
        """Kind and place of every name; names that the table does not know are grouped by the endings they share."""
        distinct = dict.fromkeys(names)
        parsed = {name: self.parse(name) for name in distinct}
        unknown = [name for name, found in parsed.items() if found is None]
        endings = Counter(ending for name in {folded(name) for name in unknown} for ending in _endings(name))
        return {name: found or _by_ending(folded(name), endings) for name, found in parsed.items()}


def folded(name: str) -> str:
    """A unit's name with one form of brackets and without blanks, so that spellings of one name are equal."""
    return name.translate(_FOLDED)


def _last_word(name: str, words: dict[str, str]) -> tuple[int, int] | None:
    """Span of the word that ends last in the name, the longest of those that end there."""
    longest = max(map(len, words), default=0)
    for end in range(len(name), 0, -1):
        for start in range(max(0, end - longest), end):
            if name[start:end] in words:
                return start, end
    return None


def _endings(name: str) -> list[str]:
    """Endings of a name, longest first, never the whole of it."""
    return [name[start:] for start in range(1, len(name) - SHORTEST_ENDING + 1)]


def _by_ending(name: str, endings: Counter[str]) -> UnitName:
    for ending in _endings(name):
        if endings[ending] > 1:
            return UnitName(ending, name.removesuffix(ending))
    return UnitName(OTHER, name)


@cache
def kind_table(path: Path = DATA / "unit_kinds.yaml") -> KindTable:
    """The table of kinds that ships, or another one of the same form.

    Raises:
        DataFileError: with every fault: a section that is missing or no mapping, a kind without a list of words, an
            empty word, a word that stands in two kinds.
    """
    content = yaml.safe_load(path.read_text("utf-8"))
    problems: list[str] = []
    if not isinstance(content, dict) or set(content) != set(SECTIONS):
        raise DataFileError(path, [f"needs the sections {', '.join(SECTIONS)} and no other"])
    owners: dict[str, str] = {}
    sections = [_section(content[name], owners, problems) for name in SECTIONS]
    if problems:
        raise DataFileError(path, problems)
    return KindTable(*sections)


def _section(content: Any, owners: dict[str, str], problems: list[str]) -> dict[str, str]:
    """Word → kind of one section; faults are added to `problems`."""
    words: dict[str, str] = {}
    for kind, listed in content.items() if isinstance(content, dict) else [("?", None)]:
        if not isinstance(listed, list) or not all(isinstance(word, str) and word.strip() for word in listed):
            problems.append(f"kind {kind!r} needs a list of words")
            continue
        for word in listed:
            owner = owners.setdefault(word, str(kind))
            if owner != kind:
                problems.append(f"word {word!r} stands under {owner} and under {kind}; keep one")
            words[folded(word)] = str(kind)
    return words
