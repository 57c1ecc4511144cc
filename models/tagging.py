"""Many petitions through the Suggester, in one process or several; an iterator in, an iterator out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from corpus.errors import FenbanError
from corpus.records import Petition
from corpus.rows import unique_names
from models.cores import usable_cores
from models.frames import SHOWN_FIELDS, flat
from models.suggester import Failed, Suggester

Tagged = tuple[Petition, dict[str, Any]]
Tried = dict[str, Any] | Failed
Source = Path | str | None

SMALL = 2_000
"""Up to this many petitions a second process costs more than it brings."""
CHUNK = 512

_worker: Suggester | None = None


def tag_petitions(
    petitions: Iterable[Petition],
    models: Path | None = None,
    jobs: int | None = None,
    county: Path | None = None,
    failed: Callable[[int, Petition, Failed], None] | None = None,
) -> Iterator[Tagged]:
    """Every petition with the contract's object for it, in order. Memory does not grow with the number of petitions.

    Args:
        petitions: read only as far ahead as the processes need.
        models: a version folder, as for `Suggester.load`.
        jobs: processes; None takes one for up to 2,000 petitions and all cores for more.
        county: the office's units, as for `Suggester.load`.
        failed: is told of a petition at which the program fails, with its number from 0; it is left out.

    Raises:
        ModelError: the models cannot be loaded.
        FenbanError: a process died, or the program fails at a petition and `failed` is not given.
    """
    stream = iter(petitions)
    if jobs is None:
        head = list(islice(stream, SMALL + 1))
        jobs = jobs_for(len(head))
        stream = chain(head, stream)
    return _tagged(Suggester.load(models, county), stream, jobs, failed or _refuse)


def json_row(tagged: Tagged) -> dict[str, Any]:
    """The object of the contract, and the source's unknown columns after it."""
    petition, suggestion = tagged
    return {**suggestion, **_extra(petition, suggestion)}


def table_row(tagged: Tagged) -> dict[str, Any]:
    """The petition (without the petitioner's name and phone), its suggestions in flat columns, the unknown columns."""
    petition, suggestion = tagged
    row = {**{name: getattr(petition, name) for name in SHOWN_FIELDS}, **flat(suggestion)}
    return {**row, **_extra(petition, row)}


def _extra(petition: Petition, taken: Mapping[str, Any]) -> dict[str, Any]:
    """Unknown columns; one named like a field of ours becomes `input_…`, whatever else the table holds."""
    names = unique_names([*taken, *(f"input_{name}" if name in taken else name for name in petition.extra)])
    return dict(zip(names[len(taken) :], petition.extra.values(), strict=True))


def jobs_for(count: int) -> int:
    """How many processes so many petitions are worth."""
    return 1 if count <= SMALL else usable_cores()


def suggestions_of(suggester: Suggester, petitions: Iterable[Petition], jobs: int) -> Iterator[dict[str, Any]]:
    """The contract's object for every petition, in order, as a loaded Suggester gives it.

    Raises:
        FenbanError: a process died, or the program fails at a petition.
    """
    return (suggestion for _, suggestion in _tagged(suggester, iter(petitions), jobs, _refuse))


def _tagged(
    suggester: Suggester, stream: Iterator[Petition], jobs: int, failed: Callable[[int, Petition, Failed], None]
) -> Iterator[Tagged]:
    one = jobs == 1
    tried = _in_this_process(stream, suggester) if one else _in_processes(stream, *suggester.loaded_from, jobs)
    for number, (petition, suggestion) in enumerate(tried):
        if isinstance(suggestion, Failed):
            failed(number, petition, suggestion)
        else:
            yield petition, suggestion


def _refuse(number: int, _petition: Petition, failed: Failed) -> None:
    raise FenbanError(f"petition {number + 1}: {failed}")


def _in_this_process(stream: Iterator[Petition], suggester: Suggester) -> Iterator[tuple[Petition, Tried]]:
    while batch := list(islice(stream, CHUNK)):
        yield from zip(batch, _tried(suggester, batch), strict=True)


def _tried(suggester: Suggester, batch: Sequence[Petition]) -> Iterator[Tried]:
    return (one if isinstance(one, Failed) else one.to_dict() for one in suggester.suggest_each(batch))


def _in_processes(
    stream: Iterator[Petition], models: Source, county: Source, jobs: int
) -> Iterator[tuple[Petition, Tried]]:
    waiting: deque[tuple[list[Petition], Future[list[Tried]]]] = deque()
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_load, initargs=(models, county)) as pool:
        try:
            while True:
                while len(waiting) < 2 * jobs and (batch := list(islice(stream, CHUNK))):
                    waiting.append((batch, pool.submit(_tag, batch)))
                if not waiting:
                    return
                batch, result = waiting.popleft()
                yield from zip(batch, result.result(), strict=True)
        except BrokenProcessPool as error:
            raise FenbanError(
                "a worker process died (out of memory?); try fewer jobs. "
                "A script must start them below: if __name__ == '__main__':"
            ) from error


def _load(models: Source, county: Source) -> None:
    # A worker process has no caller to hold the Suggester for it between chunks.
    global _worker
    _worker = Suggester.load(models, county)


def _tag(batch: list[Petition]) -> list[Tried]:
    if _worker is None:
        raise RuntimeError("the worker process was started without its initializer")
    return list(_tried(_worker, batch))
