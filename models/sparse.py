"""Sparse matrices as arrays of a version folder."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from corpus.errors import ModelError
from models.store import Arrays


def sparse_to_arrays(name: str, matrix: sp.csr_matrix) -> Arrays:
    """Values in half precision, their columns, and where each row begins."""
    return {
        f"{name}.data": matrix.data.astype(np.float16),
        f"{name}.indices": matrix.indices.astype(np.int32),
        f"{name}.indptr": matrix.indptr.astype(np.int32),
    }


def sparse_from_arrays(name: str, arrays: Arrays, shape: tuple[int, int]) -> sp.csr_matrix:
    """The float32 matrix that `sparse_to_arrays` described.

    Raises:
        ModelError: an array is missing, or they do not make a matrix of this shape.
    """
    try:
        parts = [arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr")]
        matrix = sp.csr_matrix((parts[0].astype(np.float32), *parts[1:]), shape=shape)
        matrix.check_format(full_check=True)
    except (KeyError, ValueError, IndexError) as error:
        raise ModelError(f"{name}: the stored matrix is missing or damaged; train the part again") from error
    return matrix
