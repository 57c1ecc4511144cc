"""The names by which the units of a registry are called, in one automaton."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from ahocorasick_rs import AhoCorasick

SUFFIXES = {"village": ("村", "社区", "居委会"), "town": ("街道", "镇", "乡")}
SHORTEST_CORE = 2

# What belongs to a mention when it follows: the organs of a village or town.
_TAIL = re.compile("(?:人民)?政府|村?(?:民)?委会|居委会|(?:村|社区)?(?:党总支|党支部|支部|党委|两委)|办事处|村部")
_POST = re.compile(
    "的?(?:村|社区|老|副|原)?(?:支书|书记|主任|会计|文书|出纳|组长|支部|妇女|治保|委员|小组|[一二三四五六七八九十0-9]+组|片)"
)
# Names of departments are the county's own only where no other level stands before them.
_OTHER_LEVEL = frozenset("市省区州国部")


class UnitEntry(Protocol):
    """What a unit of a registry has."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name(self) -> str:
        """Its official name."""

    @property
    def kind(self) -> str:
        """county, department, discipline, town or village."""

    @property
    def parent(self) -> str | None:
        """The code of the unit above."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names."""


@dataclass(frozen=True, slots=True)
class Match:
    """A name found at [start, end), the units that bear it; `bounded`: it begins and ends where words do.

    For relative words (我们村) `codes` holds the kind of unit that is meant.
    """

    start: int
    end: int
    codes: tuple[str, ...]
    how: str
    bounded: bool


class Gazetteer:
    """Names, parents and kinds of a registry's units."""

    def __init__(
        self,
        units: Iterable[UnitEntry],
        institutions: Mapping[str, Sequence[str]] | None = None,
        relative: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Builds the automaton.

        Args:
            units: the registry's units, parents included.
            institutions: name of a bureau → words for what belongs to it (教育局: 中学, …); units are found by names
                that contain the bureau's.
            relative: kind of unit → words that mean the unit of that kind the text is about.
        """
        self.parent: dict[str, str | None] = {}
        self.kind: dict[str, str] = {}
        self.name: dict[str, str] = {}
        forms: dict[tuple[str, str], list[str]] = {}
        for unit in units:
            self.parent[unit.code], self.kind[unit.code], self.name[unit.code] = unit.parent, unit.kind, unit.name
            for form, how in _forms(unit):
                forms.setdefault((form, how), []).append(unit.code)
        for bureau, words in (institutions or {}).items():
            codes = [code for (form, how), found in forms.items() if how == "name" and form == bureau for code in found]
            for word in words:
                if codes and (word, "name") not in forms:
                    forms[word, "institution"] = list(dict.fromkeys(codes))
        for kind, words in (relative or {}).items():
            for word in words:
                if (word, "name") not in forms:
                    forms[word, "relative"] = [kind]
        self._forms = [(how, tuple(dict.fromkeys(codes))) for (_, how), codes in forms.items()]
        self._by_name = {form: tuple(codes) for (form, how), codes in forms.items() if how == "name"}
        self._automaton = AhoCorasick([form for form, _ in forms])

    def matches(self, text: str, words: Sequence[str]) -> list[Match]:
        """Names in the text, the longest where several overlap, in the order of the text."""
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        if not found:
            return []
        forms = self._forms
        found.sort(key=lambda one: (forms[one[0]][0] == "relative", one[1] - one[2], _RANK[forms[one[0]][0]], one[1]))
        edges = {0, *accumulate(map(len, words))}
        edges.update(end for number, _, end in found if forms[number][0] == "name")
        taken = bytearray(len(text))
        chosen: list[Match] = []
        for number, start, end in found:
            how, codes = forms[number]
            if taken[start] or taken[end - 1]:
                continue
            bounded = start in edges and end in edges
            match = self._judged(text, Match(start, end, codes, how, bounded), start in edges)
            if match is not None:
                taken[match.start : match.end] = b"\x01" * (match.end - match.start)
                chosen.append(match)
        chosen.sort(key=lambda match: match.start)
        return chosen

    def _judged(self, text: str, match: Match, begins: bool) -> Match | None:
        """The match with what belongs to it, or None where it is part of another word or another level's unit."""
        start, end = match.start, match.end
        if match.how == "relative":
            return match
        kind = self.kind[match.codes[0]]
        if match.how == "name" and end - start == SHORTEST_CORE and not begins:
            return None
        if kind in ("department", "discipline") and start and match.how != "institution":
            if text[start - 1] in _OTHER_LEVEL:
                return None
            if text[start - 1] == "县":
                start -= 1
        if kind in SUFFIXES and (tail := _TAIL.match(text, end)):
            end = tail.end()
        return Match(start, end, match.codes, match.how, match.bounded)

    def is_post(self, text: str, position: int) -> bool:
        """Whether a post of a village or town, or a group of villagers, follows at the position."""
        return _POST.match(text, position) is not None

    def decides(self, code: str | None) -> bool:
        """Whether being under this unit tells units of one name apart: the top of the registry is above all of them."""
        return code is not None and self.parent.get(code) is not None

    def children_among(self, codes: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
        """Those of the codes that are children of a known unit."""
        wanted = {code for code in known if self.decides(code)}
        return tuple(code for code in codes if self.parent[code] in wanted)

    def of_kind(self, code: str, kind: str) -> str | None:
        """The unit itself or the one above it that is of this kind."""
        step: str | None = code
        while step is not None:
            if self.kind[step] == kind:
                return step
            step = self.parent[step]
        return None

    def named(self, name: str) -> tuple[str, ...]:
        """Codes of the units with this name or alias."""
        return self._by_name.get(name, ())


_RANK = {"name": 0, "institution": 1, "relative": 2, "short": 3}


def _forms(unit: UnitEntry) -> Iterable[tuple[str, str]]:
    """Names of a unit. An alias that only adds to a longer name is left out: the tail of a match finds it."""
    yield unit.name, "name"
    core = core_of(unit.name, unit.kind)
    if unit.kind == "department" and unit.name[:1] in "县市" and len(unit.name) > 3:
        yield unit.name[1:], "name"
    for alias in unit.aliases:
        if alias == core:
            continue
        if unit.kind in SUFFIXES and alias.startswith(unit.name) and _TAIL.fullmatch(alias, len(unit.name)):
            continue
        if unit.kind == "county":
            yield alias, "name"
        else:
            yield alias, "short" if unit.kind in SUFFIXES and core_of(alias, unit.kind) == alias else "name"
    if core != unit.name and len(core) >= SHORTEST_CORE:
        yield core, "short"
        if unit.kind == "town":
            # A town that became a 街道, or a writer who does not know what it is called today.
            for suffix in SUFFIXES["town"]:
                if core + suffix != unit.name:
                    yield core + suffix, "name"


def core_of(name: str, kind: str) -> str:
    """The name without what it ends with (村, 社区, 镇)."""
    for suffix in SUFFIXES.get(kind, ()):
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name
