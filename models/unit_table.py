"""The units of a table of past decisions: spellings and renamings joined, kinds found, missing bureaus assumed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.decisions import PastDecision
from corpus.unit_kinds import KindTable, folded
from models.features import Int

RENAMED_LEAST = 5
"""Letters that the old and the new name must each have before one is taken for the other's successor."""
PATTERN_DISTRICTS = 2
"""Districts that must share a pattern of names before another district's bureau is named by it."""


@dataclass(frozen=True)
class UnitTable:
    """Units, kinds and districts by number, and of every decision its `unit` and `district` (-1: none).

    `kind` (units,) is each unit's kind; `assumed` (districts + 1, units) marks names that no decision has.
    """

    units: tuple[str, ...]
    kinds: tuple[str, ...]
    districts: tuple[str, ...]
    kind: Int
    assumed: NDArray[np.bool_]
    unit: Int
    district: Int

    def counts(self, rows: Int) -> NDArray[np.float32]:
        """(districts + 1, units) how many of the decisions at `rows` a unit answered, by district; last, in all."""
        table = np.zeros((len(self.districts) + 1, len(self.units)), dtype=np.float32)
        known = rows[self.district[rows] >= 0]
        np.add.at(table, (self.district[known], self.unit[known]), 1)
        np.add.at(table[-1], self.unit[rows], 1)
        return table


def unit_table(decisions: Sequence[PastDecision], kinds: KindTable) -> UnitTable:
    """The table of these decisions."""
    names = current_names(decisions, kinds)
    named = [names[one.unit] for one in decisions]
    parsed = kinds.parse_all(sorted(set(named)))
    districts = tuple(sorted({one.district for one in decisions if one.district}))
    homes = {(one.district, name) for one, name in zip(decisions, named, strict=True)}
    kind_of = {name: parsed[name].kind for name in parsed}
    supposed = assumed_units(homes, kind_of, districts)
    kind_of |= {name: kind for name, kind, _ in supposed}
    units = tuple(sorted(kind_of))
    labels = tuple(sorted(set(kind_of.values())))
    number = {name: place for place, name in enumerate(units)}
    assumed = np.zeros((len(districts) + 1, len(units)), dtype=bool)
    for name, _, district in supposed:
        assumed[districts.index(district), number[name]] = True
    places = {name: place for place, name in enumerate(districts)}
    return UnitTable(
        units,
        labels,
        districts,
        np.array([labels.index(kind_of[name]) for name in units], dtype=np.int64),
        assumed,
        np.array([number[name] for name in named], dtype=np.int64),
        np.array([places.get(one.district, -1) for one in decisions], dtype=np.int64),
    )


def current_names(decisions: Sequence[PastDecision], kinds: KindTable) -> dict[str, str]:
    """Every unit name of the table → the name it is known by: its commonest spelling, or its successor's.

    One unit is another's successor where both are of the same kind and place, and the later name begins after the
    earlier one ends (机构改革). Each must have five dated letters: with fewer the gap may be chance.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    days = defaultdict(list)
    for one in decisions:
        spellings[folded(one.unit)][one.unit] += 1
        if one.day is not None:
            days[folded(one.unit)].append(one.day)
    shown = {key: counts.most_common(1)[0][0] for key, counts in spellings.items()}
    bearers = defaultdict(list)
    for key in sorted(shown):
        found = kinds.parse(key)
        if found is not None and len(days[key]) >= RENAMED_LEAST:
            bearers[found].append(key)
    for keys in bearers.values():
        keys.sort(key=lambda key: max(days[key]))
        for earlier, later in pairwise(keys):
            if max(days[earlier]) < min(days[later]):
                shown |= {key: shown[later] for key, name in list(shown.items()) if name == shown[earlier]}
    return {one.unit: shown[folded(one.unit)] for one in decisions}


def assumed_units(
    homes: set[tuple[str, str]], kind_of: dict[str, str], districts: Sequence[str]
) -> list[tuple[str, str, str]]:
    """(name, kind, district) of bureaus that no decision names.

    Their kind has none in the district, but two others name theirs by one pattern that differs in the district alone.
    """
    patterns: dict[str, Counter[str]] = defaultdict(Counter)
    for district, name in sorted(homes):
        if district and district in name:
            patterns[kind_of[name]][name.replace(district, "{}")] += 1
    present = {(district, kind_of[name]) for district, name in homes}
    naming = {district for district, name in homes if district and district in name}
    found = []
    for kind, counts in sorted(patterns.items()):
        pattern, shared = counts.most_common(1)[0]
        if shared >= PATTERN_DISTRICTS:
            found += [
                (pattern.replace("{}", district), kind, district)
                for district in districts
                if district in naming and (district, kind) not in present
            ]
    return [item for item in found if item[0] not in kind_of]
