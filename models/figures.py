"""Drawings for cards and pages: made by matplotlib, written as SVG that is the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus.errors import MissingExtraError


def blank_figure(width: float, height: float) -> Any:
    """A matplotlib figure of this size in inches.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("drawing", "train") from error
    return Figure(figsize=(width, height), layout="constrained")


def write_svg(figure: Any, path: Path) -> None:
    """Writes the figure without the day on which it was drawn."""
    figure.savefig(path, format="svg", metadata={"Date": None})
