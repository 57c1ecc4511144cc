"""What a text states that needs no model: sums of money, dates, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from nlp.amounts import Amount, find_amounts
from nlp.dates import Date, find_dates
from nlp.places import Place, find_places


@dataclass(frozen=True, slots=True)
class TextFacts:
    """Facts of one text, each kind in the order of the text."""

    amounts: list[Amount]
    dates: list[Date]
    places: list[Place]


def read_facts(text: str, words: Sequence[str], received: date | None = None) -> TextFacts:
    """All facts of a text; `words` are its cuts, `received` gives relative dates their value."""
    return TextFacts(find_amounts(text), find_dates(text, received), find_places(text, words))
