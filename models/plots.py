"""Reliability diagram and coverage–precision curve of a classifier, as an SVG beside its card."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.calibration import BINS
from models.evaluate import Answers
from models.figures import blank_figure, write_svg


def plot_answers(answers: dict[str, Answers], path: Path) -> None:
    """Draws both curves for every named test set.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure = blank_figure(9, 4)
    reliability, coverage = figure.subplots(1, 2)
    reliability.plot([0, 1], [0, 1], color="0.7", linestyle="--", linewidth=1)
    for name, one in answers.items():
        bins = np.minimum((one.probability * BINS).astype(int), BINS - 1)
        used = [number for number in range(BINS) if (bins == number).sum() >= 5]
        shown = [float(one.probability[bins == number].mean()) for number in used]
        right = [float(one.right[bins == number].mean()) for number in used]
        reliability.plot(shown, right, marker="o", label=f"{name} ({len(one.right)})")
        order = np.argsort(-one.probability, kind="stable")
        counts = np.arange(1, len(order) + 1)
        coverage.plot(counts / len(order), np.cumsum(one.right[order]) / counts, label=name)
    reliability.set(xlabel="probability shown", ylabel="share right", title="Reliability (tenths with 5 texts or more)")
    coverage.set(xlabel="share of texts answered", ylabel="precision", title="Coverage and precision", ylim=(0.5, 1.01))
    reliability.legend(loc="upper left", fontsize="small")
    for axes in (reliability, coverage):
        axes.grid(color="0.9")
    write_svg(figure, path)
