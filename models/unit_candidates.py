"""The units that a petition may be about, each with what speaks for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.people import Person
from models.reading import Reading
from nlp.gazetteer import Gazetteer
from nlp.mentions import Mention

Features = dict[str, float]

NONE = "none"
LEVELS = ("village", "town", "department", "discipline", NONE)
"""Kinds of a subject unit, and that there is none."""

_HOME = re.compile("(?:我是|本人系|我系|我们是|家住|住在|住|户籍|我家在|我在|俺是|我们|我)$")
_ASKED = re.compile("(?:向|到|去|找|跟|给|问|报|反映到|报告|投诉到|告到|打到)$")
NEAR = 8
"""Characters between a unit and the accused of whom it is the unit."""
BEFORE = 5
"""Characters before a mention that may say what the writer has to do with the unit."""


@dataclass(slots=True)
class UnitCandidate:
    """A unit's kind (or NONE), and by name what speaks for it, "" for the kind alone; each kind has its own weights."""

    kind: str
    features: Features


def candidates(reading: Reading, mentions: Sequence[Mention], gazetteer: Gazetteer) -> dict[str, UnitCandidate]:
    """By code the units that the text names, and the towns of its villages, with their features; and NONE."""
    kinds = gazetteer.kind
    named: dict[str, list[Mention]] = {}
    for mention in mentions:
        if (code := mention.code) is not None and kinds[code] in LEVELS:
            named.setdefault(code, []).append(mention)
    for code in [code for code in named if kinds[code] == "village"]:
        if (town := gazetteer.of_kind(code, "town")) is not None:
            named.setdefault(town, [])
    direct = {code: [one for one in found if one.how != "relative"] for code, found in named.items()}
    totals: dict[str, int] = {}
    units: dict[str, int] = {}
    for code, found in direct.items():
        kind = kinds[code]
        totals[kind] = totals.get(kind, 0) + len(found)
        units[kind] = units.get(kind, 0) + bool(found)
    result: dict[str, UnitCandidate] = {}
    seen: set[str] = set()
    for code, found in named.items():
        kind = kinds[code]
        features = {"": 1.0}
        relative = [one for one in found if one.how == "relative"]
        if direct[code]:
            features |= _direct(direct[code], reading, gazetteer)
            features["share"] = len(direct[code]) / totals[kind]
            features["only"] = float(units[kind] == 1)
            features["first"] = float(kind not in seen)
            seen.add(kind)
        else:
            features["implicit"] = 1.0
        if relative:
            features["relative"] = math.log1p(len(relative))
            features["relative asked"] = _asked(relative, reading.text)
        result[code] = UnitCandidate(kind, features)
    result[NONE] = UnitCandidate(NONE, {"": 1.0, "open": float(any(one.code is None for one in mentions))})
    return result


def _direct(found: Sequence[Mention], reading: Reading, gazetteer: Gazetteer) -> Features:
    text, first = reading.text, found[0].start
    return {
        "count": math.log1p(len(found)),
        "position": first / len(text),
        "title": float(first < reading.text_start),
        "post": float(any(gazetteer.is_post(text, one.end) for one in found)),
        "home": float(_HOME.search(text[max(0, first - BEFORE) : first]) is not None),
        "asked": _asked(found, text),
        "institution": float(all(one.how == "institution" for one in found)),
    }


def _asked(found: Sequence[Mention], text: str) -> float:
    """Share of the mentions before which it says that the writer turned to the unit."""
    return sum(_ASKED.search(text[max(0, one.start - BEFORE) : one.start]) is not None for one in found) / len(found)


def add_bureau(found: dict[str, UnitCandidate], bureaus: Mapping[str, float]) -> None:
    """Adds how well each bureau's work fits the text (log probability), and the best fitting one as a candidate."""
    if bureaus:
        best = max(bureaus, key=bureaus.__getitem__)
        if best not in found:
            found[best] = UnitCandidate("department", {"": 1.0, "implicit": 1.0})
    for code, one in found.items():
        if one.kind == "department":
            one.features["bureau"] = math.log(bureaus.get(code, 0.0) + 0.01)


def add_people(found: dict[str, UnitCandidate], people: Sequence[Person], mentions: Sequence[Mention]) -> None:
    """Adds the ranks of the accused's posts, and whether an accused is named right behind the unit."""
    accused = [person for person in people if person.role == "accused"]
    said = {"accused": float(bool(accused))}
    for person in accused:
        name = f"rank {person.rank}"
        said[name] = max(said.get(name, 0.0), person.score)
    near: dict[str, float] = {}
    for mention in mentions if accused else ():
        if (code := mention.code) is not None:
            for person in accused:
                if any(0 <= start - mention.end <= NEAR for start, _ in person.spans):
                    near[code] = max(near.get(code, 0.0), person.score)
    for code, one in found.items():
        one.features.update(said)
        if code in near:
            one.features["near"] = near[code]


def add_summary(found: dict[str, UnitCandidate], summary: Summary) -> None:
    """Adds what the text as a whole says."""
    for one in found.values():
        one.features["level"] = summary.level[one.kind]
        one.features.update(summary.rest)


class Summary(NamedTuple):
    """What a text as a whole says of its subject: of each kind of unit, and of all alike."""

    level: Mapping[str, float]
    rest: Features
