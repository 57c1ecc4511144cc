"""The people that findings name, with the posts that the sentences or the headings over them give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.facts import PeopleFinder
from models.people import REPORT, Person, person_text
from models.reading import Reading, read_texts
from models.report_reading import slices
from nlp.structure import Span

People = tuple[dict[str, Any], ...]


def people_of(finder: PeopleFinder, text: str, spans: Sequence[Span], contexts: Sequence[str]) -> list[People]:
    """The people named in each span of a text; a post that stands only in the span's context is carried down."""
    stated = _find(finder, [text[slice(*span)] for span in spans])
    around = _find(finder, list(dict.fromkeys(contexts)))
    posts = {
        context: {person.text: person.post for person in people if person.post}
        for context, (_, people) in zip(dict.fromkeys(contexts), around, strict=True)
    }
    return [
        tuple(_person(text, span[0], reading, person, posts[context]) for person in people)
        for span, context, (reading, people) in zip(spans, contexts, stated, strict=True)
    ]


def _find(finder: PeopleFinder, texts: Sequence[str]) -> list[tuple[Reading, list[Person]]]:
    knows = finder.tokeniser.knows
    readings = read_texts(texts, finder.tokeniser)
    found: list[list[Person]] = []
    for part in slices(texts):
        found += finder.model.find(
            [person_text(one, finder.lists, knows, about=REPORT) for one in readings[part]], knows
        )
    return list(zip(readings, found, strict=True))


def _person(
    text: str, offset: int, reading: Reading, person: Person, posts: Mapping[str, str | None]
) -> dict[str, Any]:
    found = (reading.span_in_text(start, end) for start, end in person.spans)
    spans = [(offset + span[0], offset + span[1]) for span in found if span is not None]
    return {
        "text": text[slice(*spans[0])] if spans else person.text,
        "post": person.post or posts.get(person.text),
        "role": person.role,
        "spans": [list(span) for span in spans],
    }
