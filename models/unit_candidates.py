"""The units that a petition may be about, each with what speaks for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

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


def candidates(reading: Reading, mentions: Sequence[Mention], gazetteer: Gazetteer) -> dict[str, Features]:
    """Codes of the units that the text names, and of the towns of its villages, with their features; and NONE.

    Every feature's name begins with the candidate's kind, so that a model weighs it by kind.
    """
    named: dict[str, list[Mention]] = {}
    for mention in mentions:
        if (code := mention.code) is not None and gazetteer.kind[code] in LEVELS:
            named.setdefault(code, []).append(mention)
    for code in [code for code in named if gazetteer.kind[code] == "village"]:
        if (town := gazetteer.of_kind(code, "town")) is not None:
            named.setdefault(town, [])
    direct = {code: [one for one in found if one.how != "relative"] for code, found in named.items()}
    totals: dict[str, int] = {}
    units: dict[str, int] = {}
    for code, found in direct.items():
        kind = gazetteer.kind[code]
        totals[kind] = totals.get(kind, 0) + len(found)
        units[kind] = units.get(kind, 0) + bool(found)
    result: dict[str, Features] = {}
    seen: set[str] = set()
    for code, found in named.items():
        kind = gazetteer.kind[code]
        features = {kind: 1.0}
        relative = [one for one in found if one.how == "relative"]
        if direct[code]:
            features |= _direct(kind, direct[code], reading, gazetteer)
            features[f"{kind}:share"] = len(direct[code]) / totals[kind]
            features[f"{kind}:only"] = float(units[kind] == 1)
            features[f"{kind}:first"] = float(kind not in seen)
            seen.add(kind)
        else:
            features[f"{kind}:implicit"] = 1.0
        if relative:
            features[f"{kind}:relative"] = math.log1p(len(relative))
            features[f"{kind}:relative asked"] = _asked(relative, reading.text)
        result[code] = features
    result[NONE] = {NONE: 1.0, f"{NONE}:open": float(any(one.code is None for one in mentions))}
    return result


def _direct(kind: str, found: Sequence[Mention], reading: Reading, gazetteer: Gazetteer) -> Features:
    text, first = reading.text, found[0].start
    return {
        f"{kind}:count": math.log1p(len(found)),
        f"{kind}:position": first / len(text),
        f"{kind}:title": float(first < reading.text_start),
        f"{kind}:post": float(any(gazetteer.is_post(text, one.end) for one in found)),
        f"{kind}:home": float(_HOME.search(text[max(0, first - BEFORE) : first]) is not None),
        f"{kind}:asked": _asked(found, text),
        f"{kind}:institution": float(all(one.how == "institution" for one in found)),
    }


def _asked(found: Sequence[Mention], text: str) -> float:
    """Share of the mentions before which it says that the writer turned to the unit."""
    return sum(_ASKED.search(text[max(0, one.start - BEFORE) : one.start]) is not None for one in found) / len(found)


def add_bureau(found: dict[str, Features], bureaus: Mapping[str, float]) -> None:
    """Adds how well each bureau's work fits the text (log probability), and the best fitting one as a candidate."""
    if bureaus:
        best = max(bureaus, key=bureaus.__getitem__)
        found.setdefault(best, {"department": 1.0, "department:implicit": 1.0})
    for code, features in found.items():
        if "department" in features:
            features["department:bureau"] = math.log(bureaus.get(code, 0.0) + 0.01)


def add_people(found: dict[str, Features], people: Sequence[Person], mentions: Sequence[Mention]) -> None:
    """Adds the ranks of the accused's posts, and whether an accused is named right behind the unit."""
    accused = [person for person in people if person.role == "accused"]
    ranks: dict[str, float] = {}
    for person in accused:
        name = f"rank {person.rank}"
        ranks[name] = max(ranks.get(name, 0.0), person.score)
    near: dict[str, float] = {}
    for mention in mentions:
        code = mention.code
        for person in accused if code is not None else ():
            if any(0 <= start - mention.end <= NEAR for start, _ in person.spans):
                near[str(code)] = max(near.get(str(code), 0.0), person.score)
    for code, features in found.items():
        kind = NONE if code == NONE else next(iter(features))
        features[f"{kind}:accused"] = float(bool(accused))
        features.update({f"{kind}:{name}": score for name, score in ranks.items()})
        if code in near:
            features[f"{kind}:near"] = near[code]


def add_scores(found: dict[str, Features], scores: Mapping[str, Mapping[str, float]]) -> None:
    """Adds what the text as a whole says: name → kind of candidate, or "" for all kinds → value."""
    for code, features in found.items():
        kind = NONE if code == NONE else next(iter(features))
        for name, table in scores.items():
            value = table.get(kind, table.get(""))
            if value is not None:
                features[f"{kind}:{name}"] = value
