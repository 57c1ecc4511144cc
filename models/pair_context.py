"""What a pair looks like among the other pairs of its two letters: who else is near, and whether they agree."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.pair_features import FEATURES, Float, Index

CONTEXT = (
    "place in the nearer list",
    "place in the farther list",
    "score",
    "next best, lower",
    "next best, higher",
    "common neighbour",
    "common neighbours",
    "neighbours apart",
)
CARRIED = (
    *("trigrams cosine", "trigrams held", "bigrams cosine", "bigrams of the matter", "words cosine", "words rare"),
    *("words of the matter", "problem", "content", "days between", "shorter", "ratio of lengths"),
    *("same petitioner", "same phone", "petitioners conflict", "unsigned"),
    *("villages shared", "villages conflict", "towns conflict", "people conflict", "accused_posts conflict"),
    *("names conflict", "named in the other", "figures conflict", "rough_amounts shared", "rough_amounts conflict"),
    *("another in the later", "earlier in the later", "returns in the later"),
)
"""Features of a pair that its second judgement needs again."""
_CARRIED = [FEATURES.index(name) for name in CARRIED]
LAST_PLACE = 20
CHUNK = 50_000


def carried(features: Float) -> NDArray[np.float16]:
    """(pairs, CARRIED) of the features of pairs, to keep beside their scores."""
    return features[:, _CARRIED].astype(np.float16)


def context(rows: int, pairs: Index, scores: Float) -> Float:
    """(pairs, CONTEXT) of scored pairs of a collection.

    Letters of one matter are near to the same others, and nearer than all others; a look-alike is near to one letter
    of a matter and far from the rest.

    Args:
        rows: letters of the collection.
        pairs: (pairs, 2) row numbers, none twice; pairs that are not there count as different matters.
        scores: (pairs,) probabilities.
    """
    if not len(pairs):
        return np.zeros((0, len(CONTEXT)), dtype=np.float32)
    place, second = _places(rows, pairs, scores)
    matrix = _matrix(rows, pairs, scores)
    best, total, apart = np.zeros((3, len(pairs)), dtype=np.float32)
    weight = np.asarray(matrix.sum(axis=1), dtype=np.float32).ravel()
    for start in range(0, len(pairs), CHUNK):
        part = slice(start, start + CHUNK)
        a, b = matrix[pairs[part, 0]], matrix[pairs[part, 1]]
        least = a.minimum(b)
        best[part] = least.max(axis=1).toarray().ravel()
        total[part] = np.asarray(a.multiply(b).sum(axis=1)).ravel()
        apart[part] = weight[pairs[part]].sum(axis=1) - 2 * np.asarray(least.sum(axis=1)).ravel()
    columns = [place.min(axis=0), place.max(axis=0), scores, second.min(axis=0), second.max(axis=0), best, total, apart]
    return np.stack(columns, axis=1).astype(np.float32)


def _matrix(rows: int, pairs: Index, scores: Float) -> sp.csr_matrix:
    low, high = pairs.T
    both = np.concatenate([scores, scores]), (np.concatenate([low, high]), np.concatenate([high, low]))
    return sp.csr_matrix(both, shape=(rows, rows), dtype=np.float32)


def _places(rows: int, pairs: Index, scores: Float) -> tuple[Float, Float]:
    """(2, pairs) how many of a letter's pairs score higher than this one, and the best score of its others."""
    owner = pairs.T.ravel()
    order = np.lexsort((-np.concatenate([scores, scores]), owner))
    starts = np.searchsorted(owner[order], np.arange(rows + 1))
    place = np.empty(len(owner), dtype=np.int64)
    place[order] = np.arange(len(owner)) - starts[owner[order]]
    ranked = np.append(np.concatenate([scores, scores])[order], 0)
    following = np.where(starts[owner] + 1 < starts[owner + 1], starts[owner] + 1, len(owner))
    other = np.where(place == 0, ranked[following], ranked[starts[owner]])
    shape = (2, len(pairs))
    return place.clip(max=LAST_PLACE).reshape(shape).astype(np.float32), other.reshape(shape).astype(np.float32)
