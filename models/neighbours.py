"""Near vectors: exact by numpy while that is fast; above, buckets for a whole collection, a graph for one query."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float16]

EXACT = 20_000
"""Up to so many vectors the exact search takes less time than building the graph."""
NEIGHBOURS = 12
BLOCK = 1_024
CONNECTIVITY, EXPANSION_ADD, EXPANSION_SEARCH = 16, 64, 64
TABLES = 16
LEAST_BITS = 8
MEMBERS = 4
"""A bucket holds about so many vectors, were they spread evenly."""
LEVELS = 127
SEED = 20


def nearest(vectors: Vectors, count: int) -> NDArray[np.int64]:
    """(pairs, 2) row numbers: every vector with the `count` nearest to it by cosine. Time grows with the square."""
    count = min(count, len(vectors) - 1)
    if count < 1:
        return np.zeros((0, 2), dtype=np.int64)
    found = _exact(vectors, count)
    return np.stack([np.repeat(np.arange(len(vectors)), found.shape[1]), found.ravel()], axis=1)


def buckets(vectors: Vectors, collection: int) -> NDArray[np.uint64]:
    """(TABLES, vectors) the bucket of every vector in every table, of a collection of so many.

    Two vectors share a bucket where they lie on the same side of random planes (Charikar, 2002), of more planes in a
    larger collection. A bucket depends on its vector alone, not on the machine that computes it: sums of whole numbers
    this small are exact in float32, in whatever order they are added.
    """
    bits = max(LEAST_BITS, round(np.log2(max(collection, 1) / MEMBERS)))
    planes = np.random.default_rng(SEED).choice(
        np.array([-1, 1], dtype=np.float32), size=(vectors.shape[1], TABLES * bits)
    )
    powers = np.left_shift(np.uint64(1), np.arange(bits, dtype=np.uint64))
    found = np.empty((TABLES, len(vectors)), dtype=np.uint64)
    for start in range(0, len(vectors), BLOCK):
        whole = np.rint(vectors[start : start + BLOCK].astype(np.float32) * LEVELS)
        sides = (whole @ planes > 0).reshape(len(whole), TABLES, bits)
        found[:, start : start + BLOCK] = (sides * powers).sum(axis=2, dtype=np.uint64).T
    return found


def graph(dimensions: int) -> Any:
    """An empty usearch index over cosine, vectors kept in a byte a dimension."""
    from usearch.index import Index

    return Index(
        ndim=dimensions,
        metric="cos",
        dtype="i8",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
    )


def _exact(vectors: Vectors, count: int) -> NDArray[np.int64]:
    whole = vectors.astype(np.float32)
    found = np.empty((len(whole), count), dtype=np.int64)
    for start in range(0, len(whole), BLOCK):
        scores = whole[start : start + BLOCK] @ whole.T
        rows = np.arange(len(scores))
        scores[rows, start + rows] = -np.inf
        found[start : start + BLOCK] = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    return found
