"""A feature space as arrays of a version folder."""

from __future__ import annotations

import numpy as np

from corpus.errors import ModelError
from models.features import BITS, BLOCKS, FeatureSpace
from models.store import Arrays


def space_to_arrays(space: FeatureSpace) -> Arrays:
    """Buckets and inverse document frequencies."""
    return {"space.buckets": space.buckets.astype(np.int32), "space.idf": space.idf.astype(np.float16)}


def space_from_arrays(arrays: Arrays) -> FeatureSpace:
    """The space that `space_to_arrays` described.

    Raises:
        ModelError: an array is missing, or the two do not fit.
    """
    try:
        space = FeatureSpace(arrays["space.buckets"].astype(np.int64), arrays["space.idf"].astype(np.float32))
    except KeyError as error:
        raise ModelError(f"feature space: {error} is missing; train the part again") from error
    in_bounds = space.buckets.size == 0 or (space.buckets[0] >= 0 and space.buckets[-1] < BLOCKS << BITS)
    if not in_bounds or not (np.diff(space.buckets) > 0).all():
        raise ModelError("feature space: buckets out of bounds or order; train the part again")
    if space.buckets.shape != space.idf.shape:
        raise ModelError("feature space: buckets and weights differ in number; train the part again")
    return space
