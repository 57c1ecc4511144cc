"""The facts of the contract: people, amounts, dates and places, with offsets in the petition's own text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from corpus.records import Petition
from models.people import PeopleModel, Person, person_text
from models.reading import Reading
from models.suggestions import Facts
from nlp.amounts import Amount
from nlp.dates import Date
from nlp.facts import read_facts
from nlp.normalise import normalise
from nlp.people import PeopleLists
from nlp.places import Place
from nlp.tokenise import Tokeniser


@dataclass(frozen=True)
class PeopleFinder:
    """Finds the people of petitions; `lists` are the words for finding people."""

    model: PeopleModel
    lists: PeopleLists
    tokeniser: Tokeniser

    def find_people(self, readings: Sequence[Reading], petitions: Sequence[Petition]) -> list[list[Person]]:
        """The people of every petition; their spans count characters of the reading."""
        knows = self.tokeniser.knows
        texts = [
            person_text(reading, self.lists, knows, normalise(petition.petitioner).text)
            for reading, petition in zip(readings, petitions, strict=True)
        ]
        return self.model.find(texts, knows)


def read_all(
    readings: Sequence[Reading], petitions: Sequence[Petition], people: Sequence[Sequence[Person]]
) -> list[Facts]:
    """The facts of every petition; what stands in the title alone has no place in the text and is left out."""
    return [_facts(*one) for one in zip(readings, petitions, people, strict=True)]


def _facts(reading: Reading, petition: Petition, people: Iterable[Person]) -> Facts:
    facts = read_facts(reading.text, reading.words, _day(petition.received))
    return Facts(
        people=tuple(one for person in people if (one := _person(petition.text, reading, person))),
        amounts=tuple(
            {**place, "yuan": one.yuan} for one in facts.amounts if (place := _place(petition.text, reading, one))
        ),
        dates=tuple(
            {**place, "value": one.value} for one in facts.dates if (place := _place(petition.text, reading, one))
        ),
        places=tuple(place for one in facts.places if (place := _place(petition.text, reading, one))),
    )


def _place(text: str, reading: Reading, fact: Amount | Date | Place) -> dict[str, Any]:
    """Where a fact stands in the petition's text; nothing where it stands in the title."""
    span = reading.span_in_text(fact.start, fact.end)
    return {} if span is None else {"text": text[span[0] : span[1]], "start": span[0], "end": span[1]}


def _person(text: str, reading: Reading, person: Person) -> dict[str, Any]:
    spans = [list(span) for start, end in person.spans if (span := reading.span_in_text(start, end))]
    if not spans:
        return {}
    start, end = spans[0]
    return {"text": text[start:end], "post": person.post, "role": person.role, "spans": spans}


def _day(received: str) -> date | None:
    try:
        return date.fromisoformat(received[:10])
    except ValueError:
        return None
