"""From a document to its findings: span, categories, unit, people, amounts and status of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.documents import Document
from corpus.report_words import ReportWords
from corpus.written import NO_PROBLEM
from models.categories import MOST_LABELS, Shown, problem_names
from models.discipline import DisciplineModel
from models.facts import PeopleFinder
from models.features import occurrences
from models.finding_features import denied
from models.finding_people import people_of
from models.finding_units import FindingUnits, Subject
from models.findings import THRESHOLD, FindingModel
from models.heads import Head
from models.reading import read_texts
from models.report_reading import ReportReading, read_report, slices
from models.suggestions import Evidence, LabelSuggestion, UnitSuggestion
from nlp.amounts import find_amounts
from nlp.findings import Candidate
from nlp.rectification import Answer, Stated, rectification
from nlp.statements import listed, stated
from nlp.structure import Span
from nlp.tokenise import Tokeniser

STATUS_NAMES = {"rectified": "已整改", "in_progress": "正在整改", "unrectified": "未整改"}
FOUND_BEFORE = "A4.1"
"""The problem that was pointed out before and is still there; where nothing else is said, it is unrectified."""


@dataclass(frozen=True, slots=True)
class FoundFinding:
    """One stated problem of a report; offsets count characters of the text as read, `quote` is that exact text.

    `score` is the probability of being a finding. `heading` is the nearest over it, `place` where the file has it.
    """

    report: str
    start: int
    end: int
    quote: str
    discipline: tuple[LabelSuggestion, ...]
    primary: str
    subject_unit: UnitSuggestion | None
    people: tuple[dict[str, Any], ...]
    amounts: tuple[dict[str, Any], ...]
    status: str | None
    score: float
    place: str
    heading: str

    def to_dict(self) -> dict[str, Any]:
        """The object of the contract, with its fields in the contract's order."""
        return {
            "report": self.report,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "discipline": [label.to_dict() for label in self.discipline],
            "primary": self.primary,
            "subject_unit": None if self.subject_unit is None else self.subject_unit.to_dict(),
            "people": [dict(person) for person in self.people],
            "amounts": [dict(amount) for amount in self.amounts],
            "status": self.status,
            "score": self.score,
            "place": self.place,
            "heading": self.heading,
        }

    def _repr_html_(self) -> str:
        from models.display import finding_html

        return finding_html(self)


@dataclass(frozen=True)
class FindingReader:
    """What reads findings: the two models, the tokeniser, the units that a report may be about, and people."""

    findings: FindingModel
    discipline: DisciplineModel
    tokeniser: Tokeniser
    units: FindingUnits
    people: PeopleFinder

    def read(self, document: Document, name: str = "") -> list[FoundFinding]:
        """The findings of a document in its order; `name` is what the report is called."""
        report = read_report(document)
        probability = self.findings.probabilities(report, self.tokeniser)
        spans, answers = _spans(report, np.flatnonzero(probability >= THRESHOLD), self.findings.words)
        quotes = [report.words(span) for _, span in spans]
        labels = problems_of(self.discipline, quotes, self.tokeniser)
        places = [
            Stated(*span, report.candidates[index].block, report.candidates[index].number) for index, span in spans
        ]
        words = self.findings.words
        statuses = rectification(report.text, report.blocks, places, answers, words.status, words.headings)
        contexts = [_context(report, report.candidates[index]) for index, _ in spans]
        people = people_of(self.people, report.text, [span for _, span in spans], contexts)
        title = self.units.title(report)
        result = []
        for (index, span), quote, codes, status, named in zip(spans, quotes, labels, statuses, people, strict=True):
            recurs = words.recurring.search(quote) or (status is None and codes[0].label == FOUND_BEFORE)
            one = report.candidates[index]
            result.append(
                FoundFinding(
                    report=name,
                    start=span[0],
                    end=span[1],
                    quote=document.text[slice(*span)],
                    discipline=tuple(_with_evidence(code, span, document.text) for code in codes),
                    primary=codes[0].label,
                    subject_unit=_unit(self.units.subject(report, one, quote, title)),
                    people=named,
                    amounts=amounts_of(document.text, span),
                    status="unrectified" if recurs else status,
                    score=round(float(max(probability[index], THRESHOLD)), 4),
                    place=document.place(span[0]),
                    heading=report.words(one.above[-1] if one.above else None),
                )
            )
        return result


