"""Grouping by average link over the pairs that are known, without a table of all pairs: memory grows with the pairs."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

Near = list[dict[int, tuple[float, int]]]
"""Of every group the groups beside it, each with the sum of the scores between the two and how many there are."""
LINKS = 2
SURE = 0.95
"""Of a letter that thousands sent each copy is compared with a few others only: pairs so sure suffice by themselves."""


def average_link(size: int, pairs: NDArray[np.int64], values: NDArray[np.float64], threshold: float) -> list[list[int]]:
    """Groups of two members or more.

    Two groups become one while the average score of the known pairs between them reaches the threshold, best first
    (average link, Sokal and Michener, 1958), of equal ones those with the first members. Pairs that were never scored
    say nothing, but groups between which half of the pairs are unknown need LINKS known ones for every member of the
    smaller, or LINKS in all where these are SURE. Time grows with the pairs and the groups that a group has beside it.

    Args:
        size: members are 0 to size - 1.
        pairs: (pairs, 2) of members, in any order.
        values: (pairs,) scores.
        threshold: of the average.
    """
    near = _neighbours(size, pairs, values)
    groups = {number: [number] for number in range(size)}

    def link(one: int, other: int) -> float:
        total, known = near[one][other]
        mine, theirs = len(groups[one]), len(groups[other])
        score = total / known
        enough = known >= min(mine * theirs / 2, LINKS if score >= SURE else LINKS * min(mine, theirs))
        return score if enough else -np.inf

    best = [(-link(a, b), a, b) for a in groups for b in near[a] if a < b and link(a, b) >= threshold]
    heapify(best)
    while best:
        score, keep, drop = heappop(best)
        # What was pushed before one of the two grew or went is passed over.
        if drop not in near[keep] or link(keep, drop) != -score:
            continue
        groups[keep] += groups.pop(drop)
        _join(near, keep, drop)
        for other in near[keep]:
            if (now := link(keep, other)) >= threshold:
                heappush(best, (-now, min(keep, other), max(keep, other)))
    return [group for group in groups.values() if len(group) > 1]


def _neighbours(size: int, pairs: NDArray[np.int64], values: NDArray[np.float64]) -> Near:
    near: Near = [{} for _ in range(size)]
    for (a, b), value in zip(pairs.tolist(), values.tolist(), strict=True):
        total, known = near[a].get(b, (0.0, 0))
        near[a][b] = near[b][a] = (total + value, known + 1)
    return near


def _join(near: Near, keep: int, drop: int) -> None:
    for other, (total, known) in near[drop].items():
        del near[other][drop]
        if other != keep:
            before, so_far = near[keep].get(other, (0.0, 0))
            near[keep][other] = near[other][keep] = (before + total, so_far + known)
    near[drop] = {}
