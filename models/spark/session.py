"""A Spark session that reaches nothing outside this machine, and Spark's failures told as errors of ours."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import FenbanError, MissingExtraError
from models.spark.worker import MARK

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = "local[*]"
LOG = "spark.log"
ATTEMPTS = 4
"""A task is tried so often before the run is given up, on one machine as on a cluster."""
DRIVER_MEMORY = "4g"
BATCH = 2_000
"""Petitions that travel to a worker at once."""
NO_JAVA = (
    "the engine spark needs Java 17 or newer, which is not on this machine. "
    "Run: apt-get install openjdk-17-jre-headless (or set JAVA_HOME)"
)
TASK_BYTES = 16 << 20
"""A task reads so much of the work folder: some 20,000 letters, half a minute of a worker's time."""
_LOCAL = re.compile(r"local(?:\[(\d+|\*)(?:, *\d+)?\])?")


@contextmanager
def spark_session(work: Path, master: str = MASTER) -> Iterator[SparkSession]:
    """A session whose files and log lie in the folder `work`; one that runs already in this process is used and left.

    Args:
        work: an existing folder that nobody else may read.
        master: `local[N]` (N processes of this machine) or the address of a cluster; a cluster's own configuration
            (SPARK_CONF_DIR) says the rest.

    Raises:
        MissingExtraError: pyspark is not installed.
        FenbanError: Java is missing or Spark does not start; and whatever fails while Spark works inside the context.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtraError("the engine spark", "spark") from error
    running = SparkSession.getActiveSession()
    if running is not None:
        with errors_told(None):
            yield running
        return
    session = _started(work, master)
    try:
        with errors_told(work / LOG):
            yield session
    finally:
        # Where Java has died there is nothing left to stop, and what went before is told already.
        with suppress(Py4JError, OSError):
            session.stop()


def _started(work: Path, master: str) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("fenban").master(master)
    for name, value in _configuration(work, master).items():
        builder = builder.config(name, value)
    try:
        # The Java process keeps the standard error that it is born with, all its life.
        with _standard_error_into(work / LOG):
            session = builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        log = _last_words(work / LOG)
        if ("java" in log.lower() and "not found" in log) or "JAVA_HOME is not set" in log:
            raise FenbanError(NO_JAVA) from error
        raise FenbanError(f"Spark does not start with the master {master}: {log or type(error).__name__}") from error
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH)
    session.conf.set("spark.sql.files.maxPartitionBytes", TASK_BYTES)
    if session.sparkContext.pythonExec == "python3":
        # Nobody has named an interpreter (PYSPARK_PYTHON): the one that runs here has fenban installed.
        session.sparkContext.pythonExec = sys.executable
    return session


def _configuration(work: Path, master: str) -> dict[str, str]:
    common = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(work / "warehouse"),
    }
    local = _LOCAL.fullmatch(master)
    if local is None:
        return common
    return common | {
        "spark.master": f"local[{local[1] or 1},{ATTEMPTS}]",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": DRIVER_MEMORY,
        "spark.authenticate": "true",
        "spark.local.dir": str(work / "shuffle"),
    }


@contextmanager
def errors_told(log: Path | None) -> Iterator[None]:
    """Turns what Spark raises into one of our errors without anything of a petition in it."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise _told(error, log) from None


def _told(error: Exception, log: Path | None) -> FenbanError:
    text = str(error)
    _, mark, rest = text.partition(MARK)
    if mark:
        with suppress(ValueError):
            return FenbanError(json.JSONDecoder().raw_decode(rest)[0])
    where = "" if log is None else f"; its log is {log} (with --work it stays)"
    if any(sign in text for sign in ("exited unexpectedly", "ExecutorLostFailure", "OutOfMemory")):
        return FenbanError(
            f"Spark's worker processes died {ATTEMPTS} times (out of memory?); give them more of it, "
            f"or take fewer at once (--master local[1]){where}"
        )
    condition = getattr(error, "getCondition", lambda: None)() or type(error).__name__
    return FenbanError(f"Spark could not finish ({condition}){where}")


@contextmanager
def _standard_error_into(path: Path) -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.dup2(file, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(file)


def _last_words(log: Path) -> str:
    """The last line of the log that is no frame of a stack."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return next((line for line in reversed(lines) if line.strip() and not line[0].isspace()), "")
