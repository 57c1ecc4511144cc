from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.matters import Links, grouped, matters

PAIRS = np.array([[0, 1], [1, 2], [0, 2], [3, 4], [2, 3], [2, 4]])
SCORES = np.array([0.9, 0.9, 0.9, 0.9, 0.8, 0.0], dtype=np.float32)


def test_one_bad_pair_does_not_chain_two_matters() -> None:
    assert matters(5, PAIRS, SCORES, 0.5).tolist() == [0, 0, 0, 1, 1]


def test_a_group_reached_by_few_of_its_members_stays_apart() -> None:
    clique = [(a, b) for a in range(4) for b in range(a)] + [(a, b) for a in range(4, 8) for b in range(4, a)]
    pairs = np.array([*clique, (0, 4)])
    labels = matters(8, pairs, np.ones(len(pairs), dtype=np.float32), 0.5)
    assert len(set(labels.tolist())) == 2


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.95])
def test_decisions_of_clerks_hold_at_every_threshold(threshold: float) -> None:
    labels = matters(6, PAIRS, SCORES, threshold, Links.of([(0, 5)], [(3, 4), (0, 1)]))
    assert labels[0] == labels[5]
    assert labels[3] != labels[4]
    assert labels[0] != labels[1]


def test_a_split_comes_before_a_merge_of_the_same_pair() -> None:
    labels = matters(2, PAIRS[:0], SCORES[:0], 0.5, Links.of([(0, 1)], [(0, 1)]))
    assert labels.tolist() == [0, 1]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1)), max_size=40))
def test_groups_are_a_partition_and_shrink_with_the_threshold(edges: list[tuple[int, int, float]]) -> None:
    known = {(min(a, b), max(a, b)): score for a, b, score in edges if a != b}
    pairs = np.array(list(known), dtype=np.int64).reshape(-1, 2)
    scores = np.array(list(known.values()), dtype=np.float32)
    for threshold in (0.2, 0.6):
        labels = matters(10, pairs, scores, threshold)
        assert len(labels) == 10
        for group in grouped(labels):
            inside = [score for (a, b), score in known.items() if {a, b} <= set(group.tolist())]
            assert max(inside) >= threshold - 1e-6


def test_nothing_to_group() -> None:
    assert matters(0, PAIRS[:0], SCORES[:0], 0.5).tolist() == []
