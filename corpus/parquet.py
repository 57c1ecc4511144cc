"""Parquet tables, read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import InputError
from corpus.records import Petition, RowProblem
from corpus.rows import Row, petitions_of_table

BATCH = 4_096


def read_parquet(path: Path) -> Iterator[Petition | RowProblem]:
    """Petitions of a parquet file; an empty cell is an empty text.

    Raises:
        InputError: the file is not parquet or is damaged.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(path, "not a readable parquet file") from error
    yield from petitions_of_table(path, _rows(path, file))


def _rows(path: Path, file: pq.ParquetFile) -> Iterator[Row]:
    number = 1
    yield number, file.schema_arrow.names
    try:
        for batch in file.iter_batches(batch_size=BATCH):
            columns = [column.to_pylist() for column in batch.columns]
            for cells in zip(*columns, strict=True):
                number += 1
                yield number, cells
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        raise InputError(path, f"a value after row {number} cannot be read ({type(error).__name__})") from error