def _unit(found: Subject | None) -> UnitSuggestion | None:
    return None if found is None else UnitSuggestion(found.unit.code, found.unit.name, found.score, found.reason)


def _spans(
    report: ReportReading, chosen: Sequence[int] | np.ndarray[Any, Any], words: ReportWords
) -> tuple[list[tuple[int, Span]], list[Answer]]:
    """Candidate number and exact span of every finding, and all that may answer them: endings and other sentences."""
    spans: list[tuple[int, Span]] = []
    answers: list[Answer] = []
    taken = {int(index) for index in chosen}
    is_denied = denied(report, report.candidates, words)
    for index, one in enumerate(report.candidates):
        if index in taken:
            parts, ending = stated(
                report.text,
                one.start,
                one.end,
                harmless=words.harmless,
                turn=words.turn,
                afterwards=words.afterwards,
                another=words.another,
            )
            spans += [(index, part) for part in parts]
            answers += [Answer(*ending, one.block)] if ending else []
        elif one.column is None and not is_denied[index]:
            spans += [(index, part) for part in _named(report, one, words)]
            answers.append(Answer(one.start, one.end, one.block))
    return spans, answers


def _context(report: ReportReading, one: Candidate) -> str:
    """What names people before a finding does: its nearest heading, its paragraph's first sentence, the one before."""
    spans = dict.fromkeys((*one.above[-1:], one.lead, one.before))
    return "。".join(report.words(span) for span in spans if span is not None)


def _named(report: ReportReading, one: Candidate, words: ReportWords) -> list[Span]:
    """What a sentence that is no finding by itself names: problems in passing, or what recurred (22条应改未改)."""
    found = listed(report.text, one.start, one.end, before=words.listed, never=words.not_listed)
    sentence = report.words(one)
    recurs = words.recurring.search(sentence) and not words.sentences["requirement"].search(sentence)
    return found or ([(one.start, one.end)] if recurs else [])


def problems_of(
    model: DisciplineModel, quotes: Sequence[str], tokeniser: Tokeniser
) -> list[tuple[LabelSuggestion, ...]]:
    """The problems of findings, best first, without Z0, as something was found; always one."""
    if not quotes:
        return []
    keep = np.flatnonzero(np.array(model.problems.labels) != NO_PROBLEM)
    head = Head(
        tuple(model.problems.labels[i] for i in keep),
        model.problems.linear.columns(keep),
        model.problems.threshold,
        model.problems.ranked,
    )
    scores = [
        head.scores(model.space.rows(occurrences(read_texts(quotes[part], tokeniser)))) for part in slices(quotes)
    ]
    shown = Shown.of(head.probabilities(np.concatenate(scores)), most=MOST_LABELS)
    result: list[list[LabelSuggestion]] = [[] for _ in quotes]
    for text, label, score in zip(shown.text, shown.label, shown.score, strict=True):
        code = head.labels[label]
        accepted = bool(score >= head.threshold)
        result[text].append(LabelSuggestion(code, problem_names()[code], round(float(score), 4), accepted))
    return [tuple(labels) for labels in result]


def _with_evidence(label: LabelSuggestion, span: Span, text: str) -> LabelSuggestion:
    evidence = (Evidence(*span, text[slice(*span)]),)
    return LabelSuggestion(label.label, label.name, label.score, label.accepted, evidence)


def amounts_of(text: str, span: Span) -> tuple[dict[str, Any], ...]:
    """Sums of money in a span, their offsets in the text."""
    return tuple(
        {
            "text": amount.text,
            "yuan": round(amount.yuan, 2),
            "start": span[0] + amount.start,
            "end": span[0] + amount.end,
        }
        for amount in find_amounts(text[slice(*span)])
    )
