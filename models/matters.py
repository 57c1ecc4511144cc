"""From scored pairs to matters: groups by average link, so that one wrong pair does not chain two matters together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.average_link import average_link

Index = NDArray[np.int64]
Numbers = NDArray[np.float32]

WANTED, FORBIDDEN = 1e6, -1e9


@dataclass(frozen=True)
class Links:
    """What clerks decided about pairs of row numbers: `joined` are one matter, `parted` are not. `parted` wins."""

    joined: Index = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    parted: Index = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))

    @classmethod
    def of(cls, joined: Iterable[tuple[int, int]], parted: Iterable[tuple[int, int]]) -> Links:
        """From pairs of row numbers in any order."""
        return cls(*(np.array(list(pairs), dtype=np.int64).reshape(-1, 2) for pairs in (joined, parted)))


def matters(rows: int, pairs: Index, scores: Numbers, threshold: float, links: Links | None = None) -> Index:
    """(rows,) number of the matter of each row; numbers ascend with the first row of a matter.

    Petitions that pairs over the threshold connect are grouped by `average_link`. Decisions of clerks come before
    scores.
    """
    links = links or Links()
    pairs = np.concatenate([pairs, links.joined, links.parted])
    values = np.full(len(scores), 0.0)
    values[:] = scores
    values = np.concatenate([values, np.full(len(links.joined), WANTED), np.full(len(links.parted), FORBIDDEN)])
    labels = np.arange(rows)
    for members, inside in _components(rows, pairs, values, threshold):
        local = np.searchsorted(members, pairs[inside])
        for group in average_link(len(members), local, values[inside], threshold):
            labels[members[group]] = members[group].min()
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def components(rows: int, pairs: Index) -> Index:
    """(rows,) number of the connected component of each row."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    matrix = coo_matrix((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(rows, rows))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def grouped(labels: Index) -> list[Index]:
    """Row numbers of every label that two rows or more bear, in order of their first row."""
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return sorted((group for group in groups if len(group) > 1), key=lambda group: int(group[0]))


def _components(rows: int, pairs: Index, values: NDArray[np.float64], threshold: float) -> list[tuple[Index, Index]]:
    """Rows and pair numbers of every component that pairs over the threshold connect, of two rows or more."""
    label = components(rows, pairs[values >= threshold])
    sizes = np.bincount(label, minlength=rows)
    inside = np.flatnonzero((label[pairs[:, 0]] == label[pairs[:, 1]]) & (sizes[label[pairs[:, 0]]] > 1))
    by_row = np.argsort(label, kind="stable")
    by_pair = inside[np.argsort(label[pairs[inside, 0]], kind="stable")]
    row_ends, pair_labels = np.cumsum(sizes), label[pairs[by_pair, 0]]
    found: list[tuple[Index, Index]] = []
    for one in np.flatnonzero(sizes > 1):
        low, high = np.searchsorted(pair_labels, [one, one + 1])
        found.append((by_row[row_ends[one] - sizes[one] : row_ends[one]], by_pair[low:high]))
    return found
