"""Which supervised problems a petition alleges, what kind of petition it is, and whether it cannot wait.

The score of a problem adds four linear models: is it the primary one, is it alleged at all, is its point the primary
one (the 16 points have more examples each than the 72 problems), and for Z0, is this no accusation. Denials and
mentions are learned from clauses that only mention a problem and stand in training as texts that allege nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from corpus.schemes import discipline_scheme
from corpus.written import NO_PROBLEM
from models.calibration import Numbers, fit_ranked, threshold_for
from models.content import pruned, read_occurrences
from models.examples import ProblemExample
from models.features import FeatureSpace, reading_fingerprint
from models.folds import group_folds
from models.heads import Head, calibrated_best
from models.linear import Bool, Float, Linear, fit_linear, one_hot
from models.space import space_from_arrays, space_to_arrays
from models.store import Arrays
from nlp.tokenise import Tokeniser

PART = "discipline"
KINDS = ("accusation", "advice", "appeal", "no_substance", "out_of_scope")
HEADS = ("problems", "kind", "urgent")
MOST_FEATURES = 60_000
POINT_WEIGHT = 0.5
ACCUSATION_WEIGHT = 1.5
PRECISION = 0.8
"""Right answers among the accepted problems that the operating threshold is chosen for."""
KIND_PRECISION = 0.97
URGENT_PRECISION = 0.7
"""Lower than for problems: an urgent letter that is missed costs more than one that is looked at first in vain."""


@dataclass(frozen=True)
class DisciplineModel:
    """One feature space with three heads: problems (72 and Z0), kind, urgent."""

    space: FeatureSpace
    problems: Head
    kind: Head
    urgent: Head
    reading: str

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """What the store keeps: arrays, and the manifest's entry."""
        arrays = space_to_arrays(self.space)
        about: dict[str, Any] = {"reading": self.reading, "labels": list(self.problems.labels)}
        for name in HEADS:
            head_arrays, about[name] = getattr(self, name).to_arrays(name)
            arrays |= head_arrays
        return arrays, about

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> DisciplineModel:
        """The model that `to_arrays` described.

        Raises:
            ModelError: an array or entry is missing or has the wrong shape.
        """
        space = space_from_arrays(arrays)
        heads = {name: Head.from_arrays(name, arrays, about.get(name, {}), len(space.buckets)) for name in HEADS}
        return cls(space=space, reading=str(about.get("reading")), **heads)


@dataclass(frozen=True)
class Targets:
    """The examples as arrays: problems and kinds by column, weights, which are whole letters."""

    labels: tuple[str, ...]
    alleged: Bool
    unsure: Bool
    primary: np.ndarray[Any, np.dtype[np.int64]]
    point: np.ndarray[Any, np.dtype[np.int64]]
    point_of: np.ndarray[Any, np.dtype[np.int64]]
    kind: np.ndarray[Any, np.dtype[np.int64]]
    urgent: np.ndarray[Any, np.dtype[np.int64]]
    weight: Float
    whole: Bool

    @property
    def none(self) -> int:
        """The column of Z0."""
        return self.labels.index(NO_PROBLEM)


def targets_of(examples: Sequence[ProblemExample]) -> Targets:
    """Arrays of the examples; kind and urgent are -1 where they are not labelled."""
    labels = (*(category.code for category in discipline_scheme().level(3)), NO_PROBLEM)
    number = {label: index for index, label in enumerate(labels)}
    points = sorted({label[:2] for label in labels})
    point_of = np.array([points.index(label[:2]) for label in labels])
    primary = np.array([number[example.primary] for example in examples])
    return Targets(
        labels=labels,
        alleged=_many([example.problems for example in examples], number),
        unsure=_many([example.unsure for example in examples], number),
        primary=primary,
        point=point_of[primary],
        point_of=point_of,
        kind=np.array([-1 if example.kind is None else KINDS.index(example.kind) for example in examples]),
        urgent=np.array([-1 if example.urgent is None else int(example.urgent) for example in examples]),
        weight=np.array([example.weight for example in examples], dtype=np.float32),
        whole=np.array([example.whole for example in examples]),
    )


def _many(codes: Sequence[Sequence[str]], number: dict[str, int]) -> Bool:
    table = np.zeros((len(codes), len(number)), dtype=bool)
    for row, listed in enumerate(codes):
        for code in listed:
            table[row, number[code]] = True
    return table


def train_discipline(
    examples: Sequence[ProblemExample], tokeniser: Tokeniser, seed: int = 0
) -> tuple[DisciplineModel, HeldOut]:
    """Fits the three heads; calibration and thresholds come from letters predicted without sight of their group.

    Returns:
        The model, and those held-out scores, row by row of the examples.
    """
    found = read_occurrences([example.petition for example in examples], tokeniser)
    targets = targets_of(examples)
    space = FeatureSpace.fit(found, counted=np.array([not example.excerpt for example in examples]))
    rows = space.rows(found)
    held_out = held_out_scores(rows, targets, [example.group for example in examples], seed)
    everything = np.arange(len(examples))
    space = pruned(space, fit_problems(rows, targets, everything, seed), MOST_FEATURES)
    rows = space.rows(found)
    problems = Head(targets.labels, fit_problems(rows, targets, everything, seed))
    kind = Head(KINDS, fit_kind(rows, targets, everything, seed))
    urgent = Head(("urgent",), fit_urgent(rows, targets, everything, seed))
    model = DisciplineModel(
        space,
        calibrated_problems(problems, held_out.problems, targets),
        calibrated_kind(kind, held_out.kind, targets),
        calibrated_urgent(urgent, held_out.urgent, targets),
        reading_fingerprint(tokeniser),
    )
    return model, held_out


