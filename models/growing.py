"""An array that grows at its end, for data that comes in parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SLACK = 1.2


class GrowingArray:
    """Rows that are added part by part. What is held is enlarged in place, so that nothing is in memory twice."""

    def __init__(self) -> None:
        self._held: NDArray[Any] = np.zeros(0)
        self._rows = 0

    def add(self, part: NDArray[Any]) -> None:
        """The rows of `part` after those that are there; the first part tells the shape of a row and the type."""
        if not self._rows:
            self._held = np.empty(part.shape, part.dtype)
        rows = self._rows + len(part)
        if rows > len(self._held):
            self._resize(int(rows * SLACK))
        self._held[self._rows : rows] = part
        self._rows = rows

    def whole(self) -> NDArray[Any]:
        """All rows. Nothing may be added after this."""
        self._resize(self._rows)
        return self._held

    def _resize(self, rows: int) -> None:
        # Nobody else can hold the array before `whole`, so numpy need not count who does.
        self._held.resize((rows, *self._held.shape[1:]), refcheck=False)
