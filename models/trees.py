"""Boosted trees as plain arrays: fitted by scikit-learn, evaluated by numpy for many rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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
CHUNK = 512


@dataclass(frozen=True)
class Trees:
    """Trees side by side, all arrays (trees, nodes).

    `feature` is what a node asks (-1: it is a leaf), `limit` up to which value a row goes to node `below`, else to
    node `above`, `value` what a leaf adds. A score is the sum over the trees and `base`.
    """

    feature: NDArray[np.int16]
    limit: Float
    below: NDArray[np.int16]
    above: NDArray[np.int16]
    value: Float
    base: float

    def scores(self, rows: Float) -> NDArray[np.float64]:
        """(rows,) log-odds."""
        parts = [self._scores(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _scores(self, rows: Float) -> NDArray[np.float64]:
        # Every tree's answers to all of its questions at once, then the way through them: no row is looked at alone.
        columns = np.ascontiguousarray(rows.T)
        feature, limit, value = self._full
        above = [columns[feature[:, node]] > limit[:, node, None] for node in range(feature.shape[1])]
        reached = np.take_along_axis(value, _leaves(above), axis=1)
        return np.asarray(self.base + reached.sum(axis=0, dtype=np.float64))

    @cached_property
    def _full(self) -> tuple[NDArray[np.int16], Float, Float]:
        """Of every tree the nodes in order of level, as if no leaf came early: feature, limit; and the last leaves.

        A node's followers stand at twice its place and one or two; an early leaf is asked what all rows are below.
        """
        trees = np.arange(len(self.feature))[:, None]
        node = np.zeros((len(self.feature), 1), dtype=np.int64)
        features, limits = [], []
        for _ in range(DEPTH):
            leaf = self.feature[trees, node] == LEAF
            features.append(np.where(leaf, 0, self.feature[trees, node]))
            limits.append(np.where(leaf, np.float32(np.inf), self.limit[trees, node]))
            sides = [np.where(leaf, node, side[trees, node]) for side in (self.below, self.above)]
            node = np.stack(sides, axis=2).reshape(len(trees), -1)
        return np.concatenate(features, axis=1), np.concatenate(limits, axis=1), self.value[trees, node]

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
        inside = inside and all(((side >= 0) & (side < nodes)).all() for side in (below, above))
        if len(shapes) != 1 or feature.ndim != 2 or not inside:
            raise ModelError("trees: arrays do not fit one another; train the part again")
        return cls(feature, limit, below, above, value, base)


def _leaves(above: Sequence[NDArray[np.bool_]]) -> NDArray[np.int64]:
    """(trees, rows) number of the leaf that is reached, from the answers at all nodes of full trees."""
    leaf = np.zeros(above[0].shape, dtype=np.int64)
    way: list[NDArray[np.bool_]] = []
    for level in range(DEPTH):
        answers = list(above[2**level - 1 : 2 ** (level + 1) - 1])
        for turn in way:
            half, other = len(answers) // 2, ~turn
            answers = [(answers[n] & other) | (answers[half + n] & turn) for n in range(half)]
        way.append(answers[0])
        leaf = 2 * leaf + answers[0]
    return leaf


def fit_trees(rows: Float, target: NDArray[np.bool_], weight: Float, seeds: Sequence[int]) -> Trees:
    """Gradient boosting (Friedman, 2001) over several seeds, averaged.

    Args:
        rows: (rows, features).
        target: (rows,) what to tell.
        weight: (rows,) how much a row counts.
        seeds: one model each, with other features tried at each split; they are averaged.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    parts, bases = [], []
    for seed in seeds:
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
    return _packed(parts, float(np.mean(bases)), len(seeds))


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