@dataclass(frozen=True)
class HeldOut:
    """Scores of every example under models that did not see its group; rows of parts stay zero."""

    problems: Numbers
    kind: Numbers
    urgent: Numbers


def held_out_scores(rows: sp.csr_matrix, targets: Targets, groups: Sequence[str], seed: int = 0) -> HeldOut:
    """Five folds by group; only whole letters are predicted, parts of other groups help to learn."""
    texts = rows.shape[0]
    result = HeldOut(np.zeros((texts, len(targets.labels))), np.zeros((texts, len(KINDS))), np.zeros((texts, 1)))
    for train, test in group_folds(groups, targets.primary, seed):
        test = test[targets.whole[test]]
        result.problems[test] = fit_problems(rows, targets, train, seed).scores(rows[test])
        result.kind[test] = fit_kind(rows, targets, train, seed).scores(rows[test])
        result.urgent[test] = fit_urgent(rows, targets, train, seed).scores(rows[test])
    return result


def fit_problems(rows: sp.csr_matrix, targets: Targets, train: np.ndarray[Any, Any], seed: int) -> Linear:
    """Scores of the 72 problems and Z0, one matrix: the four models are added."""
    part, weight = rows[train], targets.weight[train]
    primary = fit_linear(part, one_hot(targets.primary[train], len(targets.labels)), weight, seed)
    alleged = fit_linear(part, targets.alleged[train], weight, seed)
    points = fit_linear(part, one_hot(targets.point[train], int(targets.point_of.max()) + 1), weight, seed)
    total = primary + alleged + points.columns(targets.point_of) * POINT_WEIGHT
    accusation = fit_kind(rows, targets, train, seed).columns(np.array([KINDS.index("accusation")]))
    total.weights[:, targets.none] -= ACCUSATION_WEIGHT * accusation.weights[:, 0]
    total.bias[targets.none] -= ACCUSATION_WEIGHT * accusation.bias[0]
    return total


def fit_kind(rows: sp.csr_matrix, targets: Targets, train: np.ndarray[Any, Any], seed: int) -> Linear:
    """Scores of the five kinds, from the examples that have one."""
    labelled = train[targets.kind[train] >= 0]
    return fit_linear(rows[labelled], one_hot(targets.kind[labelled], len(KINDS)), seed=seed)


def fit_urgent(rows: sp.csr_matrix, targets: Targets, train: np.ndarray[Any, Any], seed: int) -> Linear:
    """Score of urgency, from the examples that say."""
    labelled = train[targets.urgent[train] >= 0]
    return fit_linear(rows[labelled], targets.urgent[labelled, None] == 1, seed=seed)


def calibrated_problems(head: Head, held_out: Numbers, targets: Targets) -> Head:
    """Calibration over the labels that are surely right or wrong; the threshold counts all of them."""
    whole = targets.whole
    sure = ~targets.unsure[whole]
    head = replace(head, ranked=fit_ranked(held_out[whole], targets.alleged[whole], sure))
    probability = head.probabilities(held_out[whole])
    # Z0 is right or wrong as a whole letter is; the threshold is for problems.
    sure[:, targets.none] = False
    sure[held_out[whole].argmax(axis=1) == targets.none] = False
    threshold = threshold_for(probability[sure], targets.alleged[whole][sure], PRECISION)
    return replace(head, threshold=threshold)


def accepted_labels(head: Head, scores: Numbers) -> Bool:
    """(texts, labels) which are accepted: where Z0 is best no problem is, and elsewhere Z0 is not."""
    accepted = head.probabilities(scores) >= head.threshold
    none = head.labels.index(NO_PROBLEM)
    is_none = scores.argmax(axis=1) == none
    accepted[is_none] &= np.arange(len(head.labels)) == none
    accepted[~is_none, none] = False
    return np.asarray(accepted)


def calibrated_kind(head: Head, held_out: Numbers, targets: Targets) -> Head:
    """Calibration over the letters whose kind is labelled."""
    known = targets.whole & (targets.kind >= 0)
    return calibrated_best(head, held_out[known], one_hot(targets.kind[known], len(KINDS)), KIND_PRECISION)


def calibrated_urgent(head: Head, held_out: Numbers, targets: Targets) -> Head:
    """Calibration over the letters of which it is labelled."""
    known = targets.whole & (targets.urgent >= 0)
    return calibrated_best(head, held_out[known], targets.urgent[known, None] == 1, URGENT_PRECISION)
