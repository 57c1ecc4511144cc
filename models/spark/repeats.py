"""Repeats on Spark, stage by stage: the columns of letters, candidates, scores, and the matters that they make."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from models.comparable_names import WEIGHED
from models.features import BITS
from models.pair_features import Rarity
from models.pair_scorer import PairScorer
from models.repeats import SALT_BYTES, Repeats, ScoredPairs, inside_groups, score_pairs
from models.spark.candidates import candidate_pairs
from models.spark.columns import SCHEMA, SCORED, from_table, to_batch
from models.spark.petitions import COLUMNS, Petitions, from_frame, petitions_in
from models.spark.stages import Stages, settings_of
from models.spark.worker import Settings, comparer, guarded, guarded_groups, scorer

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

TOGETHER = 512
"""Letters whose columns are made at once."""
BLOCK = 11
"""A worker scores the pairs of 2**BLOCK letters at once, beside which stand all letters that they are compared with."""
PART = 10_000
"""Letters in one part of a join."""
SCORES = "low long, high long, score float, relation string"


def find_repeats(
    stages: Stages, petitions: Petitions, settings: Settings, salt: bytes | None = None
) -> tuple[Repeats, Stages]:
    """Repeats among the petitions, as `RepeatFinder.find` has them, but without ids and days, which stay in the table.

    Args:
        stages: the chain after the petitions.
        petitions: of `read_files` or `from_frame`; those of an older ledger are not compared with one another.
        settings: the models and units.
        salt: keys the hashes of petitioners' names; without one a new one is drawn.
    """
    with _partitions(stages, petitions.count):
        return _found(stages, petitions, settings, salt or secrets.token_bytes(SALT_BYTES))


def _found(stages: Stages, petitions: Petitions, settings: Settings, salt: bytes) -> tuple[Repeats, Stages]:
    loaded, count, older = PairScorer.load(settings.models), petitions.count, petitions.older
    work = guarded(_columns, settings=settings, salt=salt)
    tables, stages = stages.stage("columns", lambda: petitions.table.mapInArrow(work, SCHEMA))
    rarity, stages = _rarity(stages, tables, loaded.rarity, count)
    shared = stages.spark.sparkContext.broadcast(rarity)

    def candidates() -> DataFrame:
        return candidate_pairs(stages, tables, shared, count).where(f"high >= {older}")

    pairs, stages = stages.stage("candidates", candidates, older=older)
    first, stages = _scored(stages, "scores", tables, pairs, settings, shared)
    none = np.zeros((0, 2), dtype=np.int64)
    inside = inside_groups(count, first, none, loaded.threshold, older)
    table = stages.table("inside", {"low": inside[:, 0], "high": inside[:, 1]})
    unknown = table.join(pairs, ["low", "high"], "left_anti")
    more, stages = _scored(stages, "scores-inside", tables, unknown, settings, shared)
    days = np.zeros(0, dtype=np.int32)
    return Repeats(("",) * count, days, ScoredPairs.joined([first, more]), loaded.threshold), stages


def repeats_frame(
    frame: DataFrame, work: Path, *, models: Path | None = None, county: Path | None = None, salt: bytes | None = None
) -> DataFrame:
    """A Spark DataFrame in, a DataFrame out: id, matter and size of every petition's matter, as without Spark.

    Args:
        frame: with a text column, English or Chinese headers; its order is that of its partitions.
        work: a folder that every worker sees under this path and nobody else may read; the result lies in it.
        models: a version folder.
        county: csv of the office's units.
        salt: keys the hashes of petitioners' names; without one a new one is drawn.

    Raises:
        ValueError: no text column.
        FenbanError: a worker failed.
    """
    from models.spark.session import errors_told

    settings = settings_of(models, county)
    with errors_told(None):
        petitions, stages = from_frame(Stages(frame.sparkSession, work.absolute(), secrets.token_hex()), frame)
        labels = find_repeats(stages, petitions, settings, salt)[0].labels()
        sizes = np.bincount(labels, minlength=1)[labels]
        told = stages.table("matters", {"row": np.arange(len(labels)), "matter": labels, "size": sizes})
        return petitions.table.select("row", "id").join(told, "row").orderBy("row").select("id", "matter", "size")


@contextmanager
def _partitions(stages: Stages, count: int) -> Iterator[None]:
    """Joins in so many parts that one of them fits into memory, and few letters do not wait for many tasks."""
    configuration, name = stages.spark.conf, "spark.sql.shuffle.partitions"
    before = configuration.get(name, "200") or "200"
    configuration.set(name, max(2 * stages.spark.sparkContext.defaultParallelism, count // PART))
    try:
        yield
    finally:
        configuration.set(name, before)


def _columns(batches: Iterator[pa.RecordBatch], settings: Settings, salt: bytes) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, batch.num_rows, TOGETHER):
            part = batch.slice(start, TOGETHER)
            petitions = petitions_in(part.select(list(COLUMNS)).to_pydict())
            yield to_batch(part.column("row").to_numpy(), comparer(settings, salt).table(petitions))


def _rarity(stages: Stages, tables: DataFrame, learned: Rarity, count: int) -> tuple[Rarity, Stages]:
    """That of the scorer with the letters of the collection counted as well."""

    def build() -> DataFrame:
        counted = tables.select(*WEIGHED).mapInArrow(guarded(_documents), "bucket int, letters long")
        return counted.groupBy("bucket").sum("letters").withColumnRenamed("sum(letters)", "letters")

    _, stages = stages.stage("documents", build)
    table = stages.read("documents")
    documents = learned.documents.copy()
    documents.ravel()[table.column("bucket").to_numpy()] += table.column("letters").to_numpy().astype(np.int32)
    return Rarity(documents, learned.letters + count, learned.reach), stages


def _documents(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """How many letters of this part hold each word and bigram; the number of the kind stands above that of the key."""
    letters = np.zeros(len(WEIGHED) << BITS, dtype=np.int64)
    for batch in batches:
        table = from_table(batch, WEIGHED)
        for kind, name in enumerate(WEIGHED):
            letters += np.bincount(table.sets[name].keys + (kind << BITS), minlength=len(letters))
    held = np.flatnonzero(letters)
    yield pa.RecordBatch.from_pydict({"bucket": held.astype(np.int32), "letters": letters[held]})


def _scored(
    stages: Stages, name: str, tables: DataFrame, pairs: DataFrame, settings: Settings, rarity: Broadcast[Rarity]
) -> tuple[ScoredPairs, Stages]:
    """The pairs that are likely enough to keep, by rows."""
    from pyspark.sql import functions as sql

    def build() -> DataFrame:
        block, either = sql.shiftright("low", BLOCK), sql.explode(sql.array("low", "high"))
        seen = pairs.select(block.alias("block"), either.alias("row")).distinct()
        letters = seen.join(tables.select("row", *SCORED), "row").groupBy("block")
        both = letters.cogroup(pairs.withColumn("block", block).groupBy("block"))
        return both.applyInArrow(guarded_groups(_scores, settings=settings, rarity=rarity), SCORES)

    _, stages = stages.stage(name, build)
    table = stages.read(name).sort_by([("low", "ascending"), ("high", "ascending")])
    low, high, score = (table.column(one).to_numpy() for one in ("low", "high", "score"))
    named = table.column("relation").combine_chunks().dictionary_encode()
    names = np.asarray(named.dictionary.to_pylist(), dtype="<U8")
    relation = names[named.indices.to_numpy()] if len(names) else np.zeros(0, "<U8")
    return ScoredPairs(np.stack([low, high], axis=1), score, relation), stages


def _scores(letters: pa.Table, pairs: pa.Table, settings: Settings, rarity: Broadcast[Rarity]) -> pa.Table:
    letters, pairs = letters.sort_by("row"), pairs.sort_by([("low", "ascending"), ("high", "ascending")])
    rows, table = letters.column("row").to_numpy(), from_table(letters, SCORED)
    i, j = (np.searchsorted(rows, pairs.column(name).to_numpy()) for name in ("low", "high"))
    found = score_pairs(table, i, table, j, replace(scorer(settings), rarity=rarity.value))
    low, high = rows[found.pairs].reshape(-1, 2).T
    columns = {"low": low, "high": high, "score": found.scores, "relation": found.relation.tolist()}
    return pa.table(columns, pa.schema(_SCORES))


_SCORES = [("low", pa.int64()), ("high", pa.int64()), ("score", pa.float32()), ("relation", pa.string())]
