"""What a clerk can choose, made searchable by name, code, pinyin and initials. Data for the page's pickers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from corpus.units import Unit
from corpus.written import NO_PROBLEM
from models.categories import KIND_NAMES
from models.discipline import KINDS
from service.office import Office

LOWEST_PROBLEM = 3


def vocabulary_of(office: Office) -> str:
    """The office's vocabulary as JSON: list name → entries.

    An entry is `{"code", "name", "path", "words"}`; `words` are the lower-case strings that a search looks through:
    names and aliases, their pinyin without tones, and its initials.
    """
    return json.dumps(
        {
            "kind": [_entry(code, KIND_NAMES[code]) for code in KINDS],
            "content": [_entry(one.code, one.name, one.code) for one in office.content.categories.values()],
            "discipline": list(_problems(office)),
            "unit": [_unit(office, unit) for unit in office.registry.units.values()],
        },
        ensure_ascii=False,
    )


def _problems(office: Office) -> Iterator[dict[str, Any]]:
    yield _entry(NO_PROBLEM, office.discipline[NO_PROBLEM].name)
    for one in office.discipline.level(LOWEST_PROBLEM):
        if one.code != NO_PROBLEM and one.parent is not None:
            yield _entry(one.code, one.name, f"{one.parent} {office.discipline[one.parent].name}")


def _unit(office: Office, unit: Unit) -> dict[str, Any]:
    above = " › ".join(one.name for one in office.registry.ancestors(unit.code)[:-1])
    return _entry(unit.code, unit.name, above, unit.aliases)


def _entry(code: str, name: str, path: str = "", aliases: Iterable[str] = ()) -> dict[str, Any]:
    words = [word for one in (name, *aliases) for word in spellings(one)]
    return {"code": code, "name": name, "path": path, "words": list(dict.fromkeys(words))}


def spellings(name: str) -> list[str]:
    """A name, its pinyin, and the pinyin's initials, all in lower case."""
    from pypinyin import lazy_pinyin

    syllables = [syllable.lower() for syllable in lazy_pinyin(name)]
    return [name.lower(), "".join(syllables), "".join(syllable[:1] for syllable in syllables)]
