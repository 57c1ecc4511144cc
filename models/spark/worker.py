"""What Spark's worker processes share: models loaded once a process, and errors that hold nothing of a petition."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from corpus.errors import FenbanError, kind_and_place
from models.comparer import Comparer
from models.suggester import Suggester

In = TypeVar("In")
Out = TypeVar("Out")

MARK = "fenban-worker: "
"""What stands before the message, as JSON, with which a worker's error reaches the one who asked."""


class WorkerError(Exception):
    """An error as it leaves a worker: Spark copies its text into logs and to the driver."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{MARK}{json.dumps(message)}")


@dataclass(frozen=True)
class Settings:
    """What a worker loads; `version` tells one content of the same folders from another."""

    models: Path | None
    county: Path | None
    version: str


def guarded(work: Callable[..., Iterator[Out]], **arguments: Any) -> Callable[[Iterator[In]], Iterator[Out]]:
    """The function for Spark: `work(batches, **arguments)`, whose errors name a place in the code and no content."""

    def run(batches: Iterator[In]) -> Iterator[Out]:
        try:
            yield from work(batches, **arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, its message may quote a petition
            raise safe_error(error) from None

    return run


def guarded_groups(work: Callable[..., Out], **arguments: Any) -> Callable[[In, In], Out]:
    """As `guarded`, of a function of two tables of one group."""

    def run(left: In, right: In) -> Out:
        try:
            return work(left, right, **arguments)
        except Exception as error:  # noqa: BLE001 - as above
            raise safe_error(error) from None

    return run


def safe_error(error: Exception) -> WorkerError:
    """Our own messages as they are; of others only the kind and the line of code."""
    if isinstance(error, FenbanError):
        return WorkerError(str(error))
    return WorkerError(f"a worker of Spark failed ({kind_and_place(error)}); please report this")


@lru_cache(maxsize=1)
def suggester(settings: Settings) -> Suggester:
    """The process's Suggester."""
    return Suggester.load(settings.models, settings.county)


@lru_cache(maxsize=1)
def comparer(settings: Settings, salt: bytes) -> Comparer:
    """The process's Comparer."""
    return Comparer.load(salt, settings.models, settings.county)
