"""What a decision says of a petition, and what of it the suggestion had said as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class State:
    """What holds of a petition: codes and labels, None where nothing is said."""

    kind: str | None = None
    content: str | None = None
    discipline: tuple[str, ...] = ()
    primary: str | None = None
    subject_unit: str | None = None
    handling_unit: str | None = None
    urgent: bool = False


def state_of_suggestion(suggestion: dict[str, Any]) -> State:
    """The first of everything that was suggested with enough confidence; handling units are given without."""
    content = [one["label"] for one in suggestion["content"] if one["accepted"]]
    kind, subject, handling = suggestion["kind"], suggestion["subject_unit"], suggestion["handling_unit"]
    return State(
        kind=kind["label"] if kind and kind["accepted"] else None,
        content=content[0] if content else None,
        discipline=tuple(one["label"] for one in suggestion["discipline"] if one["accepted"]),
        primary=suggestion["primary"],
        subject_unit=subject["code"] if subject else None,
        handling_unit=handling[0]["code"] if handling else None,
        urgent=suggestion["urgent"]["flag"],
    )


def agreement(suggestion: dict[str, Any], decided: State) -> dict[str, bool]:
    """Field → whether the suggestion had said what was decided; fields without a suggestion are left out.

    A content path that was suggested only down to some level agrees where it is right that far.
    """
    said = state_of_suggestion(suggestion)
    result = {}
    if said.kind is not None:
        result["kind"] = said.kind == decided.kind
    if said.content is not None:
        result["content"] = f"{decided.content}/".startswith(f"{said.content}/")
    for field in ("primary", "subject_unit", "handling_unit"):
        if getattr(said, field) is not None:
            result[field] = getattr(said, field) == getattr(decided, field)
    if said.discipline:
        result["discipline"] = set(said.discipline) == set(decided.discipline)
    result["urgent"] = said.urgent == decided.urgent
    return result
