"""The mention finder of a registry, and which of its units do a bureau's work."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.mention_words import mention_words
from corpus.units import UnitRegistry
from nlp.gazetteer import Gazetteer
from nlp.mentions import MentionFinder


def mention_finder(registry: UnitRegistry) -> MentionFinder:
    """A finder of the registry's units, of what belongs to them and of relative words."""
    words = mention_words()
    return MentionFinder(Gazetteer(registry.units.values(), words.institutions, words.relative))


def bureau_codes(bureaus: Iterable[str], registry: UnitRegistry) -> dict[str, str]:
    """Name of work (农业农村局) → the department that does it; names that no department bears are left out."""
    departments = [unit for unit in registry.units.values() if unit.kind == "department"]
    found: dict[str, str] = {}
    for name in bureaus:
        for unit in departments:
            if name in (unit.name, *unit.aliases) or unit.name.endswith(name):
                found[name] = unit.code
                break
    return found
