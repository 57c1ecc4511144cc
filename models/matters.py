"""From scored pairs to matters: groups by average link, so that one wrong pair does not chain two matters together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Numbers = NDArray[np.float32]

LARGEST = 3_000
"""A connected component of more petitions is first cut at higher thresholds."""
STEP = 0.1
LINKS = 2
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

    Two groups become one while the average score of the known pairs between them reaches the threshold, best first
    (average link, Sokal and Michener, 1958). Pairs that were never scored say nothing, but groups between which half of
    the pairs are unknown need two known ones for every member of the smaller. Decisions of clerks come before scores.
    """
    links = links or Links()
    pairs = np.concatenate([pairs, links.joined, links.parted])
    values = np.full(len(scores), 0.0)
    values[:] = scores
    values = np.concatenate([values, np.full(len(links.joined), WANTED), np.full(len(links.parted), FORBIDDEN)])
    labels = np.arange(rows)
    for members, inside in _components(rows, pairs, values, threshold):
        place = {int(row): number for number, row in enumerate(members)}
        local = np.array([[place[int(a)], place[int(b)]] for a, b in pairs[inside]], dtype=np.int64)
        for group in _average_link(len(members), local, values[inside], threshold):
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
        members = by_row[row_ends[one] - sizes[one] : row_ends[one]]
        low, high = np.searchsorted(pair_labels, [one, one + 1])
        mine = by_pair[low:high]
        if len(members) > LARGEST and threshold + STEP < 1:
            smaller = np.searchsorted(members, pairs[mine])
            for part, numbers in _components(len(members), smaller, values[mine], threshold + STEP):
                found.append((members[part], mine[numbers]))
        else:
            found.append((members, mine))
    return found


def _average_link(size: int, pairs: Index, values: NDArray[np.float64], threshold: float) -> list[list[int]]:
    if size == 2:
        return [[0, 1]] if values.min() > FORBIDDEN / 2 else []
    total, known = np.zeros((size, size)), np.zeros((size, size))
    np.add.at(total, (pairs[:, 0], pairs[:, 1]), values)
    np.add.at(known, (pairs[:, 0], pairs[:, 1]), 1)
    total, known = total + total.T, known + known.T
    groups: dict[int, list[int]] = {number: [number] for number in range(size)}
    count = np.ones(size)
    links = _links(total, known, count)
    while True:
        a, b = np.unravel_index(int(links.argmax()), links.shape)
        if links[a, b] < threshold:
            return [group for group in groups.values() if len(group) > 1]
        keep, drop = min(int(a), int(b)), max(int(a), int(b))
        groups[keep] += groups.pop(drop)
        for table in (total, known):
            table[keep] += table[drop]
            table[:, keep] += table[:, drop]
            table[drop] = table[:, drop] = 0
        total[keep, keep] = known[keep, keep] = 0
        count[keep] += count[drop]
        links[drop] = links[:, drop] = -np.inf
        row = _links(total[keep : keep + 1], known[keep : keep + 1], count, count[keep : keep + 1])[0]
        links[keep], links[:, keep] = row, row


def _links(
    total: NDArray[np.float64],
    known: NDArray[np.float64],
    count: NDArray[np.float64],
    mine: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Average score between groups; minus infinity where too few pairs are known to say."""
    own = count if mine is None else mine
    every, smaller = own[:, None] * count[None, :], np.minimum(own[:, None], count[None, :])
    enough = (known > 0) & (known >= np.minimum(every / 2, LINKS * smaller))
    return np.where(enough, total / np.maximum(known, 1), -np.inf)
