"""The words that the tokeniser keeps whole: terms of the field and names of categories."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from corpus.paths import DATA
from corpus.schemes import Scheme, content_scheme, discipline_scheme
from corpus.units import UnitRegistry

LONGEST_NAME = 6
"""Longer category names are phrases, which are better cut into their words."""


def domain_words(path: Path = DATA / "words.txt", schemes: Iterable[Scheme] | None = None) -> list[str]:
    """Terms of the file and the short category names of the schemes (the two that ship, unless others are given).

    Units are not among them, so that a model serves every county with the same cuts; `unit_words` gives those.
    """
    lines = (line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    words = dict.fromkeys(line for line in lines if line)
    for scheme in schemes or (content_scheme(), discipline_scheme()):
        names = (category.name for category in scheme.categories.values())
        words |= dict.fromkeys(name for name in names if 1 < len(name) <= LONGEST_NAME)
    return list(words)


def unit_words(registry: UnitRegistry) -> list[str]:
    """Names and aliases of the units, for a language that should keep them whole."""
    return list(registry.by_name)
