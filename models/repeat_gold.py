"""What the written repeats say of a pair, and how well matters agree with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.written import WrittenPetition
from models.pair_features import Index


def look_alike(a: WrittenPetition, b: WrittenPetition) -> bool:
    """Whether one of the letters was written to be mistaken for the other's matter."""
    return any(
        one.gold.hard_negative_of is not None and one.gold.hard_negative_of.rsplit("-", 1)[0] == other.gold.matter
        for one, other in ((a, b), (b, a))
    )


def pair_figures(
    labels: Index, i: Index, j: Index, same: NDArray[np.bool_], alike: NDArray[np.bool_]
) -> dict[str, float]:
    """Precision, recall and F1 over pairs, and the share of look-alike pairs that were joined."""
    joined = labels[i] == labels[j]
    hits = float((joined & same).sum())
    return {
        "pair_precision": hits / max(1.0, float(joined.sum())),
        "pair_recall": hits / max(1.0, float(same.sum())),
        "pair_f1": 2 * hits / max(1.0, float(joined.sum() + same.sum())),
        "look_alikes_joined": float(joined[alike].mean()) if alike.any() else 0.0,
    }
