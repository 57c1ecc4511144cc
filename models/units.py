"""The units of a petition: whom it is about, and who should handle it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.records import Petition
from corpus.routing import Routing
from corpus.units import UnitRegistry
from models.features import Occurrences
from models.handling import Case, Handling, conduct_shares
from models.past_decisions import PastDecisions
from models.people import Person
from models.reading import Reading
from models.subject import LOCAL, ProblemShares, SubjectModel, summaries
from models.suggestions import Evidence, LabelSuggestion, UnitSuggestion
from models.unit_candidates import NONE, Summary, add_bureau, add_people, add_summary, candidates
from models.unit_view import View, Views
from nlp.mentions import Mention

MOST_EVIDENCE = 3
SUBJECT_REASONS = {
    "name": "文中写明",
    "short": "文中简称",
    "typo": "文中写法有一字之差",
    "institution": "下属机构或人员",
    "relative": "上下文所指",
}


@dataclass(frozen=True)
class Units:
    """What is said of one petition's units, and the mentions that it rests on."""

    subject_unit: UnitSuggestion | None
    handling_unit: tuple[UnitSuggestion, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True)
class Batch:
    """What the other parts say of a batch; one entry a petition."""

    petitions: Sequence[Petition]
    readings: Sequence[Reading]
    found: Occurrences
    contents: Sequence[tuple[LabelSuggestion, ...]]
    people: Sequence[Sequence[Person]]
    shares: ProblemShares


class UnitSuggester:
    """Suggests units of one registry under one office's rules. Safe to share between threads."""

    def __init__(
        self, model: SubjectModel, registry: UnitRegistry, routing: Routing, past: PastDecisions | None = None
    ) -> None:
        """Takes the shipped or an office's own model and registry.

        Args:
            model: chooses the subject unit.
            registry: the office's units.
            routing: its rules.
            past: the router learned from its decisions; where there is one, it tells whose remit a matter is.
        """
        self.model = model
        self.registry = registry
        self.routing = routing
        self.past = past
        self.views = Views(registry, routing, model.bureau.labels)

    def suggest(self, batch: Batch) -> list[Units]:
        """Units of every petition of the batch."""
        level, bureau = self.model.text_scores(batch.found)
        said = summaries(level, batch.shares)
        conducts = conduct_shares(self.routing, batch.shares)
        views = [self.views.on(petition.received) for petition in batch.petitions]
        works: list[dict[str, float]] = [{} for _ in views]
        for view in set(views):
            numbers = [number for number, one in enumerate(views) if one is view]
            found = view.remit_shares(self.model, bureau[numbers], [batch.readings[number] for number in numbers])
            for number, shares in zip(numbers, found, strict=True):
                works[number] = shares
        remits = works
        if self.past is not None:
            learned = self.past.shares(batch.found, batch.readings, batch.petitions)
            remits = [view.codes_of(names) for view, names in zip(views, learned, strict=True)]
        return [
            self._units(view, _Text(*one), *rest)
            for view, one, rest in zip(
                views,
                zip(batch.petitions, batch.readings, batch.contents, batch.people, strict=True),
                zip(said, conducts, works, remits, strict=True),
                strict=True,
            )
        ]

    def _units(
        self,
        view: View,
        text: _Text,
        summary: Summary,
        conducts: Mapping[str, float],
        works: Mapping[str, float],
        remits: Mapping[str, float],
    ) -> Units:
        mentions = view.mentions(text.petition, text.reading)
        choices = candidates(text.reading, mentions, view.finder.gazetteer)
        add_bureau(choices, {code: share for code, share in works.items() if code != LOCAL})
        add_people(choices, text.people, mentions)
        add_summary(choices, summary)
        subjects = self.model.probabilities(choices)
        case = Case(
            subjects,
            conducts,
            remits,
            view.towns(mentions),
            text.reading.text,
            text.labels[0].name if text.labels else "",
            text.post(),
            learned=self.past is not None,
        )
        handling = tuple(_handling(one, view, text, mentions) for one in view.rules.handle(case))
        return Units(_subject(subjects, view, text, mentions), handling, tuple(mentions))


@dataclass(frozen=True)
class _Text:
    """A petition, how it was read, its content labels and its people."""

    petition: Petition
    reading: Reading
    labels: tuple[LabelSuggestion, ...]
    people: Sequence[Person]

    def post(self) -> str:
        """The post of the likeliest accused who has one, without the unit's kind before it (村会计: 会计)."""
        posts = [(person.score, person.post) for person in self.people if person.role == "accused" and person.post]
        return max(posts)[1].lstrip("村镇乡县") if posts else ""

    def evidence(self, mentions: Sequence[Mention]) -> tuple[Evidence, ...]:
        """The first mentions that stand in the petition's own text, in the order of the text."""
        spans = (self.reading.span_in_text(one.start, one.end) for one in mentions)
        chosen = sorted([span for span in spans if span is not None][:MOST_EVIDENCE])
        return tuple(Evidence(start, end, self.petition.text[start:end]) for start, end in chosen)


def _subject(
    subjects: Mapping[str, float], view: View, text: _Text, mentions: Sequence[Mention]
) -> UnitSuggestion | None:
    code = max(subjects, key=subjects.__getitem__)
    if code == NONE:
        return None
    found = _mentions_of(code, mentions, view.registry)
    reason = SUBJECT_REASONS[found[0].how] if found else "按反映事项的职责"
    return UnitSuggestion(code, view.registry[code].name, round(subjects[code], 4), reason, text.evidence(found))


def _handling(handling: Handling, view: View, text: _Text, mentions: Sequence[Mention]) -> UnitSuggestion:
    evidence = text.evidence(_mentions_of(handling.subject or handling.code, mentions, view.registry))
    if handling.by_remit and not evidence and text.labels:
        evidence = text.labels[0].evidence
    name = view.rules.name_of(handling.code)
    return UnitSuggestion(handling.code, name, round(handling.score, 4), handling.reason, evidence)


def _mentions_of(code: str, mentions: Sequence[Mention], registry: UnitRegistry) -> list[Mention]:
    """Mentions of the unit, those by name first; for a town that is not named, those of its villages."""
    own = [one for one in mentions if one.code == code]
    own = own or [one for one in mentions if one.code is not None and registry[one.code].parent == code]
    return sorted(own, key=lambda one: one.how == "relative")
