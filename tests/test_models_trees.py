from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from corpus.errors import ModelError
from models import trees
from models.trees import Trees, fit_trees


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    rows = random.normal(size=(400, 6)).astype(np.float32)
    return rows, rows[:, 0] * rows[:, 1] > 0


@pytest.fixture(scope="module")
def fitted(data: tuple[np.ndarray, np.ndarray]) -> Trees:
    return fit_trees(*data, np.ones(400, dtype=np.float32), [3])


def test_scores_are_those_of_scikit_learn(data: tuple[np.ndarray, np.ndarray], fitted: Trees) -> None:
    model = HistGradientBoostingClassifier(
        max_depth=trees.DEPTH,
        learning_rate=trees.LEARNING_RATE,
        max_iter=trees.ROUNDS,
        min_samples_leaf=trees.LEAST_ROWS,
        l2_regularization=trees.PENALTY,
        max_features=trees.SHARE,
        early_stopping=False,
        random_state=3,
    ).fit(*data)
    np.testing.assert_allclose(fitted.scores(data[0]), model.decision_function(data[0]), atol=1e-4)


def test_trees_come_back_from_their_arrays(data: tuple[np.ndarray, np.ndarray], fitted: Trees) -> None:
    again = Trees.from_arrays(fitted.to_arrays(), 6)
    np.testing.assert_array_equal(again.scores(data[0]), fitted.scores(data[0]))
    assert fitted.scores(data[0][:0]).shape == (0,)


@pytest.mark.parametrize("name", ["trees.feature", "trees.value", "trees.base"])
def test_a_missing_array_is_told(fitted: Trees, name: str) -> None:
    arrays = fitted.to_arrays()
    del arrays[name]
    with pytest.raises(ModelError, match="train the part again"):
        Trees.from_arrays(arrays, 6)


def test_nodes_out_of_bounds_are_told(fitted: Trees) -> None:
    with pytest.raises(ModelError, match="do not fit"):
        Trees.from_arrays(fitted.to_arrays(), 2)
    arrays = fitted.to_arrays() | {"trees.below": fitted.below + 10_000}
    with pytest.raises(ModelError, match="do not fit"):
        Trees.from_arrays(arrays, 6)
