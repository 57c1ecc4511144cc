"""The stages of a run as parquet in a work folder: one that is finished and asks for the same is not done again."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import InputError
from corpus.paths import DATA
from corpus.units import load_units
from models.spark.worker import Settings
from models.store import SHIPPED, file_hash, open_version

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FORMAT = 1
"""Raised when a stage's columns or rules change, so that no older work folder is taken up."""
RULES = ("data/*.yaml", "data/*.txt", "data/*.csv", "**/*.py")
"""What else decides a result, in the packages below this one."""


@dataclass(frozen=True)
class Stages:
    """A chain of stages. `fingerprint` is that of the last one's inputs and of everything before it."""

    spark: SparkSession
    folder: Path
    fingerprint: str

    def stage(
        self, name: str, build: Callable[[], DataFrame], shard: int = 0, **parameters: Any
    ) -> tuple[DataFrame, Stages]:
        """The table that `build` gives, written once, and the chain that goes on from it.

        Args:
            name: of its folder.
            build: makes the table; not called where the stage is finished.
            shard: rows in one file at most; 0: as many as a task gives.
            parameters: what it depends on beside the stages before, as plain values.
        """
        fingerprint = _digest([self.fingerprint, name, parameters])
        table, done = self.folder / name, self.folder / f"{name}.json"
        if not (done.exists() and json.loads(done.read_text("utf-8")) == fingerprint):
            done.unlink(missing_ok=True)
            build().write.mode("overwrite").option("maxRecordsPerFile", shard).parquet(_address(table))
            done.write_text(json.dumps(fingerprint), "utf-8")
        return self.spark.read.parquet(_address(table)), Stages(self.spark, self.folder, fingerprint)

    def read(self, name: str) -> pa.Table:
        """The whole table of a finished stage, in memory here."""
        return pq.read_table(self.folder / name)

    def table(self, name: str, columns: Mapping[str, Any]) -> DataFrame:
        """A table of numbers that were computed here, as a file of the work folder."""
        path = self.folder / f"{name}.parquet"
        pq.write_table(pa.table(dict(columns)), path)
        return self.spark.read.parquet(_address(path))


@contextmanager
def work_folder(given: Path | None, beside: Path) -> Iterator[Path]:
    """The folder of a run, closed to others: the given one, which stays, or a new one beside `beside`, then removed.

    Raises:
        InputError: it cannot be made.
    """
    try:
        if given is not None:
            given.mkdir(mode=0o700, exist_ok=True)
            given.chmod(0o700)
            folder = given.absolute()
        else:
            folder = Path(tempfile.mkdtemp(prefix=f".{beside.name}.", dir=beside.absolute().parent))
    except OSError as error:
        raise InputError(given or beside, f"no work folder can be made ({error.strerror})") from error
    try:
        yield folder
    finally:
        if given is None:
            shutil.rmtree(folder, ignore_errors=True)


def settings_of(models: Path | None, county: Path | None) -> Settings:
    """What workers load, with a version that changes when models, units, word lists or code change.

    Raises:
        ModelError: the folder is no version folder.
        DataFileError: the units have faults.
    """
    if models is not None:
        open_version(models)
    if county is not None:
        load_units(county)
    folders = [path.absolute() for path in (models, SHIPPED) if path is not None]
    files = [path / "manifest.json" for path in folders if (path / "manifest.json").exists()]
    packages = [DATA.parent.with_name(name) for name in ("corpus", "nlp", "models")]
    files += sorted(path for package in packages for pattern in RULES for path in package.glob(pattern))
    if county is not None:
        files.append(county)
    version = _digest([FORMAT, *(file_hash(path) for path in files)])
    return Settings(models and models.absolute(), county and county.absolute(), version)


def files_fingerprint(files: Sequence[Path], settings: Settings) -> str:
    """Of the inputs as they lie there, and of what reads them."""
    stats = [(str(path), stat.st_size, stat.st_mtime_ns) for path in files if (stat := _stat(path))]
    return _digest([settings.version, stats])


def rows_in_order(table: DataFrame) -> Iterator[Any]:
    """What stands as JSON in `value`, in the order of `row`; a part of it is in memory at a time."""
    for one in table.orderBy("row").select("value").toLocalIterator(prefetchPartitions=True):
        yield json.loads(one["value"])


def _stat(path: Path) -> Any:
    try:
        return path.stat()
    except OSError:
        return None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()


def _address(path: Path) -> str:
    return path.as_uri()
