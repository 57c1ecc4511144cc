"""Repeats as rows of a file: the objects of the contract for a matter and for a pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.records import Petition
from models.comparable import Comparer
from models.repeat_evidence import reasons
from models.suggester import Suggester
from models.suggestions import UnitSuggestion


def matter_row(number: int, petitions: Sequence[Petition], suggester: Suggester) -> dict[str, Any]:
    """The object of the contract, oldest petition first.

    Args:
        number: of the matter, from 1.
        petitions: its petitions in the order in which they were read.
        suggester: tells which unit they are about.
    """
    ordered = sorted(petitions, key=lambda petition: petition.received)
    days = [petition.received[:10] for petition in ordered if petition.received]
    return {
        "matter": f"M{number:06d}",
        "ids": [petition.id for petition in ordered],
        "size": len(ordered),
        "first": min(days, default=None),
        "last": max(days, default=None),
        "subject_unit": _subject_of(ordered, suggester),
    }


def pair_row(a: Petition, b: Petition, score: float, relation: str, comparer: Comparer) -> dict[str, Any]:
    """The object of the contract; `a` is the petition that came first in the input, an older ledger before it."""
    evidence = [reason.to_dict() for reason in reasons(a, b, comparer)]
    return {"a": a.id, "b": b.id, "score": round(score, 4), "relation": relation, "evidence": evidence}


def _subject_of(petitions: Sequence[Petition], suggester: Suggester) -> dict[str, Any] | None:
    """The unit that most of a matter's petitions are about, as in `tag`; None where none is told."""
    votes: dict[str, list[UnitSuggestion]] = {}
    for suggestion in suggester.suggest_all(petitions):
        if (unit := suggestion.subject_unit) is not None:
            votes.setdefault(unit.code, []).append(unit)
    if not votes:
        return None
    most = max(votes.values(), key=lambda units: sum(unit.score for unit in units))
    score = round(sum(unit.score for unit in most) / len(petitions), 4)
    reason = f"{len(petitions)}件中{len(most)}件所指"
    return most[0]._replace(score=score, reason=reason, evidence=()).to_dict()
