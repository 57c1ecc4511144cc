"""From the models' scores to labels with probability, acceptance and evidence, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from corpus.schemes import discipline_scheme
from models.calibration import Numbers
from models.content import ContentModel
from models.discipline import DisciplineModel, accepted_labels
from models.evidence import Clauses, ClauseShares
from models.features import Int
from models.heads import Head
from models.linear import Bool
from models.suggestions import LabelSuggestion, Urgency

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
    """The labels shown for a batch, text by text: numbers of text and label, probability, whether it is the best."""

    text: Int
    label: Int
    score: Numbers
    first: Bool

    @classmethod
    def of(cls, probability: Numbers, least: float = LEAST_SCORE, most: int = MOST_LABELS) -> Shown:
        """The best labels of every text, best first; always one."""
        order = np.argsort(-probability, axis=1, kind="stable")[:, :most]
        scores = np.take_along_axis(probability, order, axis=1)
        shown = scores >= least
        shown[:, 0] = True
        text, place = np.nonzero(shown)
        return cls(text, order[shown], scores[shown], place == 0)

    def lists(self) -> tuple[list[int], list[int], list[float]]:
        """Text numbers, label numbers and probabilities as plain numbers."""
        return self.text.tolist(), self.label.tolist(), self.score.tolist()


def suggest_content(model: ContentModel, clauses: Clauses) -> list[tuple[LabelSuggestion, ...]]:
    """Content labels of every text, as deep as the model is sure."""
    counts = model.space.counts(clauses.found)
    rows = model.space.weighted(counts.table)
    head = model.head
    shown = Shown.of(head.probabilities(head.scores(rows)))
    spans = ClauseShares(clauses, counts, rows).evidence(head.linear, shown.text, shown.label)
    codes = [head.labels[label] for label in shown.label.tolist()]
    # Accepted is the first level: it has the threshold, and what is below it is cut where the model is unsure.
    accepted = shown.first & (shown.score >= head.threshold)
    deepest = list(zip(codes, shown.score.tolist(), strict=True))
    if model.paths is not None:
        deepest = model.paths.descend(deepest, model.paths.below(codes, rows[shown.text]))
    result: list[list[LabelSuggestion]] = [[] for _ in range(clauses.found.texts)]
    for text, (code, score), sure, found in zip(shown.text.tolist(), deepest, accepted.tolist(), spans, strict=True):
        result[text].append(LabelSuggestion(code, code.rsplit("/", 1)[-1], round(score, 4), sure, found))
    return [tuple(sorted(labels, key=lambda label: (-label.accepted, -label.score))) for labels in result]


def suggest_discipline(model: DisciplineModel, clauses: Clauses) -> tuple[list[Problems], DisciplineScores]:
    """Problems, kind and urgency of every text, and the scores that they rest on."""
    counts = model.space.counts(clauses.found)
    rows = model.space.weighted(counts.table)
    shares = ClauseShares(clauses, counts, rows)
    scores, kind_scores = model.problems.scores(rows), model.kind.scores(rows)
    primary = [model.problems.labels[label] for label in scores.argmax(axis=1).tolist()]
    problems = _problems(model.problems, scores, shares)
    kinds = _kinds(model.kind, model.kind.probabilities(kind_scores), shares)
    urgent = _urgent(model.urgent, model.urgent.probabilities(model.urgent.scores(rows)), shares)
    found = [Problems(*one) for one in zip(problems, primary, kinds, urgent, strict=True)]
    return found, DisciplineScores(scores, kind_scores)


def _problems(head: Head, scores: Numbers, shares: ClauseShares) -> list[tuple[LabelSuggestion, ...]]:
    shown = Shown.of(head.probabilities(scores))
    accepted = accepted_labels(head, scores)[shown.text, shown.label]
    spans = shares.evidence(head.linear, shown.text, shown.label)
    names = problem_names()
    result: list[list[LabelSuggestion]] = [[] for _ in scores]
    for text, label, score, sure, found in zip(*shown.lists(), accepted.tolist(), spans, strict=True):
        code = head.labels[label]
        result[text].append(LabelSuggestion(code, names[code], round(score, 4), sure, found))
    return [tuple(labels) for labels in result]


def _kinds(head: Head, probability: Numbers, shares: ClauseShares) -> list[LabelSuggestion]:
    shown = Shown.of(probability, most=1)
    spans = shares.evidence(head.linear, shown.text, shown.label)
    kinds = []
    for _, label, score, found in zip(*shown.lists(), spans, strict=True):
        kind = head.labels[label]
        kinds.append(LabelSuggestion(kind, KIND_NAMES[kind], round(score, 4), score >= head.threshold, found))
    return kinds


def _urgent(head: Head, probability: Numbers, shares: ClauseShares) -> list[Urgency]:
    flagged = np.flatnonzero(probability[:, 0] >= head.threshold)
    spans = shares.evidence(head.linear, flagged, np.zeros(len(flagged), dtype=np.int64))
    urgent = [Urgency()] * len(probability)
    for text, found in zip(flagged.tolist(), spans, strict=True):
        urgent[text] = Urgency(True, found)
    return urgent


@cache
def problem_names() -> dict[str, str]:
    """Code → name of the problems and of Z0."""
    return {category.code: category.name for category in discipline_scheme().categories.values()}
