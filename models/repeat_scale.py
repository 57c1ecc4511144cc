"""How time and memory of grouping and of a query grow with the number of petitions."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from models.comparables import Comparables
from models.figures import blank_figure, write_svg
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
        watch = _Watch()
        table = finder.table(varied_letters(size))
        watch.note("read and compare by")
        found = finder.find_in(table)
        watch.note("find and score pairs")
        found.labels()
        watch.note("group")
        figures = watch.figures
        figures["in all (s)"] = sum(value for name, value in figures.items() if name.endswith("(s)"))
        figures["peak memory (GB)"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        del found
        figures |= _query_figures(finder, table)
        yield size, figures


class _Watch:
    """Seconds, and seconds of processor time with the processes started, of one step after another."""

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}
        self._last = self._now()

    def note(self, step: str) -> None:
        now = self._now()
        passed, used = now[0] - self._last[0], now[1] - self._last[1]
        self.figures |= {f"{step} (s)": passed, f"{step} (processor s)": used}
        self._last = now

    def _now(self) -> tuple[float, float]:
        of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter(), time.process_time() + of_children.ru_utime + of_children.ru_stime


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
    figure = blank_figure(10, 3.4)
    groups = (("in all (s)",), ("peak memory (GB)",), ("query, median (ms)", "query, 99th percentile (ms)"))
    for axes, names in zip(figure.subplots(1, 3), groups, strict=True):
        for name in names:
            axes.plot(list(figures), [one[name] for one in figures.values()], marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="petitions")
        axes.legend(fontsize="small")
        axes.grid(color="0.9")
    write_svg(figure, path)
