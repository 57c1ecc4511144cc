"""The names by which the units of a registry are called, in one automaton."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, Protocol

from ahocorasick_rs import AhoCorasick

SUFFIXES = {"village": ("村", "社区", "居委会"), "town": ("街道", "镇", "乡")}
SHORTEST_CORE = 2
MOST_OPEN = 20
"""A name borne by more units than this, with nothing to choose between them, is no mention of any of them."""

# What belongs to a mention when it follows: the organs of a village or town.
_TAIL = re.compile("(?:人民)?政府|村?(?:民)?委会|居委会|(?:村|社区)?(?:党总支|党支部|支部|党委|两委)|办事处|村部")
_POST = re.compile(
    "的?(?:村|社区|老|副|原)?(?:支书|书记|主任|会计|文书|出纳|组长|支部|妇女|治保|委员|小组|[一二三四五六七八九十0-9]+组|片)"
)
# Names of departments are the county's own only where no other level stands before them.
_OTHER_LEVEL = frozenset("市省区州国部")
_BEFORE = frozenset("在到是住的和与及跟去从给向由对找了我们")
_ELSEWHERE = re.compile("(?:外|邻|隔壁|别的?|他)县$")

ByParent = dict[str | None, tuple[str, ...]]


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


class Match(NamedTuple):
    """A name found at [start, end), the units that bear it; `bounded`: it begins and ends where words do.

    For relative words (我们村) `codes` holds the kind of unit that is meant. Where very many units bear the name,
    `by_parent` finds those below a unit.
    """

    start: int
    end: int
    codes: tuple[str, ...]
    how: str
    bounded: bool
    by_parent: ByParent | None = None

    @property
    def crowded(self) -> bool:
        """Whether so many units bear the name that it means none of them by itself."""
        return self.by_parent is not None


@dataclass(frozen=True, slots=True)
class _Form:
    """A name: who bears it, how it names them, its rank among overlapping ones (True is last), and what to look at."""

    codes: tuple[str, ...]
    how: str
    rank: bool
    place: bool
    office: bool
    needs_edges: bool
    by_parent: ByParent | None


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
            codes = forms.get((bureau, "name"), [])
            for word in words:
                if codes and (word, "name") not in forms:
                    forms[word, "institution"] = list(dict.fromkeys(codes))
        for kind, words in (relative or {}).items():
            for word in words:
                if (word, "name") not in forms:
                    forms[word, "relative"] = [kind]
        self._forms = [self._form(text, how, codes) for (text, how), codes in forms.items()]
        self._several_tops = sum(parent is None for parent in self.parent.values()) > 1
        self._automaton = AhoCorasick([form for form, _ in forms])

    def matches(self, text: str, words: Sequence[str]) -> list[Match]:
        """Names in the text, the longest where several overlap, in the order of the text."""
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        if not found:
            return []
        forms = self._forms
        found.sort(key=lambda one: (forms[one[0]].rank, one[1] - one[2], one[1]))
        edges: set[int] | None = None
        taken = bytearray(len(text))
        chosen: list[Match] = []
        for number, start, end in found:
            if 1 in taken[start:end]:
                continue
            form = forms[number]
            bounded = True
            if form.needs_edges:
                if edges is None:
                    edges = {0, *accumulate(map(len, words))}
                    edges.update(match.end for match in chosen)
                if form.how == "name" and (start not in edges or _inside_a_name(text, start, form.place, taken)):
                    continue
                bounded = start in edges and end in edges
            first, last = self._extent(text, start, end, form, taken)
            if first >= 0:
                taken[first:last] = b"\x01" * (last - first)
                chosen.append(Match(first, last, form.codes, form.how, bounded, form.by_parent))
        chosen.sort(key=lambda match: match.start)
        return chosen

    def _extent(self, text: str, start: int, end: int, form: _Form, taken: bytearray) -> tuple[int, int]:
        """The span with what belongs to the name; begins at -1 where it is another level's unit."""
        if form.office and start:
            before = text[start - 1]
            if before in _OTHER_LEVEL or (before == "县" and _ELSEWHERE.search(text, max(0, start - 3), start)):
                return -1, end
            if before == "县" and not taken[start - 1]:
                start -= 1
        if form.place and (tail := _TAIL.match(text, end)):
            end = tail.end()
        return start, end

    def is_post(self, text: str, position: int) -> bool:
        """Whether a post of a village or town, or a group of villagers, follows at the position."""
        return _POST.match(text, position) is not None

    def decides(self, code: str | None) -> bool:
        """Whether being under this unit tells units of one name apart: the top of the registry is above all of them."""
        return code is not None and (self._several_tops or self.parent.get(code) is not None)

    def below(self, match: Match, known: Set[str]) -> tuple[str, ...]:
        """Those of the match's units that are directly below a unit of `known`, the top of the registry not counted."""
        if match.by_parent is not None:
            return tuple(code for one in known if self.decides(one) for code in match.by_parent.get(one, ()))
        parent = self.parent
        return tuple(code for code in match.codes if (above := parent[code]) in known and self.decides(above))

    def _form(self, text: str, how: str, codes: Sequence[str]) -> _Form:
        """What is known of a name from the units that bear it; where they are very many, they are kept by parent."""
        bearers = tuple(dict.fromkeys(codes))
        kind = None if how == "relative" else self.kind[bearers[0]]
        place, office = kind in SUFFIXES, kind in ("department", "discipline") and how != "institution"
        needs_edges = how == "short" or (how == "name" and len(text) == SHORTEST_CORE)
        by_parent: ByParent | None = None
        if len(bearers) > MOST_OPEN:
            table: dict[str | None, list[str]] = {}
            for code in bearers:
                table.setdefault(self.parent[code], []).append(code)
            by_parent = {above: tuple(below) for above, below in table.items()}
        return _Form(bearers, how, how == "relative", place, office, needs_edges, by_parent)

    def of_kind(self, code: str, kind: str) -> str | None:
        """The unit itself or the one above it that is of this kind."""
        step: str | None = code
        while step is not None:
            if self.kind[step] == kind:
                return step
            step = self.parent[step]
        return None


def _inside_a_name(text: str, start: int, place: bool, taken: bytearray) -> bool:
    """Whether what stands before a place's name of two characters may be its beginning: 移民新村 is not 新村."""
    if not place or start == 0:
        return False
    return text[start - 1].isalnum() and not taken[start - 1] and text[start - 1] not in _BEFORE


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
        yield (
            alias,
            "short" if unit.kind in SUFFIXES and not any(one in alias for one in SUFFIXES[unit.kind]) else "name",
        )
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
