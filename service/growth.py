"""How time and memory of whole commands grow with the number of petitions, on this machine's processes and on Spark."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from corpus.errors import FenbanError
from models.figures import blank_figure, write_svg

FILES = 20
"""Inputs come in so many files, as from the counties of a province."""
FIELDS = ("id", "received", "channel", "petitioner", "phone", "title", "text")
SAMPLED = 0.5
ONE = "one process"
ENGINES = (ONE, "all cores", "local[1]", "local[2]")
"""The machine's own processes, one of them held to one core, and masters of Spark."""
COMMANDS = ("tag", "repeats")
DRAWN = ("tag (s)", "repeats (s)", "tag, peak memory (GB)", "repeats, peak memory (GB)")
SHARES = (50, 90, 99, 100)
OF_A_PETITION = "candidates of a petition, "
CANDIDATES = tuple(f"{OF_A_PETITION}{share} %" for share in SHARES)
Figures = dict[str, float]


def growth_figures(
    sizes: Sequence[int], engines: Sequence[str] = ENGINES, commands: Sequence[str] = COMMANDS
) -> Iterator[tuple[int, str, Figures]]:
    """Of varied letters, for every size and engine: seconds and gigabytes of the commands, start included.

    Memory is the peak of all processes of the command together, pages that they share counted once. Spark's masters
    give the seconds of every stage and the candidates of a petition (percentiles) as well.

    Raises:
        FenbanError: a command failed.
    """
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="fenban-growth-", dir=Path.cwd()) as folder:
            inputs = _letters(size, Path(folder))
            for engine in engines:
                figures: Figures = {}
                for command in commands:
                    with tempfile.TemporaryDirectory(dir=folder) as own:
                        figures |= _command_figures(command, engine, inputs, Path(own))
                yield size, engine, figures


def _command_figures(command: str, engine: str, inputs: Sequence[Path], folder: Path) -> Figures:
    words = [command, *map(str, inputs), "--out"]
    if not engine.startswith("local"):
        return _measured([*words, str(folder / "out.jsonl")], one_core=engine == ONE)
    work = folder / "work"
    # Spark's tags go into a folder, as they do where one file would be the slowest part.
    out = folder / ("out" if command == "tag" else "out.jsonl")
    spark = ["--engine", "spark", "--master", engine, "--work", str(work)]
    return _measured([*words, str(out), *spark], one_core=False) | _stages(command, work)


def _letters(size: int, folder: Path) -> list[Path]:
    from corpus.writers import write_rows
    from models.varied import varied_letters

    letters = varied_letters(size)
    paths = [folder / f"letters-{number:02d}.jsonl" for number in range(FILES)]
    for number, path in enumerate(paths):
        count = size * (number + 1) // FILES - size * number // FILES
        write_rows(path, ({name: getattr(one, name) for name in FIELDS} for one in islice(letters, count)))
    return paths


def _measured(words: list[str], one_core: bool) -> Figures:
    command, start = words[0], time.perf_counter()
    before = os.sched_getaffinity(0)
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", *words],
        stderr=subprocess.PIPE,
        preexec_fn=(lambda: os.sched_setaffinity(0, {min(before)})) if one_core else None,
    )
    peak = [0.0]
    watch = threading.Thread(target=_watch, args=(process, peak))
    watch.start()
    _, told = process.communicate()
    watch.join()
    if process.returncode:
        raise FenbanError(f"fenban {command} failed: {told.decode('utf-8', 'replace').strip()[-500:]}")
    return {f"{command} (s)": time.perf_counter() - start, f"{command}, peak memory (GB)": peak[0]}


def _watch(process: subprocess.Popen[bytes], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(_gigabytes, _family(process.pid))))
        time.sleep(SAMPLED)


def _family(root: int) -> list[int]:
    """The process and all that came from it."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [root]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _gigabytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e6


def _stages(command: str, work: Path) -> Figures:
    """Seconds between the ends of the stages, and how many candidates a petition has."""
    import numpy as np
    import pyarrow.parquet as pq

    ends = sorted((path.stat().st_mtime, path.stem) for path in work.glob("*.json"))
    figures = {f"{command}: {name} (s)": end - before for (before, _), (end, name) in pairwise(ends)}
    if not (work / "candidates").exists():
        return figures
    table = pq.read_table(work / "candidates")
    rows = np.concatenate([table.column(name).to_numpy() for name in ("low", "high")])
    counts = np.bincount(rows, minlength=1)
    shares = np.percentile(counts, SHARES)
    named = dict(zip(CANDIDATES, map(float, shares), strict=True))
    return figures | named | {f"{OF_A_PETITION}mean": float(counts.mean())}


def plot_growth(figures: Sequence[tuple[int, str, Figures]], path: Path) -> None:
    """Draws time and memory of both commands against the number of petitions, and the candidates, as an SVG.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    measured = {name for _, _, one in figures for name in one}
    names = [name for name in DRAWN if name in measured]
    shares = [name for name in CANDIDATES if name in measured]
    figure = blank_figure(3 * (len(names) + bool(shares)), 3.4)
    panels = list(figure.subplots(1, len(names) + bool(shares), squeeze=False)[0])
    for axes, name in zip(panels, names, strict=False):
        for engine in dict.fromkeys(engine for _, engine, one in figures if name in one):
            points = [(size, one[name]) for size, other, one in figures if other == engine and name in one]
            axes.plot(*zip(*points, strict=True), marker="o", label=engine)
        axes.set(xscale="log", yscale="log", xlabel="petitions", title=name)
    for name in shares:
        points = sorted({(size, one[name]) for size, _, one in figures if name in one})
        panels[-1].plot(*zip(*points, strict=True), marker="o", label=name.removeprefix(OF_A_PETITION))
        panels[-1].set(xscale="log", xlabel="petitions", title=OF_A_PETITION.rstrip(", "))
    for axes in panels:
        axes.legend(fontsize="small")
        axes.grid(color="0.9")
    write_svg(figure, path)


def figures_for_json(figures: Sequence[tuple[int, str, Figures]]) -> list[dict[str, Any]]:
    """One object a size and engine."""
    return [{"petitions": size, "engine": engine} | one for size, engine, one in figures]
