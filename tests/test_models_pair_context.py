"""What a pair looks like among the other pairs of its letters."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pair_context import CONTEXT, LAST_PLACE, context

SCORES = st.lists(st.floats(0.0625, 1, width=32), min_size=1, max_size=15)


def plainly(rows: int, pairs: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The same, pair by pair, from the definition."""
    table = np.zeros((rows, rows))
    table[pairs[:, 0], pairs[:, 1]] = table[pairs[:, 1], pairs[:, 0]] = scores
    lines = []
    for (a, b), score in zip(pairs.tolist(), scores.tolist(), strict=True):
        others = [np.delete(table[one], other) for one, other in ((a, b), (b, a))]
        places = sorted(min(LAST_PLACE, int((one > score).sum())) for one in others)
        best = sorted(float(one.max()) for one in others)
        least = np.minimum(table[a], table[b])
        both = (table[a] * table[b]).sum()
        lines.append([*places, score, *best, least.max(), both, np.abs(table[a] - table[b]).sum()])
    return np.array(lines)


@given(SCORES)
def test_context_is_what_its_words_say(drawn: list[float]) -> None:
    rows = 7
    pairs = np.array(list(combinations(range(rows), 2)))[: len(drawn)]
    scores = np.unique(np.array(drawn, dtype=np.float32))  # of equal scores the place is either's
    pairs = pairs[: len(scores)]
    np.testing.assert_allclose(context(rows, pairs, scores), plainly(rows, pairs, scores), atol=1e-5)


@pytest.mark.parametrize("rows", [0, 3])
def test_no_pairs(rows: int) -> None:
    assert context(rows, np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.float32)).shape == (0, len(CONTEXT))


def test_a_look_alike_of_one_letter_is_told_from_a_member() -> None:
    # 0, 1 and 2 are near to one another; 3 is near to 0 alone.
    pairs = np.array([[0, 1], [0, 2], [0, 3], [1, 2]])
    found = context(4, pairs, np.array([0.8, 0.8, 0.8, 0.7], dtype=np.float32))
    common = CONTEXT.index("common neighbour")
    assert found[0, common] > 0.6 > found[2, common] == 0
