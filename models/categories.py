"""From the models' scores to labels with probability, acceptance and evidence, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from corpus.schemes import discipline_scheme
from models.calibration import Numbers
from models.content import ContentModel
from models.discipline import DisciplineModel, accepted_labels
from models.evidence import ClauseShares, evidence
from models.features import Int, Occurrences
from models.heads import Head
from models.reading import Reading
from models.suggestions import Evidence, LabelSuggestion, Urgency

MOST_LABELS = 5
LEAST_SCORE = 0.02
"""A label that is less probable than this is not shown, unless it is the best one."""
KIND_NAMES = {
    "accusation": "检举控告",
    "advice": "批评建议",
    "appeal": "申诉",
    "no_substance": "无实质内容",
    "out_of_scope": "业务范围外",
}


@dataclass(frozen=True)
class Problems:
    """What the discipline part says of one petition."""

    problems: tuple[LabelSuggestion, ...]
    primary: str
    kind: LabelSuggestion
    urgent: Urgency


@dataclass(frozen=True)
class DisciplineScores:
    """The raw scores of a batch, (texts, problem labels) and (texts, kinds), for the parts that build on them."""

    problems: Numbers
    kind: Numbers


@dataclass(frozen=True)
class Shown:
    """The labels shown for a batch, text by text: text number, label number, its probability."""

    text: Int
    label: Int
    score: Numbers

    @classmethod
    def of(cls, probability: Numbers, least: float = LEAST_SCORE, most: int = MOST_LABELS) -> Shown:
        """The best labels of every text, best first; always one."""
        order = np.argsort(-probability, axis=1, kind="stable")[:, :most]
        scores = np.take_along_axis(probability, order, axis=1)
        shown = scores >= least
        shown[:, 0] = True
        text, _ = np.nonzero(shown)
        return cls(text, order[shown], scores[shown])


def suggest_content(
    model: ContentModel, found: Occurrences, readings: Sequence[Reading], texts: Sequence[str]
) -> list[tuple[LabelSuggestion, ...]]:
    """Content labels of every text, as deep as the model is sure."""
    counts = model.space.counts(found)
    rows = model.space.weighted(counts)
    head = model.head
    shown = Shown.of(head.probabilities(head.scores(rows)))
    shares = ClauseShares(model.space, found, counts, rows, readings)
    found_evidence = _evidence(head, shares, shown, readings, texts)
    similarity = None if model.paths is None else model.paths.similarities(rows)
    result: list[list[LabelSuggestion]] = [[] for _ in texts]
    for text, label, score, spans in zip(shown.text, shown.label, shown.score, found_evidence, strict=True):
        code = head.labels[label]
        # Accepted is the first level: it has the threshold, and what is below it is cut where the model is unsure.
        accepted = not result[text] and bool(score >= head.threshold)
        depth_score = float(score)
        if model.paths is not None and similarity is not None:
            code, depth_score = model.paths.descend(code, depth_score, similarity[text])
        name = code.rsplit("/", 1)[-1]
        result[text].append(LabelSuggestion(code, name, round(depth_score, 4), accepted, spans))
    return [tuple(sorted(labels, key=lambda label: (-label.accepted, -label.score))) for labels in result]


def suggest_discipline(
    model: DisciplineModel, found: Occurrences, readings: Sequence[Reading], texts: Sequence[str]
) -> tuple[list[Problems], DisciplineScores]:
    """Problems, kind and urgency of every text, and the scores that they rest on."""
    counts = model.space.counts(found)
    rows = model.space.weighted(counts)
    shares = ClauseShares(model.space, found, counts, rows, readings)
    scores = model.problems.scores(rows)
    primary = scores.argmax(axis=1)
    problems = _problems(model.problems, scores, shares, readings, texts)
    kind_scores = model.kind.scores(rows)
    kinds = _kinds(model.kind, model.kind.probabilities(kind_scores), shares, readings, texts)
    urgent = _urgent(model.urgent, model.urgent.probabilities(model.urgent.scores(rows)), shares, readings, texts)
    found_problems = [
        Problems(problems[number], model.problems.labels[primary[number]], kinds[number], urgent[number])
        for number in range(len(texts))
    ]
    return found_problems, DisciplineScores(scores, kind_scores)


def _problems(
    head: Head, scores: Numbers, shares: ClauseShares, readings: Sequence[Reading], texts: Sequence[str]
) -> list[tuple[LabelSuggestion, ...]]:
    shown = Shown.of(head.probabilities(scores))
    accepted = accepted_labels(head, scores)[shown.text, shown.label]
    spans = _evidence(head, shares, shown, readings, texts)
    result: list[list[LabelSuggestion]] = [[] for _ in texts]
    for text, label, score, sure, found in zip(shown.text, shown.label, shown.score, accepted, spans, strict=True):
        code = head.labels[label]
        result[text].append(LabelSuggestion(code, problem_names()[code], round(float(score), 4), bool(sure), found))
    return [tuple(labels) for labels in result]


def _kinds(
    head: Head, probability: Numbers, shares: ClauseShares, readings: Sequence[Reading], texts: Sequence[str]
) -> list[LabelSuggestion]:
    shown = Shown.of(probability, most=1)
    spans = _evidence(head, shares, shown, readings, texts)
    return [
        LabelSuggestion(
            head.labels[label],
            KIND_NAMES[head.labels[label]],
            round(float(score), 4),
            bool(score >= head.threshold),
            found,
        )
        for label, score, found in zip(shown.label, shown.score, spans, strict=True)
    ]


def _urgent(
    head: Head, probability: Numbers, shares: ClauseShares, readings: Sequence[Reading], texts: Sequence[str]
) -> list[Urgency]:
    flagged = np.flatnonzero(probability[:, 0] >= head.threshold)
    shown = Shown(flagged, np.zeros(len(flagged), dtype=np.int64), probability[flagged, 0])
    spans = dict(zip(flagged.tolist(), _evidence(head, shares, shown, readings, texts), strict=True))
    return [Urgency(number in spans, spans.get(number, ())) for number in range(len(texts))]


def _evidence(
    head: Head, shares: ClauseShares, shown: Shown, readings: Sequence[Reading], texts: Sequence[str]
) -> list[tuple[Evidence, ...]]:
    sums = shares.sums(head.linear, shown.text, shown.label)
    return [evidence(readings[text], texts[text], clauses) for text, clauses in zip(shown.text, sums, strict=True)]


@cache
def problem_names() -> dict[str, str]:
    """Code → name of the problems and of Z0."""
    return {category.code: category.name for category in discipline_scheme().categories.values()}
