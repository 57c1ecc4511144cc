"""A hundred thousand petitions from a notebook beside `fenban tag`: the rate, and what the table costs in memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from corpus.records import Petition
from corpus.writers import write_rows

pytestmark = pytest.mark.benchmark
COUNT = 100_000
JOBS = 2
LEAST_RATE = 0.8
MOST_BYTES_A_ROW = 2_000
"""Text, columns of the source and flat columns of the suggestions; the whole lists would take about ten times that."""
CELLS = (
    """
import resource, time
from models.frames import read_frame
from models.suggester import Suggester
suggester = Suggester.load()
frame = read_frame(PATH)
suggester.tag(frame[:5_000], jobs=JOBS, lists=False)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
""",
    """
start = time.perf_counter()
tagged = suggester.tag(frame, progress=True, jobs=JOBS, lists=False)
took = time.perf_counter() - start
""",
    "print(len(tagged), took, 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))",
)


def test_a_notebook_is_as_fast_as_the_command(
    letters: list[Petition], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letters.jsonl"
    rows = ({"id": str(n), "title": letters[n % 40].title, "text": letters[n % 40].text} for n in range(COUNT))
    write_rows(path, rows)
    start = time.perf_counter()
    words = [str(path), "--out", str(tmp_path / "tagged.jsonl"), "--jobs", str(JOBS)]
    subprocess.run([sys.executable, "-m", "service.cli", "tag", *words], check=True, capture_output=True)
    command = COUNT / (time.perf_counter() - start)
    first = CELLS[0].replace("PATH", repr(str(path)))
    cells = [nbformat.v4.new_code_cell(cell.replace("JOBS", str(JOBS))) for cell in (first, *CELLS[1:])]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=3_600).execute()
    count, took, memory = notebook.cells[-1].outputs[0].text.split()
    rate = COUNT / float(took)
    with capsys.disabled():
        print(f"\n{COUNT} petitions, {JOBS} processes: command {command:,.0f}/s, notebook {rate:,.0f}/s")
        print(
            f"  memory of the notebook grew by {int(memory) / 1e6:.0f} MB, {int(memory) / COUNT:,.0f} bytes a petition"
        )
    assert int(count) == COUNT
    assert rate >= LEAST_RATE * command
    assert int(memory) <= MOST_BYTES_A_ROW * COUNT
