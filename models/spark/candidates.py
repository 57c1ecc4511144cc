"""Which pairs are worth scoring: the keys, buckets and votes of `models.repeat_candidates`, spread over workers.

A key that very many letters share costs work that grows with their number, as on one machine: a letter meets only those
that follow it in its bucket, which Spark has sorted on disk and a worker reads through a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.comparables import Comparables
from models.neighbours import EXACT, NEIGHBOURS, nearest
from models.pair_features import Rarity
from models.pair_scorer import PairScorer
from models.repeat_candidates import (
    EVERY_PAIR,
    MOST_VOTES,
    Index,
    Keys64,
    bucket_limits,
    copy_keys,
    in_buckets,
    most_candidates,
    particular_keys,
    vector_keys,
)
from models.spark.columns import HALVES, from_table
from models.spark.stages import Stages
from models.spark.worker import guarded

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

KEYED = (
    *("trigrams", "words", "bigrams", "phones", "petitioners", "people", "given_names"),
    *("villages", "towns", "surnames", "days", *HALVES),
)
"""What the keys are made of."""
AT_ONCE = 200_000
"""Entries of buckets that a worker looks at together."""
PAIRS = "low long, high long"
Entries = tuple[Index, Keys64, NDArray[np.int32]]
"""Row, key and day of each, in the order of key, day, row."""

_NOTHING: Entries = (np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int32))


def candidate_pairs(stages: Stages, tables: DataFrame, scorer: Broadcast[PairScorer], count: int) -> DataFrame:
    """`low`, `high` of the pairs to score, none twice.

    Args:
        stages: for the files that go beside the tables.
        tables: the columns of `count` letters.
        scorer: of the whole collection.
        count: letters in all.
    """
    from pyspark.sql import functions as sql

    if count <= EVERY_PAIR:
        every = np.stack(np.triu_indices(count, 1)).astype(np.int64)
        return stages.table("every", {"low": every[0], "high": every[1]})
    keys = tables.select("row", *KEYED).mapInArrow(
        guarded(_keys, scorer=scorer, count=count), "key long, day int, row long"
    )
    in_order = keys.repartition("key").sortWithinPartitions("key", "day", "row")
    met = in_order.mapInArrow(guarded(_met, count=count), PAIRS)
    if count <= EXACT:
        met = met.union(_exact_neighbours(stages, tables))
    votes = sql.least(sql.count("*"), sql.lit(MOST_VOTES)).alias("votes")
    return _most_in_common(met.groupBy("low", "high").agg(votes), count)


def _most_in_common(counted: DataFrame, count: int) -> DataFrame:
    """As in `models.repeat_candidates`: of equal votes the pair with the smaller numbers is kept first."""
    from pyspark.sql import Window
    from pyspark.sql import functions as sql

    ranked = counted
    for side in ("low", "high"):
        order = Window.partitionBy(side).orderBy(sql.desc("votes"), "low", "high")
        ranked = ranked.withColumn(f"rank {side}", sql.row_number().over(order))
    return ranked.where(sql.least("rank low", "rank high") <= most_candidates(count)).select("low", "high")


def _exact_neighbours(stages: Stages, tables: DataFrame) -> DataFrame:
    """Of so few letters the vectors are compared here, as on one machine."""
    vectors = from_table(tables.select("row", "vectors").orderBy("row").toArrow(), ("vectors",)).vectors
    pairs = np.sort(nearest(vectors, NEIGHBOURS), axis=1)
    return stages.table("neighbours", {"low": pairs[:, 0], "high": pairs[:, 1]})


def _keys(batches: Iterator[pa.RecordBatch], scorer: Broadcast[PairScorer], count: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if not batch.num_rows:
            continue
        table, rows = from_table(batch, KEYED), batch.column("row").to_numpy()
        for owner, keys in letter_keys(table, scorer.value.rarity, count):
            columns = {"key": keys.view(np.int64), "day": table.days[owner], "row": rows[owner]}
            yield pa.RecordBatch.from_pydict(columns)


def letter_keys(table: Comparables, rarity: Rarity, count: int) -> list[tuple[Index, Keys64]]:
    """(rows, keys) of all that may bring letters of a collection of `count` together."""
    near = vector_keys(table, count) if count > EXACT else []
    return [*copy_keys(table), *near, *particular_keys(table, rarity)]


def _met(batches: Iterator[pa.RecordBatch], count: int) -> Iterator[pa.RecordBatch]:
    for one, other in met_in_order(_entries(batches), count):
        low, high = np.minimum(one, other), np.maximum(one, other)
        apart = low != high
        yield pa.RecordBatch.from_pydict({"low": low[apart], "high": high[apart]})


def _entries(batches: Iterator[pa.RecordBatch]) -> Iterator[Entries]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= AT_ONCE:
            yield _arrays(waiting)
            waiting = []
    if waiting:
        yield _arrays(waiting)


def _arrays(batches: list[pa.RecordBatch]) -> Entries:
    table = pa.Table.from_batches(batches)
    row, key, day = (table.column(name).to_numpy() for name in ("row", "key", "day"))
    return row, key.view(np.uint64), day


def met_in_order(parts: Iterable[Entries], count: int) -> Iterator[tuple[Index, Index]]:
    """As `in_buckets`, of entries that come part by part in the order of key, day and row.

    The bucket that is open at the end of a part waits for the next one; of one that is large already only so many
    entries as the next ones can meet, so that memory does not grow with a bucket.
    """
    largest, _ = bucket_limits(count)
    held, done = _NOTHING, 0
    for part in parts:
        rows, keys, days = (np.concatenate([before, new]) for before, new in zip(held, part, strict=True))
        others = np.flatnonzero(keys != keys[-1:])
        begins = int(others[-1]) + 1 if len(others) else 0
        is_large = len(keys) - begins > largest
        end, first_held = (len(keys), len(keys) - largest - 1) if is_large else (begins, begins)
        yield from _new((rows[:end], keys[:end], days[:end]), done, count)
        held, done = (rows[first_held:], keys[first_held:], days[first_held:]), end - first_held
    yield from _new(held, done, count)


def _new(entries: Entries, done: int, count: int) -> Iterator[tuple[Index, Index]]:
    """Who meets whom, but for those that are both among the first `done`."""
    rows, keys, days = entries
    for one, other in in_buckets(np.arange(len(rows)), keys, days, count):
        fresh = other >= done
        yield rows[one[fresh]], rows[other[fresh]]
