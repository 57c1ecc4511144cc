"""Why two petitions are held for one matter, or what speaks against it, as spans of both texts, for clerks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from corpus.records import Petition
from models.comparer import Comparer, day_of, person_name
from models.reading import Reading, read
from models.suggestions import Evidence
from nlp.dates import find_dates
from nlp.fingerprints import figures, petitioner_names, phone_digits

MOST_SPANS = 3
SHORTEST_RUN = 8
COMPARED = 3_000
"""Characters of a text in which a common run is looked for."""

Found = dict[str, list[tuple[int, int]]]
"""What is compared → where it stands in the normalised text."""


@dataclass(frozen=True)
class Reason:
    """One point on which two petitions agree or contradict each other; `a` and `b` are spans of their texts."""

    reason: str
    agrees: bool
    a: tuple[Evidence, ...]
    b: tuple[Evidence, ...]

    def to_dict(self) -> dict[str, Any]:
        """As written to files."""
        sides = {name: [one.to_dict() for one in spans] for name, spans in (("a", self.a), ("b", self.b))}
        return {"reason": self.reason, "agrees": self.agrees, **sides}


def reasons(a: Petition, b: Petition, comparer: Comparer) -> list[Reason]:
    """Agreements first, then contradictions. Names and phones of petitioners are compared and never shown."""
    sides = ((a, read(a, comparer.tokeniser)), (b, read(b, comparer.tokeniser)))
    found = [_same_text(sides), *_petitioner(a, b)]
    points: list[tuple[str, str, Callable[[Reading], Found]]] = [
        ("同村", "不同村", lambda reading: _units(reading, comparer)),
        ("数字相同", "数字不同", lambda reading: _spelled(reading, figures(reading.text))),
    ]
    for same, other, look in points:
        found.append(_point(same, other, sides, [look(reading) for _, reading in sides]))
    found.append(_point("同人", "人名不同", sides, [_people(*side, comparer) for side in sides]))
    found.append(_point("同年份", "年份不同", sides, [_years(*side) for side in sides]))
    kept = [one for one in found if one is not None]
    return sorted(kept, key=lambda one: not one.agrees)


def _point(
    same: str, other: str, sides: tuple[tuple[Petition, Reading], tuple[Petition, Reading]], found: list[Found]
) -> Reason | None:
    if not found[0] or not found[1]:
        return None
    common = [key for key in found[0] if key in found[1]]
    shown = [
        _evidence(*side, (span for key in (common or table) for span in table[key]))
        for side, table in zip(sides, found, strict=True)
    ]
    return Reason(same if common else other, bool(common), shown[0], shown[1])


def _same_text(sides: tuple[tuple[Petition, Reading], tuple[Petition, Reading]]) -> Reason | None:
    one, other = (reading.text[:COMPARED] for _, reading in sides)
    run = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    if run.size < SHORTEST_RUN:
        return None
    spans = ((run.a, run.a + run.size), (run.b, run.b + run.size))
    shown = [_evidence(*side, [span]) for side, span in zip(sides, spans, strict=True)]
    return Reason("文字相同", True, shown[0], shown[1])


def _petitioner(a: Petition, b: Petition) -> Iterable[Reason]:
    if phone_digits(a.phone) and phone_digits(a.phone) == phone_digits(b.phone):
        yield Reason("同一电话", True, (), ())
    names = [{name for name in petitioner_names(one.petitioner) if len(name) > 1} for one in (a, b)]
    if names[0] and names[1]:
        same = bool(names[0] & names[1])
        yield Reason("同一信访人" if same else "信访人不同", same, (), ())


def _units(reading: Reading, comparer: Comparer) -> Found:
    found: Found = {}
    for mention in comparer.finder.find(reading.text, reading.words):
        if mention.code is not None and comparer.finder.gazetteer.kind[mention.code] == "village":
            found.setdefault(mention.code, []).append((mention.start, mention.end))
    return found


def _people(petition: Petition, reading: Reading, comparer: Comparer) -> Found:
    (people,) = comparer.people.find_people([reading], [petition])
    return {name: list(one.spans) for one in people if one.role != "complainant" and (name := person_name(one))}


def _years(petition: Petition, reading: Reading) -> Found:
    found: Found = {}
    for one in find_dates(reading.text, day_of(petition.received)):
        if one.value:
            found.setdefault(one.value[:4], []).append((one.start, one.end))
    return found


def _spelled(reading: Reading, spans: Iterable[tuple[int, int]]) -> Found:
    found: Found = {}
    for start, end in spans:
        found.setdefault(reading.text[start:end], []).append((start, end))
    return found


def _evidence(petition: Petition, reading: Reading, spans: Iterable[tuple[int, int]]) -> tuple[Evidence, ...]:
    shown: list[Evidence] = []
    for start, end in spans:
        placed = reading.span_in_text(start, end)
        if placed is not None and len(shown) < MOST_SPANS:
            shown.append(Evidence(*placed, petition.text[placed[0] : placed[1]]))
    return tuple(sorted(set(shown), key=lambda one: one.start))
