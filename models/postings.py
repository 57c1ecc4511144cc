"""Which rows hold a key: sorted arrays, looked up by bisection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.comparables import Comparables
from models.pair_features import Rarity
from models.repeat_candidates import LARGEST_BUCKET, copy_keys, particular_keys

Keys = NDArray[np.uint64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Postings:
    """`keys` ascending, `rows` that hold them; rows of one key ascend."""

    keys: Keys
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, table: Comparables, rarity: Rarity) -> Postings:
        """Of copies' bands and of particulars."""
        rows, keys = all_keys(table, rarity)
        order = np.lexsort((rows, keys))
        return cls(keys[order], rows[order].astype(np.int32))

    def find(self, keys: Keys) -> tuple[Index, Index]:
        """Rows that hold any of the keys, and how many of them; of a key that many rows hold, the latest rows."""
        low, high = (np.searchsorted(self.keys, keys, side=side) for side in ("left", "right"))
        low = np.maximum(low, high - LARGEST_BUCKET)
        sizes = high - low
        ends = np.cumsum(sizes)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(low - (ends - sizes), sizes)
        return np.unique(self.rows[places].astype(np.int64), return_counts=True)


def all_keys(table: Comparables, rarity: Rarity) -> tuple[Index, Keys]:
    """Rows and the keys they hold."""
    columns = [*copy_keys(table), *particular_keys(table, rarity)]
    return np.concatenate([rows for rows, _ in columns]), np.concatenate([keys for _, keys in columns])
