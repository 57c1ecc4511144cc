"""Near vectors: exact ones, and buckets that say the same on every machine."""

from __future__ import annotations

import numpy as np
import pytest

from models.neighbours import TABLES, buckets, nearest


def vectors(count: int, seed: int = 0) -> np.ndarray:
    """Unit vectors in no order."""
    drawn = np.random.default_rng(seed).normal(size=(count, 64))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float16)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_nearest_of_few(count: int) -> None:
    pairs = nearest(vectors(count), 3)
    assert len(pairs) == count * min(3, max(count - 1, 0))
    assert (pairs[:, 0] != pairs[:, 1]).all()


def test_a_bucket_depends_on_its_vector_alone() -> None:
    drawn = vectors(3_000)
    whole = buckets(drawn, 100_000)
    parts = [buckets(part, 100_000) for part in (drawn[:1], drawn[1:1_500], drawn[1_500:])]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))


def test_near_vectors_share_a_bucket_and_far_ones_do_not() -> None:
    drawn = vectors(500)
    moved = (drawn + 0.02 * vectors(500, seed=1)).astype(np.float16)
    here, there, elsewhere = (buckets(part, 20_000) for part in (drawn, moved, vectors(500, seed=2)))
    assert (here == there).any(axis=0).mean() > 0.99
    assert (here == elsewhere).any(axis=0).mean() < 0.05


def test_a_larger_collection_has_smaller_buckets() -> None:
    drawn = vectors(4_000)
    few, many = (len(np.unique(buckets(drawn, size)[0])) for size in (4_000, 1_000_000))
    assert many > 2 * few
    assert buckets(drawn, 1).shape == (TABLES, 4_000)
