"""Heads: a linear model with its labels, calibration and threshold, and how it is kept in a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from corpus.errors import ModelError
from models.calibration import Numbers, RankedCalibration, fit_ranked, threshold_for
from models.linear import Bool, Float, Linear
from models.store import Arrays

UNCALIBRATED = RankedCalibration((1.0, 0.0, 0.0), (1.0, 0.0, 0.0))


@dataclass(frozen=True)
class Head:
    """Scores of `labels` and their calibration; `threshold` is what a probability must reach to be accepted."""

    labels: tuple[str, ...]
    linear: Linear
    threshold: float = 0.5
    ranked: RankedCalibration = UNCALIBRATED

    def scores(self, rows: sp.csr_matrix) -> Float:
        """(texts, labels) scores."""
        return self.linear.scores(rows)

    def probabilities(self, scores: Numbers) -> Numbers:
        """(texts, labels) probability that a label is right, each by itself."""
        return self.ranked.probabilities(scores)

    def to_arrays(self, name: str) -> tuple[Arrays, dict[str, Any]]:
        """Weights in a byte each, and what the manifest says of the head."""
        weights, largest = self.linear.packed()
        arrays: Arrays = {
            f"{name}.weights": weights,
            f"{name}.largest": largest,
            f"{name}.bias": self.linear.bias.astype(np.float32),
        }
        ranked = {"best": list(self.ranked.best), "rest": list(self.ranked.rest)}
        return arrays, {"labels": list(self.labels), "threshold": self.threshold, "ranked": ranked}

    @classmethod
    def from_arrays(cls, name: str, arrays: Arrays, about: dict[str, Any], features: int) -> Head:
        """The head that `to_arrays` described, for a feature space of `features`.

        Raises:
            ModelError: an array or entry is missing, or shapes do not fit.
        """
        try:
            packed, largest, bias = (arrays[f"{name}.{item}"] for item in ("weights", "largest", "bias"))
            linear = Linear.unpacked(packed, largest, bias)
            ranked = RankedCalibration(tuple(about["ranked"]["best"]), tuple(about["ranked"]["rest"]))
            head = cls(tuple(about["labels"]), linear, float(about["threshold"]), ranked)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"head {name}: {error!r} in the manifest or arrays; train it again") from error
        if len(ranked.best) != 3 or len(ranked.rest) != 3:
            raise ModelError(f"head {name}: the calibration is incomplete; train it again")
        if linear.weights.shape != (features, len(head.labels)):
            raise ModelError(f"head {name}: weights do not fit features and labels; train it again")
        return head


def calibrated_best(head: Head, held_out: Numbers, targets: Bool, precision: float) -> Head:
    """The head calibrated on held-out scores, its threshold such that best labels at or above it reach the precision.

    Args:
        head: with the final weights.
        held_out: (texts, labels) scores under models that did not see a text's group.
        targets: (texts, labels) which labels are right.
        precision: share of right answers among the accepted ones.
    """
    head = replace(head, ranked=fit_ranked(held_out, targets, np.ones(targets.shape, dtype=bool)))
    rows = np.arange(len(held_out))
    best = held_out.argmax(axis=1)
    probability = head.probabilities(held_out)[rows, best]
    return replace(head, threshold=threshold_for(probability, targets[rows, best], precision))
