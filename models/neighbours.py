"""Nearest vectors: exact by numpy while that is fast, by usearch's graph (HNSW) above."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float16]

EXACT = 20_000
"""Up to so many vectors the exact search takes less time than building the graph."""
NEIGHBOURS = 12
BLOCK = 1_024
CONNECTIVITY, EXPANSION_ADD, EXPANSION_SEARCH = 8, 32, 32


def nearest(vectors: Vectors, count: int) -> NDArray[np.int64]:
    """(pairs, 2) row numbers: every vector with the `count` nearest to it by cosine."""
    count = min(count, len(vectors) - 1)
    if count < 1:
        return np.zeros((0, 2), dtype=np.int64)
    found = _exact(vectors, count) if len(vectors) <= EXACT else _by_graph(vectors, count)
    return np.stack([np.repeat(np.arange(len(vectors)), found.shape[1]), found.ravel()], axis=1)


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


def _by_graph(vectors: Vectors, count: int) -> NDArray[np.int64]:
    index = graph(vectors.shape[1])
    index.add(np.arange(len(vectors)), vectors)
    matches = index.search(vectors, count + 1)
    return np.asarray(matches.keys, dtype=np.int64)
