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

from corpus.dictionary import domain_words
from models.comparable_names import WEIGHED
from models.features import BITS, reading_fingerprint
from models.pair_context import CARRIED
from models.pair_features import Rarity
from models.pair_scorer import PairScorer
from models.pair_scores import KEPT, ScoredPairs, judged, score_pairs
from models.repeats import SALT_BYTES, Repeats, inside_groups
from models.spark.candidates import candidate_pairs
from models.spark.columns import SCHEMA, SCORED, from_table, halves, to_batch
from models.spark.petitions import COLUMNS, Petitions, from_frame, petitions_in
from models.spark.stages import Stages, settings_of, work_folder
from models.spark.worker import Settings, comparer, guarded, guarded_groups
from nlp.tokenise import Tokeniser

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame

TOGETHER = 512
"""Letters whose columns are made at once."""
BLOCK = 11
"""A worker scores the pairs of 2**BLOCK letters at once, beside which stand all letters that they are compared with."""
PART = 10_000
"""Letters in one part of a join."""
SCORES = "low long, high long, score float, relation byte, carried binary"
NAMED = -1
"""The bucket under which the letters that name a unit are counted."""


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
    loaded = PairScorer.load(settings.models, reading_fingerprint(Tokeniser(domain_words())))
    count, older = petitions.count, petitions.older
    work = guarded(_columns, settings=settings, salt=salt)
    tables, stages = stages.stage("columns", lambda: petitions.table.mapInArrow(work, SCHEMA))
    within, stages = _within(stages, tables, loaded, count)
    shared = stages.spark.sparkContext.broadcast(within)

    def candidates() -> DataFrame:
        return candidate_pairs(stages, tables, shared, count).where(f"high >= {older}")

    pairs, stages = stages.stage("candidates", candidates, older=older)
    scored, stages = _scored_alone(stages, tables, pairs, shared, older)
    scored = judged(count, scored, within)
    return Repeats(("",) * count, np.zeros(0, dtype=np.int32), scored, loaded.threshold), stages


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
    with work_folder(work, work) as folder, errors_told(None):
        petitions, stages = from_frame(Stages(frame.sparkSession, folder, secrets.token_hex()), frame)
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


def _within(stages: Stages, tables: DataFrame, learned: PairScorer, count: int) -> tuple[PairScorer, Stages]:
    """The scorer within the collection, as `PairScorer.within` has it."""

    def build() -> DataFrame:
        counted = tables.select("towns", *WEIGHED).mapInArrow(guarded(_documents), "bucket int, letters long")
        return counted.groupBy("bucket").sum("letters").withColumnRenamed("sum(letters)", "letters")

    _, stages = stages.stage("documents", build)
    table = stages.read("documents")
    buckets, letters = (table.column(name).to_numpy() for name in ("bucket", "letters"))
    named, words = int(letters[buckets == NAMED].sum()), buckets != NAMED
    documents = learned.rarity.documents.copy()
    documents.ravel()[buckets[words]] += letters[words].astype(np.int32)
    rarity = Rarity(documents, learned.rarity.letters + count, learned.rarity.reach)
    return replace(learned, rarity=rarity, named=named, letters=count), stages


def _documents(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """How many letters of this part hold each word and bigram; the number of the kind stands above that of the key.

    The bucket NAMED counts the letters that name a unit.
    """
    letters = np.zeros(len(WEIGHED) << BITS, dtype=np.int64)
    named = 0
    for batch in batches:
        table = from_table(batch, ("towns", *WEIGHED))
        named += int((table.sets["towns"].sizes > 0).sum())
        for kind, name in enumerate(WEIGHED):
            letters += np.bincount(table.sets[name].keys + (kind << BITS), minlength=len(letters))
    held = np.flatnonzero(letters)
    buckets, counts = np.append(held, NAMED).astype(np.int32), np.append(letters[held], named)
    yield pa.RecordBatch.from_pydict({"bucket": buckets, "letters": counts})


def _scored_alone(
    stages: Stages, tables: DataFrame, pairs: DataFrame, scorer: Broadcast[PairScorer], older: int
) -> tuple[ScoredPairs, Stages]:
    """The candidates and the pairs inside of the groups that they make, each judged by itself."""
    first, stages = _scored(stages, "scores", tables, pairs, scorer, KEPT)
    inside = inside_groups(scorer.value.letters, first, scorer.value.threshold, older)
    unscored = stages.table("inside", {"low": inside[:, 0], "high": inside[:, 1]})
    more, stages = _scored(stages, "scores-inside", tables, unscored, scorer, 0.0)
    return ScoredPairs.joined([first, more]), stages


def _scored(
    stages: Stages, name: str, tables: DataFrame, pairs: DataFrame, scorer: Broadcast[PairScorer], least: float
) -> tuple[ScoredPairs, Stages]:
    """The pairs of at least this probability, by rows."""
    from pyspark.sql import functions as sql

    def build() -> DataFrame:
        block, either = sql.shiftright("low", BLOCK), sql.explode(sql.array("low", "high"))
        seen = pairs.select(block.alias("block"), either.alias("row")).distinct()
        letters = seen.join(tables.select("row", *SCORED), "row").groupBy("block")
        both = letters.cogroup(pairs.withColumn("block", block).groupBy("block"))
        return both.applyInArrow(guarded_groups(_scores, scorer=scorer, least=least), SCORES)

    _, stages = stages.stage(name, build)
    table = stages.read(name)
    low, high, score, relation = (table.column(one).to_numpy() for one in ("low", "high", "score", "relation"))
    order = np.lexsort((high, low))
    carried = halves(table.column("carried"))[order] if len(table) else np.zeros((0, len(CARRIED)), np.float16)
    pairs_in_order = np.stack([low[order], high[order]], axis=1)
    return ScoredPairs(pairs_in_order, score[order], relation[order].astype(np.uint8), carried), stages


def _scores(letters: pa.Table, pairs: pa.Table, scorer: Broadcast[PairScorer], least: float) -> pa.Table:
    letters, pairs = letters.sort_by("row"), pairs.sort_by([("low", "ascending"), ("high", "ascending")])
    rows, table = letters.column("row").to_numpy(), from_table(letters, SCORED)
    i, j = (np.searchsorted(rows, pairs.column(name).to_numpy()) for name in ("low", "high"))
    found = score_pairs(table, i, table, j, scorer.value, least)[0]
    low, high = rows[found.pairs].reshape(-1, 2).T
    carried = [one.tobytes() for one in found.carried]
    told = {"low": low, "high": high, "score": found.scores, "relation": found.relation, "carried": carried}
    return pa.table(told, pa.schema(_SCORES))


_SCORES = [("low", pa.int64()), ("high", pa.int64()), ("score", pa.float32()), ("relation", pa.int8())]
_SCORES += [("carried", pa.binary())]
