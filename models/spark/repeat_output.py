"""Matters and pairs as rows of the output, made by the workers, which have the letters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby, islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corpus.writers import as_json
from models.repeat_relation import RELATIONS
from models.repeat_rows import matter_rows, pair_row
from models.repeats import Repeats
from models.spark.petitions import COLUMNS, Petitions, petitions_in
from models.spark.stages import Stages
from models.spark.worker import Settings, comparer, guarded, suggester
from models.tagging import suggestions_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

VALUES = "row long, value string"
TOGETHER = 500


def matter_values(stages: Stages, petitions: Petitions, found: Repeats, settings: Settings) -> DataFrame:
    """`row`, `value`: every matter as JSON, numbered in their order; only those with a petition of the new ones.

    A stage, since putting rows in order reads them twice.
    """

    def build() -> DataFrame:
        groups = [group for group in found.matters() if group[-1] >= petitions.older]
        numbers = np.repeat(np.arange(1, len(groups) + 1), [len(group) for group in groups])
        rows = np.concatenate([np.zeros(0, np.int64), *map(np.asarray, groups)]).astype(np.int64)
        members = stages.table("members", {"row": rows, "matter": numbers.astype(np.int64)})
        together = petitions.table.join(members, "row").repartition("matter").sortWithinPartitions("matter", "row")
        return together.mapInPandas(guarded(_matters, settings=settings), VALUES)

    return stages.stage("matters", build, threshold=found.threshold)[0]


def pair_values(stages: Stages, petitions: Petitions, found: Repeats, settings: Settings) -> DataFrame:
    """`row`, `value`: every pair that is shown as JSON, in their order; a stage like the matters."""

    def build() -> DataFrame:
        shown = found.linked()
        low, high = found.scored.pairs[shown].T
        columns = {"number": np.arange(len(shown)), "low": low, "high": high}
        columns |= {"score": found.scored.scores[shown], "relation": found.scored.relation[shown]}
        pairs = stages.table("shown", columns)
        for side in ("low", "high"):
            renamed = {name: f"{side} {name}" for name in COLUMNS}
            letters = petitions.table.withColumnsRenamed(renamed | {"row": side})
            pairs = pairs.join(letters, side)
        return pairs.mapInPandas(guarded(_pairs, settings=settings), VALUES)

    return stages.stage("pairs", build, threshold=found.threshold)[0]


def _matters(frames: Iterator[pd.DataFrame], settings: Settings) -> Iterator[pd.DataFrame]:
    members = (
        (int(number), petition)
        for frame in frames
        for number, petition in zip(frame["matter"], petitions_in(frame), strict=True)
    )
    grouped = groupby(members, key=lambda one: one[0])
    matters = ((number, [petition for _, petition in group]) for number, group in grouped)
    rows = matter_rows(matters, partial(suggestions_of, suggester(settings), jobs=1))
    while batch := [(int(row["matter"][1:]), as_json(row)) for row in islice(rows, TOGETHER)]:
        yield pd.DataFrame(batch, columns=["row", "value"])


def _pairs(frames: Iterator[pd.DataFrame], settings: Settings) -> Iterator[pd.DataFrame]:
    # Evidence compares names and phones as they stand; nothing is hashed, so any salt will do.
    reader = comparer(settings, b"")
    for frame in frames:
        sides = [petitions_in({name: frame[f"{side} {name}"] for name in COLUMNS}) for side in ("low", "high")]
        values = [
            as_json(pair_row(a, b, float(np.float32(score)), RELATIONS[relation], reader))
            for a, b, score, relation in zip(*sides, frame["score"], frame["relation"], strict=True)
        ]
        yield pd.DataFrame({"row": frame["number"], "value": values})
