"""Boosted trees as plain arrays: fitted by scikit-learn, stored as numbers, evaluated by numpy for many rows at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from models.store import Arrays

Float = NDArray[np.float32]

DEPTH = 4
LEARNING_RATE = 0.06
ROUNDS = 100
LEAST_ROWS = 8
PENALTY = 3.0
SHARE = 0.2
LEAF = -1


@dataclass(frozen=True)
class Trees:
    """`feature` (trees, nodes) which feature a node asks (-1: a leaf), `limit` up to which value a row goes to node
    `below` and above which to node `above`, `value` of a leaf. Scores are sums of leaves over the trees plus `base`."""

    feature: NDArray[np.int16]
    limit: Float
    below: NDArray[np.int16]
    above: NDArray[np.int16]
    value: Float
    base: float

    def scores(self, rows: Float) -> NDArray[np.float64]:
        """(rows,) log-odds."""
        total = np.full(len(rows), self.base)
        numbers = np.arange(len(rows))
        for tree in range(len(self.feature)):
            total += self.value[tree][self._leaves(tree, rows, numbers)]
        return total

    def _leaves(self, tree: int, rows: Float, numbers: NDArray[np.int64]) -> NDArray[np.int16]:
        node = np.zeros(len(rows), dtype=np.int16)
        feature, limit = self.feature[tree], self.limit[tree]
        for _ in range(DEPTH):
            asked = feature[node]
            down = rows[numbers, asked] <= limit[node]
            step = np.where(down, self.below[tree][node], self.above[tree][node])
            node = np.where(asked == LEAF, node, step).astype(np.int16)
        return node

    def to_arrays(self) -> Arrays:
        """Arrays of the store."""
        names = ("feature", "limit", "below", "above", "value")
        return {f"trees.{name}": getattr(self, name) for name in names} | {"trees.base": np.array([self.base])}

    @classmethod
    def from_arrays(cls, arrays: Arrays, features: int) -> Trees:
        """The trees that `to_arrays` described.

        Raises:
            ModelError: an array is missing, or points outside of what there is.
        """
        try:
            names = ("feature", "limit", "below", "above", "value")
            feature, limit, below, above, value = (arrays[f"trees.{name}"] for name in names)
            base = float(arrays["trees.base"][0])
        except (KeyError, IndexError) as error:
            raise ModelError(f"trees: {error} is missing; train the part again") from error
        shapes = {array.shape for array in (feature, limit, below, above, value)}
        inside = feature.size and feature.max() < features and feature.min() >= LEAF
        nodes = feature.shape[-1]
        inside = inside and all(((0 <= side) & (side < nodes)).all() for side in (below, above))
        if len(shapes) != 1 or feature.ndim != 2 or not inside:
            raise ModelError("trees: arrays do not fit one another; train the part again")
        return cls(feature, limit, below, above, value, base)


def fit_trees(rows: Float, target: NDArray[np.bool_], weight: Float, seeds: int) -> Trees:
    """Gradient boosting (Friedman, 2001) over several seeds, averaged.

    Args:
        rows: (rows, features).
        target: (rows,) what to tell.
        weight: (rows,) how much a row counts.
        seeds: how many models with different features tried at each split are averaged.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    parts, bases = [], []
    for seed in range(seeds):
        model = HistGradientBoostingClassifier(
            max_depth=DEPTH,
            learning_rate=LEARNING_RATE,
            max_iter=ROUNDS,
            min_samples_leaf=LEAST_ROWS,
            l2_regularization=PENALTY,
            max_features=SHARE,
            early_stopping=False,
            random_state=seed,
        ).fit(rows, target, sample_weight=weight)
        # scikit-learn has no public way to a fitted tree's nodes; a test compares our scores with its own.
        parts += [tree.nodes for (tree,) in model._predictors]
        bases.append(float(model._baseline_prediction.ravel()[0]))
    return _packed(parts, float(np.mean(bases)), seeds)


def _packed(trees: list[Any], base: float, seeds: int) -> Trees:
    nodes = max(len(tree) for tree in trees)
    shape = (len(trees), nodes)
    feature = np.full(shape, LEAF, dtype=np.int16)
    limit, value = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    below, above = np.zeros(shape, dtype=np.int16), np.zeros(shape, dtype=np.int16)
    for number, tree in enumerate(trees):
        size, inner = len(tree), ~tree["is_leaf"].astype(bool)
        feature[number, :size][inner] = tree["feature_idx"][inner]
        limit[number, :size][inner] = tree["num_threshold"][inner]
        below[number, :size][inner] = tree["left"][inner]
        above[number, :size][inner] = tree["right"][inner]
        value[number, :size] = tree["value"] / seeds
    return Trees(feature, limit, below, above, value, base)
