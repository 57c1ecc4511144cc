"""Suggestions on Spark: for files of petitions, and for the DataFrames of a notebook or a pipeline."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpus.errors import InputError
from corpus.writers import as_json
from models.frames import NESTED, flat, free_names
from models.spark.petitions import Petitions, petitions_in, read_files
from models.spark.stages import Stages, address, settings_of
from models.spark.worker import Settings, guarded, suggester
from models.suggestions import Suggestion
from models.tagging import json_row, table_row

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def tag_files(
    stages: Stages, files: Sequence[Path], settings: Settings, *, table: bool = False
) -> tuple[Petitions, DataFrame]:
    """The petitions of the files, and `row`, `value` of each: what it becomes in the output, as JSON.

    Args:
        stages: that the run begins with.
        files: read as `fenban tag` reads them.
        settings: the models and units.
        table: flat columns instead of the contract's object.
    """
    petitions, stages = read_files(stages, files)
    work = guarded(_rows, settings=settings, table=table)
    tagged, _ = stages.stage("tagged", lambda: petitions.table.mapInPandas(work, "row long, value string"), table=table)
    return petitions, tagged


def tag_frame(
    frame: DataFrame, *, models: Path | None = None, county: Path | None = None, lists: bool = True
) -> DataFrame:
    """A Spark DataFrame in, the DataFrame with the suggestions' columns out, as `Suggester.tag` gives them.

    Lists with their evidence are JSON text. fenban and the folders named here must lie on every worker at the same
    place. What a worker cannot do is raised where the result is used; `session.errors_told` makes it one of our errors.

    Args:
        frame: with a text column, English or Chinese headers.
        models: a version folder.
        county: csv of the office's units.
        lists: False leaves the lists out and keeps the best label and unit of each.
    """
    from pyspark.sql.types import BooleanType, DoubleType, StringType, StructField, StructType

    empty = flat(Suggestion(id="", version="").to_dict())
    names = [name for name in empty if name != "id" and (lists or name not in NESTED)]
    renamed = free_names(frame.columns, names)
    types = {"score": DoubleType(), "accepted": BooleanType(), "flag": BooleanType()}
    added = [
        StructField(renamed.get(name, name), types.get(name.rsplit("_", 1)[-1], StringType()), True) for name in names
    ]
    nested = [renamed.get(name, name) for name in names if name in NESTED]
    work = guarded(_columns, settings=settings_of(models, county), nested=nested)
    return frame.mapInPandas(work, StructType([*frame.schema.fields, *added]))


def write_parts(table: DataFrame, folder: Path) -> None:
    """Writes `value` into a new folder of jsonl files, in no order; the folder appears when it is whole.

    Raises:
        InputError: there is such a folder already.
    """
    part = folder.absolute().with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        table.select("value").write.text(address(part))
        for other in [path for path in part.iterdir() if not path.name.startswith("part-")]:
            other.unlink()
        for number, path in enumerate(sorted(part.iterdir())):
            path.rename(part / f"part-{number:05d}.jsonl")
        part.rename(folder)
    except OSError as error:
        raise InputError(folder, f"cannot be written ({error.strerror}); name a new folder") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _rows(frames: Iterator[pd.DataFrame], settings: Settings, table: bool) -> Iterator[pd.DataFrame]:
    form = table_row if table else json_row
    for frame in frames:
        petitions = petitions_in(frame)
        suggested = (one.to_dict() for one in suggester(settings).suggest_all(petitions))
        values = [as_json(form(tagged)) for tagged in zip(petitions, suggested, strict=True)]
        yield pd.DataFrame({"row": frame["row"], "value": values})


def _columns(frames: Iterator[pd.DataFrame], settings: Settings, nested: Sequence[str]) -> Iterator[pd.DataFrame]:
    for frame in frames:
        tagged: Any = suggester(settings).tag(frame, lists=bool(nested))
        for name in nested:
            tagged[name] = [as_json(value) for value in tagged[name]]
        yield tagged
