"""Who should handle a petition: the rules of authority, weighed by how probable their conditions are.

What is alleged, of whom, and which bureau's work it is are known with some probability each, so every rule of the
routing file applies with the probability of its conditions, and a unit's score is the sum over the rules that name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from corpus.routing import CONDUCTS, SUBJECTS, Routing, Rule
from corpus.units import UnitRegistry
from corpus.written import NO_PROBLEM
from models.subject import LOCAL, ProblemShares
from models.unit_candidates import NONE

LEAST = 0.002
"""Conditions and units that are less probable than this are left out."""
MOST = 5
REMEMBERED = 16_384


def conduct_shares(routing: Routing, shares: ProblemShares) -> list[dict[str, float]]:
    """Probability of each conduct in each text, from those of its primary problem (Z0 included) and its kind."""
    problem = np.array(
        [[label != NO_PROBLEM and routing.conduct(label) == one for one in CONDUCTS] for label in shares.labels]
    )
    kind = np.array([[routing.without_problem[label] == one for one in CONDUCTS] for label in shares.kinds])
    none = shares.primary[:, [shares.labels.index(NO_PROBLEM)]]
    table = shares.primary @ problem + none * (shares.kind @ kind)
    return [dict(zip(CONDUCTS, row, strict=True)) for row in table.tolist()]


@dataclass(frozen=True)
class Case:
    """What is known of one petition, as probabilities.

    `subjects` by unit code or NONE, `conducts` by conduct, `remits` by unit code or LOCAL; `towns` are the towns that
    the text may mean; `text` tells whether its writer should not be sent back to the town; `matter` names what it is
    about and `post` the accused's post, for the reason; `learned` that the remits come from past decisions.
    """

    subjects: Mapping[str, float]
    conducts: Mapping[str, float]
    remits: Mapping[str, float]
    towns: tuple[str, ...] = ()
    text: str = ""
    matter: str = ""
    post: str = ""
    learned: bool = False


@dataclass
class Handling:
    """A unit that may handle the petition, its score, and the condition that speaks most for it."""

    code: str
    score: float = 0.0
    reason: str = ""
    subject: str | None = None
    by_remit: bool = False
    strongest: float = field(default=0.0, repr=False)
    rule: Rule | None = field(default=None, repr=False)


@dataclass
class Rules:
    """Applies one office's rules to cases."""

    registry: UnitRegistry
    routing: Routing
    _discipline: dict[str, str] = field(init=False)
    _county: str | None = field(init=False)
    _town: Callable[[str | None], str | None] = field(init=False)

    def __post_init__(self) -> None:
        units = self.registry.units.values()
        offices = [unit for unit in units if unit.kind == "discipline"]
        self._discipline = {unit.parent: unit.code for unit in reversed(offices) if unit.parent is not None}
        named = (code for name in self.routing.county_discipline for code in self.registry.by_name.get(name, ()))
        self._town = lru_cache(maxsize=REMEMBERED)(self._town_above)
        self._county = next((code for code in named if self.registry[code].kind == "department"), None)

    def handle(self, case: Case) -> list[Handling]:
        """The units that may handle the case, five at most, best first; scores add up to 1 or less."""
        found: dict[str, Handling] = {}
        for subject, share in case.subjects.items():
            kind = NONE if subject == NONE else self.registry[subject].kind
            if share < LEAST or kind not in SUBJECTS:
                continue
            for conduct, probability in case.conducts.items():
                weight = share * probability
                if weight >= LEAST:
                    self._apply(self.routing.rules[conduct, kind], subject, weight, case, found)
        ranked = sorted((one for one in found.values() if one.score >= LEAST), key=lambda one: -one.score)[:MOST]
        for one in ranked:
            one.reason = self._reason(one, case)
        return ranked

    def _apply(self, rule: Rule, subject: str, weight: float, case: Case, found: dict[str, Handling]) -> None:
        unit = None if subject == NONE else subject
        for target, part in rule.to:
            for code, share in self._targets(target, unit, case).items():
                handling = found.setdefault(code, Handling(code))
                amount = weight * part * share
                handling.score += amount
                if amount > handling.strongest:
                    handling.strongest, handling.subject = amount, unit
                    handling.by_remit, handling.rule = target == "remit", rule

    def _targets(self, target: str, subject: str | None, case: Case) -> dict[str, float]:
        """Codes that a target of a rule means, with shares."""
        town = self._town(subject)
        if target == "subject":
            return {subject: 1.0} if subject else {}
        if target == "town":
            return {town: 1.0} if town else self._targets("remit", None, case)
        if target == "town_discipline" and town in self._discipline and not self._distrusts(case):
            return {self._discipline[town]: 1.0}
        if target == "towns_discipline":
            codes = [self._discipline[code] for code in case.towns if code in self._discipline]
            return {code: 1 / len(codes) for code in codes}
        if target == "remit":
            return self._remits(town, case)
        return {self._county: 1.0} if self._county else {}

    def _remits(self, town: str | None, case: Case) -> dict[str, float]:
        local = town or (case.towns[0] if case.towns else None)
        found: dict[str, float] = {}
        for code, share in case.remits.items():
            key = local if code == LOCAL else code
            if key is not None and share >= LEAST:
                found[key] = found.get(key, 0.0) + share
        return found

    def _distrusts(self, case: Case) -> bool:
        return self.routing.distrust is not None and self.routing.distrust.search(case.text) is not None

    def _town_above(self, code: str | None) -> str | None:
        if code is None:
            return None
        return next((unit.code for unit in self.registry.ancestors(code) if unit.kind == "town"), None)

    def name_of(self, code: str) -> str:
        """The unit's name; past decisions may know units that the registry does not, whose code is their name."""
        return self.registry[code].name if code in self.registry else code

    def _reason(self, handling: Handling, case: Case) -> str:
        subject = handling.subject
        town = self._town(subject)
        if handling.rule is None:
            return ""
        learned = case.learned and handling.by_remit
        return (self.routing.learned_reason if learned else handling.rule.reason).format(
            subject=self.registry[subject].name if subject else "",
            post=case.post,
            town=self.registry[town].name if town else "",
            matter=case.matter,
            target=self.name_of(handling.code),
        )
