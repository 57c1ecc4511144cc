"""What the written repeats say of a pair, and how well matters agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.written import WrittenPetition
from models.pair_features import Index
from models.pair_scorer import upper_pairs


def look_alike(a: WrittenPetition, b: WrittenPetition) -> bool:
    """Whether one of the letters was written to be mistaken for the other's matter."""
    return any(
        one.gold.hard_negative_of is not None and one.gold.hard_negative_of.rsplit("-", 1)[0] == other.gold.matter
        for one, other in ((a, b), (b, a))
    )


@dataclass(frozen=True)
class GoldPairs:
    """Every two of some letters: row numbers, whether they are one matter, whether one was written to mistake it."""

    i: Index
    j: Index
    same: NDArray[np.bool_]
    alike: NDArray[np.bool_]


def gold_pairs(rows: Sequence[WrittenPetition]) -> GoldPairs:
    """What the corpus says of every two of the letters."""
    i, j = upper_pairs(len(rows))
    both = [(rows[a], rows[b]) for a, b in zip(i.tolist(), j.tolist(), strict=True)]
    same = np.array([a.gold.matter == b.gold.matter for a, b in both], dtype=bool)
    return GoldPairs(i, j, same, np.array([look_alike(a, b) for a, b in both], dtype=bool))


def pair_figures(
    labels: Index, i: Index, j: Index, same: NDArray[np.bool_], alike: NDArray[np.bool_]
) -> dict[str, float]:
    """The same figures for pairs that stand in one matter."""
    return joined_figures(labels[i] == labels[j], same, alike)


def joined_figures(joined: NDArray[np.bool_], same: NDArray[np.bool_], alike: NDArray[np.bool_]) -> dict[str, float]:
    """Precision, recall and F1 over pairs, and the share of look-alike pairs that were joined."""
    hits = float((joined & same).sum())
    return {
        "pair_precision": hits / max(1.0, float(joined.sum())),
        "pair_recall": hits / max(1.0, float(same.sum())),
        "pair_f1": 2 * hits / max(1.0, float(joined.sum() + same.sum())),
        "look_alikes_joined": float(joined[alike].mean()) if alike.any() else 0.0,
    }
