"""What fenban evaluate looks at before hours of work."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from corpus.errors import InputError, MissingExtraError


def check_json(path: Path | None) -> None:
    """Tells before the work that its figures could not be written."""
    if path is not None and not path.parent.is_dir():
        raise InputError(path, f"the folder {path.parent} does not exist")


def check_plot(path: Path | None) -> None:
    """Tells before hours of work that its figures could not be drawn."""
    if path is not None:
        from models.figures import blank_figure

        check_json(path)
        blank_figure(1, 1)


def check_engines(engines: Sequence[str]) -> None:
    """Tells before the work that Spark is to be measured and is not there."""
    if any(engine.startswith("local[") for engine in engines) and find_spec("pyspark") is None:
        raise MissingExtraError("the engine spark", "spark")
