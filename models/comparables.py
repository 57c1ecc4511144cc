"""What petitions are compared by, as one table: columns of numbers only, no text and no name in clear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.comparable_names import SETS
from models.growing import GrowingArray

KEY_BITS = 30
DENSE = ("problems", "contents", "vectors", "days", "lengths", "returns", "another", "earlier")
Keys = NDArray[np.int32]


@dataclass(frozen=True)
class Rows:
    """A set of keys a petition: those of row n are keys[starts[n]:starts[n + 1]], ascending, none twice."""

    starts: NDArray[np.int64]
    keys: Keys

    @classmethod
    def of(cls, sets: Iterable[Iterable[int]]) -> Rows:
        """From one collection of keys a petition."""
        rows = [sorted(set(one)) for one in sets]
        starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        return cls(starts, np.fromiter((key for row in rows for key in row), dtype=np.int32, count=int(starts[-1])))

    @classmethod
    def of_sizes(cls, sizes: NDArray[np.int64], keys: Keys) -> Rows:
        """From the keys of all rows and how many each has."""
        return cls(np.append(0, np.cumsum(sizes)).astype(np.int64), keys)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def part(self, first: int, last: int) -> Rows:
        """The rows from `first` to before `last`."""
        starts = self.starts[first : last + 1]
        return Rows(starts - starts[0], self.keys[starts[0] : starts[-1]])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(rows,) how many keys each has."""
        return np.diff(self.starts)

    def take(self, index: NDArray[np.int64], bits: int = KEY_BITS) -> sp.csr_matrix:
        """(index, 2**bits) matrix of ones of the rows at `index`; no key may have more bits."""
        sizes = self.sizes[index]
        starts = np.concatenate(([0], np.cumsum(sizes)))
        places = np.arange(starts[-1]) + np.repeat(self.starts[index] - starts[:-1], sizes)
        keys = self.keys[places]
        ones = np.ones(len(keys), dtype=np.float32)
        return sp.csr_matrix((ones, keys, starts), shape=(len(index), 1 << bits))


@dataclass(frozen=True)
class Comparables:
    """A batch of petitions as columns; the row numbers of all columns are the same.

    `ids` (n,), `sets` kind → keys, `problems` (n, problems) and `contents` (n, classes) square roots of shares
    (float16), `vectors` (n, dimensions) of the encoder (float16), `days` (n,) ordinals of `received` (0: not told),
    `lengths` (n,) characters, `returns` (n,) whether the letter says that a settled matter came back, `another` and
    `earlier` (n,) how often it says that it tells another matter, or tells again.
    """

    ids: tuple[str, ...]
    sets: dict[str, Rows]
    problems: NDArray[np.float16]
    contents: NDArray[np.float16]
    vectors: NDArray[np.float16]
    days: NDArray[np.int32]
    lengths: NDArray[np.int32]
    returns: NDArray[np.bool_]
    another: NDArray[np.uint8]
    earlier: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, first: int, last: int) -> Comparables:
        """The petitions from row `first` to before `last`."""
        sets = {name: rows.part(first, last) for name, rows in self.sets.items()}
        return Comparables(self.ids[first:last], sets, **{name: getattr(self, name)[first:last] for name in DENSE})

    @classmethod
    def joined(cls, parts: Iterable[Comparables]) -> Comparables:
        """All petitions of the parts in order. Of an iterator, no part is held once it is taken over."""
        ids: list[str] = []
        columns: dict[str, GrowingArray] = defaultdict(GrowingArray)
        for part in parts:
            ids += part.ids
            for name in DENSE:
                columns[name].add(getattr(part, name))
            for name, rows in part.sets.items():
                columns[f"{name} sizes"].add(rows.sizes)
                columns[f"{name} keys"].add(rows.keys)
        whole = {name: column.whole() for name, column in columns.items()}
        sets = {name: Rows.of_sizes(whole[f"{name} sizes"], whole[f"{name} keys"]) for name in SETS}
        return cls(tuple(ids), sets, **{name: whole[name] for name in DENSE})
