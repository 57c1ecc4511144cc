"""What the program proposes for one petition, as value objects and as the JSON of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Evidence(NamedTuple):
    """Characters [start, end) of the petition's text, and those characters."""

    start: int
    end: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        """As in the contract."""
        return {"start": self.start, "end": self.end, "text": self.text}


class LabelSuggestion(NamedTuple):
    """One category: its probability, and whether that reaches the operating threshold."""

    label: str
    name: str
    score: float
    accepted: bool
    evidence: tuple[Evidence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """S of the contract."""
        return {
            "label": self.label,
            "name": self.name,
            "score": self.score,
            "accepted": self.accepted,
            "evidence": [item.to_dict() for item in self.evidence],
        }


class UnitSuggestion(NamedTuple):
    """One unit, with the reason that a clerk reads."""

    code: str
    name: str
    score: float
    reason: str
    evidence: tuple[Evidence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """U of the contract."""
        return {
            "code": self.code,
            "name": self.name,
            "score": self.score,
            "reason": self.reason,
            "evidence": [item.to_dict() for item in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Urgency:
    """Whether the letter cannot wait, and the words that say so."""

    flag: bool = False
    evidence: tuple[Evidence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As in the contract."""
        return {"flag": self.flag, "evidence": [item.to_dict() for item in self.evidence]}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text names: people, amounts of money, dates, places."""

    people: tuple[dict[str, Any], ...] = ()
    amounts: tuple[dict[str, Any], ...] = ()
    dates: tuple[dict[str, Any], ...] = ()
    places: tuple[dict[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As in the contract."""
        names = ("people", "amounts", "dates", "places")
        return {name: [dict(item) for item in getattr(self, name)] for name in names}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """All that is proposed for one petition; lists are ordered by score, five at most."""

    id: str
    version: str
    kind: LabelSuggestion | None = None
    content: tuple[LabelSuggestion, ...] = ()
    discipline: tuple[LabelSuggestion, ...] = ()
    primary: str | None = None
    subject_unit: UnitSuggestion | None = None
    handling_unit: tuple[UnitSuggestion, ...] = ()
    urgent: Urgency = field(default_factory=Urgency)
    facts: Facts = field(default_factory=Facts)

    def to_dict(self) -> dict[str, Any]:
        """The object of the contract, with its fields in the contract's order."""
        return {
            "id": self.id,
            "kind": None if self.kind is None else self.kind.to_dict(),
            "content": [item.to_dict() for item in self.content],
            "discipline": [item.to_dict() for item in self.discipline],
            "primary": self.primary,
            "subject_unit": None if self.subject_unit is None else self.subject_unit.to_dict(),
            "handling_unit": [item.to_dict() for item in self.handling_unit],
            "urgent": self.urgent.to_dict(),
            "facts": self.facts.to_dict(),
            "version": self.version,
        }

    def _repr_html_(self) -> str:
        from models.display import suggestion_html

        return suggestion_html(self)
