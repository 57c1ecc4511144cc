"""From scores to probabilities that mean what they say, and thresholds for a stated precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating]

BINS = 10
LEAST_ANSWERS = 20
NEVER = 2.0
"""A threshold that no probability reaches."""
NOT_BEST = 0.99
"""The most that another label's probability may be of the best one's."""


def softmax(scores: Numbers) -> Numbers:
    """Row-wise softmax."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return result


def sigmoid(scores: Numbers) -> Numbers:
    """Element-wise logistic function."""
    result: Numbers = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
    return result


def softmax_scale(scores: Numbers, target: NDArray[np.int64]) -> float:
    """The factor on scores under which softmax gives the right labels the highest likelihood.

    Temperature scaling after Guo et al. (2017), "On Calibration of Modern Neural Networks".
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(target))

    def loss(log_scale: float) -> float:
        return float(-np.log(softmax(np.exp(log_scale) * scores)[rows, target] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))


@dataclass(frozen=True)
class RankedCalibration:
    """Probability of every label by itself: logistic functions of its score and of its lead.

    The best label of a text and the others are calibrated apart, since the largest of many scores is too large by
    being chosen. `best` and `rest` hold the factor on the score, the factor on the lead and the offset; the lead of
    the best label is its distance to the second, that of another its (negative) distance to the best. After Platt
    (1999).
    """

    best: tuple[float, float, float]
    rest: tuple[float, float, float]

    def probabilities(self, scores: Numbers) -> Numbers:
        """(texts, labels) probabilities."""
        first, lead = _leads(scores)
        rows = np.arange(len(scores))
        best = _logistic(self.best, scores[rows, first], lead[rows, first])
        result = np.minimum(_logistic(self.rest, scores, lead), NOT_BEST * best[:, None])
        result[rows, first] = best
        return np.asarray(result)


def fit_ranked(scores: Numbers, target: NDArray[np.bool_], sure: NDArray[np.bool_]) -> RankedCalibration:
    """The calibration under which the labels marked `sure` are likeliest, from scores (texts, labels)."""
    first, lead = _leads(scores)
    is_best = np.zeros(scores.shape, dtype=bool)
    is_best[np.arange(len(scores)), first] = True
    best, rest = (_fit_logistic(scores[part], lead[part], target[part]) for part in (sure & is_best, sure & ~is_best))
    return RankedCalibration(best, rest if scores.shape[1] > 1 else best)


def _leads(scores: Numbers) -> tuple[NDArray[np.int64], Numbers]:
    """The number of each text's best label, and the lead of every label."""
    first = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    lead = scores - scores[rows, first][:, None]
    if scores.shape[1] > 1:
        lead[rows, first] = -np.partition(lead, -2, axis=1)[:, -2]
    return first, lead


def _logistic(factors: tuple[float, float, float], scores: Numbers, lead: Numbers) -> Numbers:
    value: Numbers = factors[0] * scores + factors[1] * lead + factors[2]
    return sigmoid(value)


def _fit_logistic(scores: Numbers, lead: Numbers, target: NDArray[np.bool_]) -> tuple[float, float, float]:
    from sklearn.linear_model import LogisticRegression

    if target.all() or not target.any():
        odds = (target.sum() + 1) / ((~target).sum() + 1)
        return 0.0, 0.0, float(np.log(odds))
    model = LogisticRegression(C=1e6).fit(np.stack((scores, lead), axis=1), target)
    return float(model.coef_[0, 0]), float(model.coef_[0, 1]), float(model.intercept_[0])


def threshold_for(probability: Numbers, right: NDArray[np.bool_], precision: float) -> float:
    """The lowest probability such that the answers at or above it, 20 at least, reach the precision.

    NEVER where there is none.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    counts = np.arange(1, len(order) + 1)
    last_of_tie = np.append(ranked[1:] < ranked[:-1], True)
    enough = np.flatnonzero((np.cumsum(right[order]) / counts >= precision) & last_of_tie & (counts >= LEAST_ANSWERS))
    return float(ranked[enough[-1]]) if len(enough) else NEVER


def calibration_error(probability: Numbers, right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al., 2015)."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = [
        abs(probability[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean()
        for one in set(bins.tolist())
    ]
    return float(sum(gaps))
