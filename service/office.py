"""What the service knows of the office it works for: units, schemes, ranks. Read once when the application is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from corpus.ranks import RankRules, load_ranks
from corpus.schemes import Scheme, content_scheme, discipline_scheme
from corpus.units import UnitRegistry, demo_county, load_units
from corpus.written import NO_PROBLEM
from service.settings import Settings


@dataclass(frozen=True)
class Office:
    """Data that an office may replace by its own."""

    registry: UnitRegistry
    content: Scheme
    discipline: Scheme
    ranks: RankRules
    heads: tuple[str, ...]

    def units_below(self, codes: Iterable[str]) -> frozenset[str]:
        """The units with these codes and all units under them; unknown codes are left out."""
        wanted = set(codes)
        below: set[str] = set()
        for code in self.registry.units:
            if any(unit.code in wanted for unit in self.registry.ancestors(code)):
                below.add(code)
        return frozenset(below)

    def reach(self, codes: Iterable[str]) -> frozenset[str] | None:
        """What an account with these units works on; None is everything: a unit without a parent is among them."""
        known = [self.registry[code] for code in codes if code in self.registry]
        if any(unit.parent is None for unit in known):
            return None
        return self.units_below(unit.code for unit in known)

    @property
    def top(self) -> list[str]:
        """Codes of the units without a parent."""
        return [unit.code for unit in self.registry.units.values() if unit.parent is None]

    def is_problem(self, code: str) -> bool:
        """Whether it is a code of the discipline scheme's problems, or Z0."""
        return code == NO_PROBLEM or code in self.discipline


def load_office(settings: Settings) -> Office:
    """The office's own files where settings name them, the shipped ones elsewhere.

    Raises:
        DataFileError: a file breaks its rules; every fault is told.
    """
    heads = settings.own_head.replace("，", ",").replace("、", ",").split(",")
    return Office(
        registry=load_units(settings.county) if settings.county else demo_county(),
        content=content_scheme(),
        discipline=discipline_scheme(),
        ranks=load_ranks(settings.ranks),
        heads=tuple(head.strip() for head in heads if head.strip()),
    )
