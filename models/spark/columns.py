"""`Comparables` as columns of a Spark table, and back: hashes, shares and counts of a letter, nothing of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.comparable_names import SETS
from models.comparables import Comparables, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.pair_features import Index

PLAIN = {"days": "int", "lengths": "int", "returns": "boolean", "another": "short", "earlier": "short"}
HALVES = ("problems", "contents", "vectors")
"""Rows of a matrix in half precision, as their bytes."""
SCORED = (*PLAIN, "problems", "contents", *SETS)
"""What the scorer looks at."""
SCHEMA = ", ".join(["row long", *(f"{name} {PLAIN.get(name, 'binary')}" for name in (*PLAIN, *HALVES, *SETS))])
"""Sets are the bytes of their keys: Spark then copies them as they are instead of number by number."""

_ARROW = {"int": pa.int32(), "boolean": pa.bool_(), "short": pa.int16()}


def to_batch(rows: Index, table: Comparables) -> pa.RecordBatch:
    """The batch with SCHEMA whose `row` are the given numbers."""
    columns: dict[str, Any] = {"row": pa.array(rows, pa.int64())}
    for name, kind in PLAIN.items():
        columns[name] = pa.array(getattr(table, name), _ARROW[kind])
    for name in HALVES:
        matrix: NDArray[np.float16] = getattr(table, name)
        columns[name] = _binary(np.arange(len(matrix) + 1) * matrix.shape[1] * matrix.itemsize, matrix)
    for name in SETS:
        one = table.sets[name]
        columns[name] = _binary(one.starts * one.keys.itemsize, one.keys)
    return pa.RecordBatch.from_pydict(columns)


def from_table(table: pa.Table | pa.RecordBatch, names: Sequence[str] = (*PLAIN, *HALVES, *SETS)) -> Comparables:
    """The letters of a table with the columns `names`; the other columns are empty, as `ids` always are."""
    count = table.num_rows
    dense: dict[str, Any] = {}
    for name in (*PLAIN, *HALVES):
        if name not in names:
            dense[name] = np.zeros((count, 0), np.float16) if name in HALVES else np.zeros(count, np.int32)
        elif name in HALVES:
            _, data = _parts(_whole(table, name))
            dense[name] = data.view(np.float16).reshape(
                count, data.size // np.dtype(np.float16).itemsize // max(count, 1)
            )
        else:
            dense[name] = _whole(table, name).to_numpy(zero_copy_only=False)
    sets = {}
    nothing = np.zeros(count + 1, np.int64), np.zeros(0, np.uint8)
    for name in SETS:
        starts, data = _parts(_whole(table, name)) if name in names else nothing
        sets[name] = Rows(starts // np.dtype(np.int32).itemsize, data.view(np.int32))
    return Comparables(("",) * count, sets, **dense)


def _binary(starts: NDArray[np.int64], data: NDArray[Any]) -> pa.Array:
    buffers = [None, pa.py_buffer(starts.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.binary(), len(starts) - 1, buffers)


def halves(column: pa.ChunkedArray) -> NDArray[np.float16]:
    """(rows, dimensions) of a column that holds rows in half precision as bytes."""
    parts = [_parts(chunk)[1] for chunk in column.chunks]
    data = np.concatenate([np.zeros(0, np.uint8), *parts]).view(np.float16)
    return data.reshape(len(column), len(data) // max(len(column), 1))


def _whole(table: pa.Table | pa.RecordBatch, name: str) -> pa.Array:
    column = table.column(name)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _parts(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Where the bytes of each row begin, from 0 and one more than rows, and the bytes."""
    _, offsets, data = column.buffers()
    if not len(column) or data is None:
        return np.zeros(len(column) + 1, np.int64), np.zeros(0, np.uint8)
    width = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    starts = np.frombuffer(offsets, width)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    return starts - starts[0], np.frombuffer(data, np.uint8)[starts[0] : starts[-1]]
