"""Petitions that Art. 15 keeps out: about the level above, or about the office's own head. Seen before any writing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from corpus.ranks import OWN_HEAD, RankRule, RankRules
from nlp.normalise import normalise

_CLAUSE_END = re.compile(r"[,，。;；:：!！?？\n]")
NEARBY = 12
"""So many characters on either side of a post are looked at."""


@dataclass(frozen=True, slots=True)
class HeldBackPetition:
    """What a clerk is told: which rule, who saw it, where the petition goes and by which day at the latest.

    No day: the rule gives no term, it goes at once.
    """

    rule: str
    seen_by: str
    goes_to: str
    by: date | None

    def way(self) -> str:
        """Where it goes and by when, as a clerk reads it."""
        return f"{self.goes_to}，{'立即办理' if self.by is None else f'{self.by} 前报送'}"


def held_back(
    text: str, flag: str | None, ranks: RankRules, heads: Sequence[str], today: date
) -> HeldBackPetition | None:
    """Whether the petition must not be taken in.

    Args:
        text: title and text.
        flag: what the clerk says: a rule's name, `no` after having looked, or None.
        ranks: the office's rules.
        heads: names of the office's own head.
        today: the working days are counted from here.
    """
    if flag == "no":
        return None
    rule = ranks[flag] if flag else accused_rank(text, ranks, heads)
    if rule is None:
        return None
    by = None if rule.days is None else working_day(today, rule.days)
    return HeldBackPetition(rule.name, "clerk" if flag else "program", rule.goes_to, by)


def accused_rank(text: str, ranks: RankRules, heads: Sequence[str]) -> RankRule | None:
    """The rule whose posts the text names other than to address, thank or ask their holder.

    A letter too many is held here than one too few: what is held is not lost, the clerk looks and says `no`.
    """
    plain = normalise(text).text
    if any(head and head in plain for head in heads):
        return ranks[OWN_HEAD]
    for rule in ranks.rules:
        for match in rule.posts.finditer(plain):
            before = plain[max(0, match.start() - NEARBY) : match.start()]
            after = plain[match.end() : match.end() + NEARBY]
            spoken_to = ranks.before.search(before) or ranks.after.match(after)
            if not spoken_to or ranks.unless.search(_CLAUSE_END.split(after)[0]):
                return rule
    return None


def working_day(start: date, days: int) -> date:
    """The day so many working days after `start`; weekends are left out, public holidays are not known."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
