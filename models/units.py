"""The units of a petition: whom it is about, and who should handle it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corpus.records import Petition
from corpus.routing import Routing
from corpus.units import UnitRegistry
from models.calibration import Numbers, softmax
from models.features import Occurrences
from models.handling import Case, Handling, Rules, conduct_shares
from models.reading import Reading
from models.remits import RemitFinder, remit_hits
from models.subject import LOCAL, ProblemShares, SubjectModel, summary_scores
from models.suggestions import Evidence, LabelSuggestion, UnitSuggestion
from models.unit_candidates import NONE, add_bureau, add_scores, candidates
from models.unit_finder import bureau_codes, mention_finder
from nlp.mentions import Mention, MentionFinder

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
    shares: ProblemShares


@dataclass
class UnitSuggester:
    """Suggests units of one registry under one office's rules. Safe to share between threads."""

    model: SubjectModel
    registry: UnitRegistry
    routing: Routing
    finder: MentionFinder = field(init=False)
    _rules: Rules = field(init=False)
    _remits: RemitFinder = field(init=False)
    _codes: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.finder = mention_finder(self.registry)
        self._rules = Rules(self.registry, self.routing)
        self._remits = RemitFinder(self.registry)
        self._codes = {**bureau_codes(self.model.bureau.labels, self.registry), LOCAL: LOCAL}

    def suggest(self, batch: Batch) -> list[Units]:
        """Units of every petition of the batch."""
        level, bureau = self.model.text_scores(batch.found)
        remits = self._remit_shares(bureau, batch.readings)
        summaries = summary_scores(level, batch.shares)
        conducts = conduct_shares(self.routing, batch.shares)
        result = []
        for number, reading in enumerate(batch.readings):
            mentions = self.finder.find(reading.text, reading.words, self._around(batch.petitions[number]))
            choices = candidates(reading, mentions, self.finder.gazetteer)
            add_bureau(choices, {code: share for code, share in remits[number].items() if code != LOCAL})
            add_scores(choices, summaries[number])
            subjects = self.model.probabilities(choices)
            labels = batch.contents[number]
            case = Case(
                subjects,
                conducts[number],
                remits[number],
                self._towns(mentions),
                self.routing.distrust is not None and self.routing.distrust.search(reading.text) is not None,
                labels[0].name if labels else "",
            )
            place = _Place(batch.petitions[number].text, reading, mentions, labels)
            handling = tuple(self._handling(one, place) for one in self._rules.handle(case))
            result.append(Units(self._subject(subjects, place), handling, tuple(mentions)))
        return result

    def _remit_shares(self, bureau: Numbers, readings: Sequence[Reading]) -> list[dict[str, float]]:
        """For every text the probability of each unit, by its work, to be the one whose remit the matter is."""
        labels = self.model.bureau.labels
        hits = remit_hits(self._remits, readings, labels, self._codes)
        shares = softmax(bureau * self.model.bureau_scale + hits * self.model.remit_weight)
        columns = [(number, self._codes[label]) for number, label in enumerate(labels) if label in self._codes]
        return [{code: row[number] for number, code in columns} for row in shares.tolist()]

    def _around(self, petition: Petition) -> tuple[str, ...]:
        """Units that the petitioner's address names."""
        if not petition.address:
            return ()
        mentions = self.finder.find(petition.address, [petition.address])
        return tuple(code for mention in reversed(mentions) if (code := mention.code) is not None)

    def _towns(self, mentions: Sequence[Mention]) -> tuple[str, ...]:
        """Towns that the text may mean, the likeliest first: of decided mentions, then of open ones."""
        of_kind = self.finder.gazetteer.of_kind
        ordered = sorted(mentions, key=lambda mention: len(mention.codes))
        towns = (of_kind(code, "town") for mention in ordered for code in mention.codes)
        return tuple(dict.fromkeys(town for town in towns if town is not None))

    def _subject(self, subjects: Mapping[str, float], place: _Place) -> UnitSuggestion | None:
        code = max(subjects, key=subjects.__getitem__)
        if code == NONE:
            return None
        found = place.mentions_of(code, self.registry)
        reason = SUBJECT_REASONS[found[0].how] if found else "按反映事项的职责"
        score = round(subjects[code], 4)
        return UnitSuggestion(code, self.registry[code].name, score, reason, place.evidence(found))

    def _handling(self, handling: Handling, place: _Place) -> UnitSuggestion:
        unit = self.registry[handling.code]
        found = place.mentions_of(handling.subject or handling.code, self.registry)
        evidence = place.evidence(found)
        if handling.by_remit and not evidence and place.labels:
            evidence = place.labels[0].evidence
        return UnitSuggestion(unit.code, unit.name, round(handling.score, 4), handling.reason, evidence)


@dataclass(frozen=True)
class _Place:
    """Where evidence is looked for."""

    text: str
    reading: Reading
    mentions: Sequence[Mention]
    labels: tuple[LabelSuggestion, ...]

    def mentions_of(self, code: str, registry: UnitRegistry) -> list[Mention]:
        """Mentions of the unit, those by name first; for a town that is not named, those of its villages."""
        own = [one for one in self.mentions if one.code == code]
        own = own or [one for one in self.mentions if one.code is not None and registry[one.code].parent == code]
        return sorted(own, key=lambda one: one.how == "relative")

    def evidence(self, mentions: Sequence[Mention]) -> tuple[Evidence, ...]:
        """The first mentions that stand in the petition's own text, in the order of the text."""
        spans = (self.reading.span_in_text(one.start, one.end) for one in mentions)
        chosen = sorted([span for span in spans if span is not None][:MOST_EVIDENCE])
        return tuple(Evidence(start, end, self.text[start:end]) for start, end in chosen)
