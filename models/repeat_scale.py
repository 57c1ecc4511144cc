"""How time and memory of grouping and of a query grow with the number of petitions."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from corpus.errors import MissingExtraError
from models.comparable import Comparables
from models.repeat_index import RepeatIndex
from models.repeats import RepeatFinder
from models.varied import varied_letters

QUERIES = 300


def scale_figures(sizes: Sequence[int]) -> Iterator[tuple[int, dict[str, float]]]:
    """Of varied letters, for every size: seconds of each step, milliseconds of a query, peak memory in GB.

    The peak is that of the process so far, so sizes should ascend.
    """
    for size in sizes:
        finder = RepeatFinder.load()
        figures: dict[str, float] = {}
        start = time.perf_counter()
        table = Comparables.joined(list(finder.tables(varied_letters(size))))
        figures["read and compare by (s)"] = time.perf_counter() - start
        start = time.perf_counter()
        found = finder.find_in(table)
        figures["find and score pairs (s)"] = time.perf_counter() - start
        start = time.perf_counter()
        found.labels()
        figures["group (s)"] = time.perf_counter() - start
        figures["in all (s)"] = sum(figures.values())
        figures["peak memory (GB)"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        del found
        figures |= _query_figures(finder, table)
        yield size, figures


def _query_figures(finder: RepeatFinder, table: Comparables) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        index = RepeatIndex(Path(folder) / "index.db")
        start = time.perf_counter()
        index.add_table(table)
        built = time.perf_counter() - start
        asked = list(varied_letters(QUERIES, seed=1))
        took = []
        for petition in asked:
            start = time.perf_counter()
            index.query(petition)
            took.append(time.perf_counter() - start)
        index.close()
    half, most = np.percentile(np.array(took[QUERIES // 10 :]) * 1e3, [50, 99])
    return {"build the index (s)": built, "query, median (ms)": float(half), "query, 99th percentile (ms)": float(most)}


def plot_scale(figures: dict[int, dict[str, float]], path: Path) -> None:
    """Draws the growth as an SVG.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing the growth", "train") from error
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    groups = (("in all (s)",), ("peak memory (GB)",), ("query, median (ms)", "query, 99th percentile (ms)"))
    for axes, names in zip(figure.subplots(1, 3), groups, strict=True):
        for name in names:
            axes.plot(list(figures), [one[name] for one in figures.values()], marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="petitions")
        axes.legend(fontsize="small")
        axes.grid(color="0.9")
    figure.savefig(path, format="svg", metadata={"Date": None})
