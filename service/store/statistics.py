"""How often clerks decide as was suggested."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.account_tables import AccountRow
from service.store.petition_tables import DecisionRow, PetitionRow

FIELDS = ("kind", "content", "discipline", "primary", "subject_unit", "handling_unit", "urgent")
GROUPS = ("category", "unit", "clerk", "version")


@dataclass(slots=True)
class Agreement:
    """Decisions that stand in one group; field → how many had a suggestion, and how many of these agreed."""

    group: str
    blind: bool
    decisions: int = 0
    suggested: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    agreed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))

    def add(self, fields: dict[str, bool]) -> None:
        """Counts one decision."""
        self.decisions += 1
        for name, same in fields.items():
            self.suggested[name] += 1
            self.agreed[name] += same


def agreement_by(session: Session, group: str) -> list[Agreement]:
    """Agreement over all decisions that stand, blind ones apart: those were made without sight of a suggestion.

    Args:
        session: to read with.
        group: one of GROUPS; a category is the first level of content that was decided, a unit the handling unit.
    """
    columns = {
        "category": DecisionRow.content,
        "unit": DecisionRow.handling_unit,
        "clerk": AccountRow.name,
        "version": DecisionRow.model_version,
    }
    query = (
        select(columns[group], DecisionRow.blind, DecisionRow.agreed)
        .join(PetitionRow, PetitionRow.decision_key == DecisionRow.key)
        .join(AccountRow, AccountRow.key == DecisionRow.account_key)
        .where(DecisionRow.status == "decided", DecisionRow.model_version.is_not(None))
    )
    found: dict[tuple[str, bool], Agreement] = {}
    for value, blind, agreed in session.execute(query.execution_options(yield_per=1_000)):
        name = str(value or "").split("/")[0] if group == "category" else str(value or "")
        found.setdefault((name, blind), Agreement(name, blind)).add(agreed)
    return [found[key] for key in sorted(found)]
