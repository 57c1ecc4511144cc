"""Linear scores, one column a label: linear SVC on features scaled by their naive-Bayes log-count ratio.

After Wang and Manning (2012), "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification". The scaling is
folded into the weights, so that serving is one product of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

Packed = NDArray[np.int8]

RATIO_CAP = 3.0
STRENGTH = 1.0
STEPS = 127
NEVER = -2.0
"""Bias of a label without any example: it loses against every label that has some."""


@dataclass(frozen=True)
class Linear:
    """`weights` (features, labels) and `bias` (labels,)."""

    weights: Float
    bias: Float

    def scores(self, rows: sp.csr_matrix) -> Float:
        """(texts, labels) scores."""
        return np.asarray(rows @ self.weights) + self.bias

    def __add__(self, other: Linear) -> Linear:
        return Linear(self.weights + other.weights, self.bias + other.bias)

    def __mul__(self, factor: float) -> Linear:
        return Linear(self.weights * np.float32(factor), self.bias * np.float32(factor))

    def columns(self, index: NDArray[np.int64]) -> Linear:
        """The labels at `index`, in that order; a label may be taken several times."""
        return Linear(self.weights[:, index], self.bias[index])

    def packed(self) -> tuple[Packed, Float]:
        """(features, labels) weights in one byte each and (labels,) the largest of each label.

        A byte holds the sign and the square root of the share of the label's largest weight, in 127 steps, so that
        small weights, which are many, keep their proportions.
        """
        largest = np.maximum(np.abs(self.weights).max(axis=0, initial=0.0), np.finfo(np.float32).tiny)
        steps = np.round(np.sign(self.weights) * np.sqrt(np.abs(self.weights) / largest) * STEPS)
        return steps.astype(np.int8), largest.astype(np.float32)

    @classmethod
    def unpacked(cls, packed: Packed, largest: Float, bias: Float) -> Linear:
        """The model that `packed` gave the bytes of."""
        share = packed.astype(np.float32) / STEPS
        return cls(np.sign(share) * np.square(share) * largest, bias)


def fit_linear(rows: sp.csr_matrix, targets: Bool, sample_weight: Float | None = None, seed: int = 0) -> Linear:
    """Fits every label against the rest.

    Args:
        rows: (texts, features) features.
        targets: (texts, labels) whether a text has a label.
        sample_weight: (texts,) how much a text counts; None counts all alike.
        seed: of the solver's order.
    """
    from sklearn.svm import LinearSVC

    weights = np.zeros((rows.shape[1], targets.shape[1]), dtype=np.float32)
    bias = np.full(targets.shape[1], NEVER, dtype=np.float32)
    present = (rows > 0).astype(np.float32)
    for label in np.flatnonzero(targets.any(axis=0)):
        mine = targets[:, label]
        scaling = _log_count_scaling(present, mine)
        model = LinearSVC(C=STRENGTH, random_state=seed)
        model.fit(rows @ sp.diags(scaling), mine, sample_weight=sample_weight)
        weights[:, label] = model.coef_[0] * scaling
        bias[label] = model.intercept_[0]
    return Linear(weights, bias)


def _log_count_scaling(present: sp.csr_matrix, mine: Bool) -> Float:
    """Between 0.5 for a feature as frequent inside as outside the label and 2 for one that tells much."""
    inside = (np.asarray(present[mine].sum(axis=0)).ravel() + 1) / (mine.sum() + 2)
    outside = (np.asarray(present[~mine].sum(axis=0)).ravel() + 1) / ((~mine).sum() + 2)
    ratio = np.minimum(np.abs(np.log(inside / outside)), RATIO_CAP)
    scaling: Float = ((1 + ratio) / 2).astype(np.float32)
    return scaling


def one_hot(target: NDArray[np.int64], labels: int) -> Bool:
    """(texts, labels) from label numbers."""
    return np.asarray(np.eye(labels, dtype=bool)[target])
