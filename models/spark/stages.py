"""The stages of a run as parquet in a work folder: one that is finished and asks for the same is not done again."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

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
MARKER = "fenban-work"
"""Lies in every work folder: Spark empties the folder of a stage, so one that holds other things is never taken."""
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
        if not (done.exists() and done.read_text("utf-8") == json.dumps(fingerprint)):
            done.unlink(missing_ok=True)
            build().write.mode("overwrite").option("maxRecordsPerFile", shard).parquet(address(table))
            done.write_text(json.dumps(fingerprint), "utf-8")
        return self._frame(table), Stages(self.spark, self.folder, fingerprint)

    def read(self, name: str) -> pa.Table:
        """The whole table of a finished stage, in memory here."""
        return pq.read_table(self.folder / name)

    def table(self, name: str, columns: Mapping[str, Any]) -> DataFrame:
        """A table of numbers that were computed here, as a file of the work folder."""
        path = self.folder / f"{name}.parquet"
        pq.write_table(pa.table(dict(columns)), path)
        return self._frame(path)

    def _frame(self, path: Path) -> DataFrame:
        # A folder may be called 信访[2024]: its name is no pattern.
        return self.spark.read.option("__globPaths__", "false").parquet(address(path))


@contextmanager
def work_folder(given: Path | None, beside: Path) -> Iterator[Path]:
    """The folder of a run, closed to others: the given one, which stays, or a new one beside `beside`, then removed.

    Raises:
        InputError: it cannot be made, holds other things than an earlier run, or another run works in it.
    """
    try:
        folder = given or Path(tempfile.mkdtemp(prefix=f".{beside.name}.", dir=beside.absolute().parent))
        marker = _claimed(folder)
    except BlockingIOError as error:
        raise InputError(folder, "another run works in this folder") from error
    except OSError as error:
        raise InputError(given or beside, f"no work folder can be made ({error.strerror})") from error
    try:
        with marker:
            # Without `..`, as Spark takes it; links stay, since other machines may know the folder by them alone.
            yield Path(os.path.normpath(folder.absolute()))
    finally:
        if given is None:
            shutil.rmtree(folder, ignore_errors=True)


def _claimed(folder: Path) -> IO[str]:
    """The open file by which the folder is this run's alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    marker = folder / MARKER
    if not marker.exists() and any(folder.iterdir()):
        raise InputError(folder, "holds other things than an earlier run; name a new or an empty folder")
    folder.chmod(0o700)
    file = marker.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


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


def address(path: Path) -> str:
    """The path as Spark takes it: unlike in a URI nothing is escaped, so that 信访 is the same folder for both."""
    return f"file://{path}"


def _stat(path: Path) -> Any:
    try:
        return path.stat()
    except OSError:
        return None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
