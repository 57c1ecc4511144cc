from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.average_link import LINKS, SURE, average_link
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


def plain_average_link(size: int, known: dict[tuple[int, int], float], threshold: float) -> list[list[int]]:
    """The same from its definition: every link is computed anew before every join."""
    groups = {number: [number] for number in range(size)}
    while True:
        best: tuple[float, int, int] | None = None
        for a, b in combinations(sorted(groups), 2):
            between = [known[pair] for pair in known if {*pair} & {*groups[a]} and {*pair} & {*groups[b]}]
            smaller = min(len(groups[a]), len(groups[b]))
            score = sum(between) / len(between) if between else 0.0
            needed = min(len(groups[a]) * len(groups[b]) / 2, LINKS if score >= SURE else LINKS * smaller)
            if between and len(between) >= needed and score >= threshold and (best is None or score > best[0]):
                best = (score, a, b)
        if best is None:
            return sorted(sorted(group) for group in groups.values() if len(group) > 1)
        groups[best[1]] += groups.pop(best[2])


# Eighths add up without rounding, so equal averages are equal however they came about.
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
        st.integers(0, 8).map(lambda eighths: eighths / 8),
        max_size=36,
    )
)
def test_average_link_is_what_its_definition_says(known: dict[tuple[int, int], float]) -> None:
    pairs = np.array(list(known), dtype=np.int64).reshape(-1, 2)
    found = average_link(9, pairs, np.array(list(known.values())), 0.5)
    assert sorted(sorted(group) for group in found) == plain_average_link(9, known, 0.5)


def test_a_letter_that_thousands_sent_is_one_matter() -> None:
    # Each is compared with the four that follow it alone.
    count = 30_000
    pairs = np.array([(row, row + step) for row in range(count) for step in range(1, 5) if row + step < count])
    scores = np.random.default_rng(1).uniform(SURE + 0.01, 1, len(pairs)).astype(np.float32)
    assert set(matters(count, pairs, scores, 0.5).tolist()) == {0}
