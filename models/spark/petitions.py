"""Petitions as rows of a Spark table: read from files by our own readers, or taken from a DataFrame."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import FenbanError, InputError
from corpus.headers import map_headers
from corpus.readers import READERS, numbered, read_numbered
from corpus.records import Petition, RowProblem, place_of
from corpus.writers import as_json
from models.frames import petitions_of
from models.spark.session import BATCH
from models.spark.stages import Stages
from models.spark.worker import guarded

if TYPE_CHECKING:
    from pandas import DataFrame as Frame
    from pyspark.sql import DataFrame

FIELDS = ("id", "received", "channel", "petitioner", "phone", "title", "text", "address")
COLUMNS = (*FIELDS, "extra")
SHARD = 20_000
"""Petitions in one file of the work folder, so that one large input keeps all processes busy."""
SCHEMA = f"file int, place long, problem string, kept boolean, {', '.join(f'{name} string' for name in COLUMNS)}"
"""`place` counts the petitions of a file, or its problems; `problem` is empty where the row is a petition."""


@dataclass(frozen=True)
class Petitions:
    """`table` has `row` (from 0, in the order of files and rows) and COLUMNS; `count` rows in all.

    `older` of them, the first ones, come from an older ledger. `problems` are what could not be read, each with whether
    its row was kept after a repair.
    """

    table: DataFrame
    count: int
    older: int
    problems: list[tuple[bool, str]]


def files_in(paths: Iterable[Path], own: Iterable[Path] = ()) -> list[Path]:
    """The paths, in place of a folder its readable files by name.

    Args:
        paths: files and folders.
        own: what the run writes itself; where that lies in one of the folders it is no input.

    Raises:
        InputError: a folder without any.
    """
    files: list[Path] = []
    written = {path.resolve() for path in own}
    for path in paths:
        found = [path]
        if path.is_dir():
            inside = [one for one in sorted(path.rglob("*")) if _is_input(one, path)]
            found = [one for one in inside if not written & {one.resolve(), *one.resolve().parents}]
        if not found:
            raise InputError(path, f"the folder holds no file that fenban reads ({', '.join(sorted(READERS))})")
        files += found
    return files


def _is_input(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    return not hidden and path.is_file() and path.suffix.lower() in READERS


def read_files(stages: Stages, files: Sequence[Path], older: int = 0) -> tuple[Petitions, Stages]:
    """The petitions of the files, of which the first `older` are an older ledger; a task reads a file."""
    listed = [(path.absolute(), number) for path, number in numbered(files, Counter())]

    def build() -> DataFrame:
        tasks = stages.spark.range(0, len(listed), 1, len(listed))
        return tasks.mapInPandas(guarded(_read, files=listed), SCHEMA)

    table, following = stages.stage("petitions", build, SHARD, files=[str(path) for path in files])
    return _petitions(table, files, older), following


def from_frame(stages: Stages, frame: DataFrame) -> tuple[Petitions, Stages]:
    """The petitions of a DataFrame with the columns that `petitions_of` knows, in the order of its partitions.

    Raises:
        ValueError: it has no text column.
    """
    columns = map_headers(frame.columns)
    known = columns.values()
    if "text" not in known:
        raise ValueError(f"no text column among the {len(frame.columns)} columns; name one of them text or 内容")
    # The rest stays behind: a day such as 9999-12-31 in a column that nobody asked for cannot be sent to a worker.
    named = frame.select(*(frame[f"`{frame.columns[number].replace('`', '``')}`"] for number in columns))
    table, following = stages.stage("petitions", lambda: named.mapInPandas(guarded(_taken), SCHEMA), SHARD)
    petitions = _petitions(table, (), 0)
    if "id" in known:
        return petitions, following
    by_row = petitions.table.withColumn("id", petitions.table["row"].cast("string"))
    return replace(petitions, table=by_row), following


def petitions_in(batch: Mapping[str, Iterable[str]] | Frame) -> list[Petition]:
    """The petitions of a batch that has COLUMNS."""
    return [
        Petition(**dict(zip(FIELDS, row[:-1], strict=True)), extra=json.loads(row[-1]))
        for row in zip(*(batch[name] for name in COLUMNS), strict=True)
    ]


def _petitions(table: DataFrame, files: Sequence[Path], older: int) -> Petitions:
    from pyspark.sql import functions as sql

    good, bad = table.where("problem = ''"), table.where("problem != ''")
    counts = {one["file"]: one["count"] for one in good.groupBy("file").count().collect()}
    ends = dict(zip(sorted(counts), accumulate(counts[number] for number in sorted(counts)), strict=True))
    starts = [(number, end - counts[number]) for number, end in ends.items()]
    offsets = table.sparkSession.createDataFrame(starts, "file int, start long")
    row = (sql.col("start") + sql.col("place")).alias("row")
    told = sorted((one["file"], one["place"], one["kept"], one["problem"]) for one in bad.collect())
    return Petitions(
        good.join(sql.broadcast(offsets), "file").select(row, *COLUMNS),
        sum(counts.values()),
        sum(count for number, count in counts.items() if number < older),
        [(kept, f"{files[number]}: {problem}") for number, _, kept, problem in told],
    )


def _read(frames: Iterator[Frame], files: Sequence[tuple[Path, int]]) -> Iterator[Frame]:
    for frame in frames:
        for number in frame["id"]:
            yield from _batches(int(number), _items(*files[number]))


def _items(path: Path, number: int) -> Iterator[Petition | RowProblem]:
    try:
        yield from read_numbered(path, number)
    except FenbanError as error:
        yield RowProblem(path, 0, str(error).removeprefix(f"{path}: "), kept=True)


def _taken(frames: Iterator[Frame]) -> Iterator[Frame]:
    from pyspark import TaskContext

    context = TaskContext.get()
    part = 0 if context is None else context.partitionId()
    yield from _batches(part, (one for frame in frames for one in petitions_of(frame)))


def _batches(file: int, items: Iterator[Petition | RowProblem]) -> Iterator[Frame]:
    import pandas as pd

    places = Counter[bool]()
    while batch := list(islice(items, BATCH)):
        yield pd.DataFrame([_row(file, places, item) for item in batch])


def _row(file: int, places: Counter[bool], item: Petition | RowProblem) -> dict[str, Any]:
    is_problem = isinstance(item, RowProblem)
    row: dict[str, Any] = {"file": file, "place": places[is_problem], "problem": "", "kept": True}
    places[is_problem] += 1
    if isinstance(item, RowProblem):
        reason = f"{place_of(item.row, item.sheet)}: {item.reason}" if item.row else item.reason
        return row | {"problem": reason, "kept": item.kept} | dict.fromkeys(COLUMNS, "")
    return row | {name: getattr(item, name) for name in FIELDS} | {"extra": as_json(item.extra)}
