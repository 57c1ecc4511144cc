"""A hundred thousand petitions from a notebook beside `fenban tag`: the rate, and what the table costs in memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from corpus.records import Petition
from corpus.writers import write_rows

pytestmark = pytest.mark.benchmark
COUNT = 100_000
ROUND, ROUNDS = 10_000, 3
JOBS = 2
LEAST_RATE = 0.8
MOST_BYTES_A_ROW = 2_000
"""Columns of the source and flat columns of the suggestions; the whole lists would take about ten times that."""
FIRST = """
import resource, time
from models.frames import read_frame
from models.suggester import Suggester
def used():
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
suggester = Suggester.load()
frame = read_frame({path!r})
"""
TAG = """
start, cpu = time.perf_counter(), used()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tagged = suggester.tag(frame[:{count}], progress=True, jobs={jobs}, lists=False)
grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak)
print(len(tagged), time.perf_counter() - start, used() - cpu, grown)
"""


def test_a_notebook_is_as_fast_as_the_command(
    letters: list[Petition], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Judged by processor time in turns, since other work on the machine slows whichever runs beside it."""
    for name, count in (("all", COUNT), ("part", ROUND)):
        rows = ({"id": str(n), "title": letters[n % 40].title, "text": letters[n % 40].text} for n in range(count))
        write_rows(tmp_path / f"{name}.jsonl", rows)
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=3_600)
    with client.setup_kernel():
        run(client, FIRST.format(path=str(tmp_path / "all.jsonl")))
        turns = [(command(tmp_path / "part.jsonl"), tagged(client, ROUND)) for _ in range(ROUNDS)]
        count, seconds, _, grown = tagged(client, COUNT)
    wall, cpu = (min(one[0][number] for one in turns) for number in (0, 1))
    notebook_wall, notebook_cpu = (min(one[1][number] for one in turns) for number in (1, 2))
    rates = [f"{ROUND / one:,.0f}" for one in (wall, cpu, notebook_wall, notebook_cpu)]
    with capsys.disabled():
        print(f"\n{ROUND} petitions, {JOBS} processes, best of {ROUNDS} turns: petitions a second (of processor time)")
        print(f"  command {rates[0]} ({rates[1]}), notebook {rates[2]} ({rates[3]})")
        print(f"  {COUNT} from it in {seconds:.0f} s, {grown / 1e6:.0f} MB more: {grown / COUNT:,.0f} bytes each")
    assert count == COUNT
    assert cpu >= LEAST_RATE * notebook_cpu
    assert grown <= MOST_BYTES_A_ROW * COUNT


def command(path: Path) -> tuple[float, float]:
    """Seconds and processor seconds of `fenban tag`."""
    words = [str(path), "--out", str(path.with_name("tagged.jsonl")), "--jobs", str(JOBS)]
    before, start = children(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "service.cli", "tag", *words], check=True, capture_output=True)
    return time.perf_counter() - start, children() - before


def children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def tagged(client: NotebookClient, count: int) -> tuple[int, float, float, int]:
    """Petitions, seconds, processor seconds, and bytes by which the kernel's largest memory grew."""
    output = run(client, TAG.format(count=count, jobs=JOBS))
    (text,) = [one.text for one in output if one.get("name") == "stdout"]
    rows, seconds, cpu, grown = text.split()
    return int(rows), float(seconds), float(cpu), int(grown)


def run(client: NotebookClient, source: str) -> list[Any]:
    """Runs a cell and gives its outputs."""
    cell = nbformat.v4.new_code_cell(source)
    client.nb.cells.append(cell)
    client.execute_cell(cell, len(client.nb.cells) - 1)
    return list(cell.outputs)
