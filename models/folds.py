"""Folds that keep groups whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.errors import FenbanError

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
FOLDS = 5


def group_folds(groups: Sequence[str], target: NDArray[np.int64], seed: int = 0) -> list[Fold]:
    """Five pairs (train, test) of row numbers; no group stands on both sides, labels are spread evenly.

    Raises:
        FenbanError: fewer groups than folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    if len(set(groups)) < FOLDS:
        raise FenbanError(f"{len(set(groups))} groups of texts; calibration needs at least {FOLDS}")

    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(target)), target, np.array(groups)))
