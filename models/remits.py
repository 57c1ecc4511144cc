"""Matters of the bureaus' remits (职责) that a text names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind

from corpus.units import UnitRegistry
from models.calibration import Numbers
from models.reading import Reading


class RemitFinder:
    """Finds the remit words of a registry's units."""

    def __init__(self, registry: UnitRegistry) -> None:
        owners: dict[str, list[str]] = {}
        for unit in registry.units.values():
            for matter in unit.remit if unit.kind == "department" else ():
                for word in _words(matter):
                    owners.setdefault(word, []).append(unit.code)
        self._owners = list(owners.values())
        self._automaton = AhoCorasick(list(owners), matchkind=MatchKind.LeftmostLongest) if owners else None

    def find(self, text: str) -> dict[str, list[tuple[int, int]]]:
        """Code of a unit → spans that name a matter of its remit."""
        found: dict[str, list[tuple[int, int]]] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(text) if self._automaton else ():
            for code in self._owners[number]:
                found.setdefault(code, []).append((start, end))
        return found


def _words(matter: str) -> Iterable[str]:
    """The matter itself, and a longer one's halves: 农村危房改造 is also written 危房改造."""
    yield matter
    if len(matter) > 4 and matter.startswith(("农村", "农业", "公共")):
        yield matter[2:]


def remit_hits(
    remits: RemitFinder, readings: Sequence[Reading], bureaus: Sequence[str], codes: dict[str, str]
) -> Numbers:
    """(texts, bureaus) logarithm of 1 + how often the text names a matter of the bureau's remit."""
    hits = np.zeros((len(readings), len(bureaus)))
    column = {codes[name]: number for number, name in enumerate(bureaus) if name in codes}
    for number, reading in enumerate(readings):
        for code, spans in remits.find(reading.text).items():
            if code in column:
                hits[number, column[code]] = np.log1p(len(spans))
    return hits
