"""Processes of Spark that are killed in the middle of a run change nothing of its result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyspark
import pytest

from corpus.writers import write_rows
from corpus.written import written_petitions, written_repeats
from models.spark.session import LOG

pytestmark = pytest.mark.long
Run = Callable[..., tuple[int, str, str]]
MASTER = "local-cluster[2,1,1024]"
ROOT = Path(__file__).parent.parent
FIELDS = ("id", "received", "channel", "petitioner", "phone", "title", "text")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "letters.jsonl"
    rows = [row.petition for row in (*written_repeats("train"), *written_petitions("train"))]
    write_rows(path, ({name: getattr(one, name) for name in FIELDS} for one in rows))
    return path


def spark_home(folder: Path) -> Path:
    """Spark as the wheel has it, in a folder where executors may keep their logs."""
    folder.mkdir()
    for path in Path(pyspark.__path__[0]).iterdir():
        (folder / path.name).symlink_to(path)
    return folder


def workers(program: str, root: int) -> list[int]:
    """Processes below the root with the word in their command line, children before their parents."""
    found: dict[int, tuple[int, str]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int(path.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            found[int(path.name)] = (parent, path.joinpath("cmdline").read_bytes().decode("utf-8", "replace"))

    def below(one: int) -> bool:
        while one in found:
            one = found[one][0]
            if one == root:
                return True
        return False

    return sorted((one for one, (_, line) in found.items() if program in line and below(one)), reverse=True)


def test_a_killed_worker_changes_nothing(fenban: Run, launch: Callable[..., Any], source: Path, tmp_path: Path) -> None:
    outs, work = [tmp_path / "killed.jsonl", tmp_path / "local.jsonl"], tmp_path / "work"
    words = ("repeats", source, "--out", outs[0], "--engine", "spark", "--master", "local[2]", "--work", work)
    running = launch(*words)
    while running.process.poll() is None and not (work / "petitions.json").exists():
        time.sleep(0.05)
    # Until one dies over a task; the oldest of them is the daemon that forks the others.
    while running.process.poll() is None and "Lost task" not in (work / LOG).read_text("utf-8"):
        time.sleep(0.3)
        for one in workers("pyspark.daemon", running.process.pid)[:-1]:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
    assert running.process.wait(300) == 0, running.log.read_text("utf-8")
    assert "Lost task" in (work / LOG).read_text("utf-8")
    assert fenban("repeats", source, "--out", outs[1])[0] == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


@pytest.mark.parametrize("command", ["tag", "repeats"])
def test_two_executors_of_which_one_is_killed(fenban: Run, source: Path, tmp_path: Path, command: str) -> None:
    """A cluster of processes: a master and two executors of one core."""
    outs, work = [tmp_path / "local.jsonl", tmp_path / "cluster.jsonl"], tmp_path / "work"
    assert fenban(command, source, "--out", outs[0])[0] == 0
    words = [command, source, "--out", outs[1], "--engine", "spark", "--master", MASTER, "--work", work]
    own = {"PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1", "OMP_NUM_THREADS": "1"}
    own["SPARK_HOME"] = str(spark_home(tmp_path / "home"))
    process = subprocess.Popen([sys.executable, "-m", "service.cli", *map(str, words)], env=os.environ | own)
    while process.poll() is None and not (work / "petitions.json").exists():
        time.sleep(0.05)
    executors = workers("CoarseGrainedExecutorBackend", process.pid)
    assert len(executors) == 2
    time.sleep(1)
    os.kill(executors[0], signal.SIGKILL)
    assert process.wait(300) == 0
    assert "Lost executor" in (work / LOG).read_text("utf-8")
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_a_stopped_run_leaves_no_letters_behind(source: Path, launch: Callable[..., Any]) -> None:
    words = ("repeats", source, "--out", source.with_name("out.jsonl"), "--engine", "spark", "--master", "local[2]")
    running = launch(*words)
    while not list(source.parent.glob(".out.jsonl.*/petitions.json")):
        assert running.process.poll() is None, running.log.read_text("utf-8")
        time.sleep(0.05)
    assert running.stop(signal.SIGTERM) == 128 + signal.SIGTERM
    assert not list(source.parent.glob(".out*"))
