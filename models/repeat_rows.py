"""Repeats as rows of a file: the objects of the contract for a matter and for a pair."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from corpus.records import Petition
from models.comparer import Comparer
from models.repeat_evidence import reasons

Tagger = Callable[[Iterator[Petition]], Iterator[Mapping[str, Any]]]
"""The contract's object for every petition, in order."""


def matter_rows(matters: Iterable[tuple[int, Sequence[Petition]]], tag: Tagger) -> Iterator[dict[str, Any]]:
    """The object of the contract for every matter, its oldest petition first.

    Args:
        matters: the number of each, from 1, and its petitions in the order in which they were read.
        tag: tells which unit petitions are about. It gets those of all matters in one stream, since many at once are
            read faster.
    """
    waiting: deque[tuple[int, list[Petition]]] = deque()

    def members() -> Iterator[Petition]:
        for number, petitions in matters:
            waiting.append((number, sorted(petitions, key=lambda petition: petition.received)))
            yield from waiting[-1][1]

    tagged = iter(tag(members()))
    for first in tagged:
        number, petitions = waiting.popleft()
        yield _matter_row(number, petitions, [first, *islice(tagged, len(petitions) - 1)])


def _matter_row(number: int, petitions: Sequence[Petition], tagged: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    days = [petition.received[:10] for petition in petitions if petition.received]
    return {
        "matter": f"M{number:06d}",
        "ids": [petition.id for petition in petitions],
        "size": len(petitions),
        "first": min(days, default=None),
        "last": max(days, default=None),
        "subject_unit": _most_named([one["subject_unit"] for one in tagged]),
    }


def pair_row(a: Petition, b: Petition, score: float, relation: str, comparer: Comparer) -> dict[str, Any]:
    """The object of the contract; `a` is the petition that came first in the input, an older ledger before it."""
    evidence = [reason.to_dict() for reason in reasons(a, b, comparer)]
    return {"a": a.id, "b": b.id, "score": round(score, 4), "relation": relation, "evidence": evidence}


def _most_named(units: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The unit that most of a matter's petitions are about; None where none is told."""
    votes: dict[str, list[dict[str, Any]]] = {}
    for unit in units:
        if unit is not None:
            votes.setdefault(unit["code"], []).append(unit)
    if not votes:
        return None
    most = max(votes.values(), key=lambda found: sum(unit["score"] for unit in found))
    score = round(sum(unit["score"] for unit in most) / len(units), 4)
    return most[0] | {"score": score, "reason": f"{len(units)}件中{len(most)}件所指", "evidence": []}
