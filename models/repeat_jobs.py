"""Tables of many petitions in several processes; an iterator in, an iterator out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

from corpus.errors import FenbanError
from corpus.records import Petition
from models.comparables import Comparables
from models.comparer import Comparer
from models.cores import usable_cores

SMALL = 5_000
"""Up to this many petitions a second process costs more than it brings."""
CHUNK = 512

_worker: Comparer | None = None


def tables(
    petitions: Iterable[Petition], comparer: Comparer, models: Path | None, county: Path | None, jobs: int | None = None
) -> Iterator[Comparables]:
    """The columns of the petitions in order, batch by batch.

    Args:
        petitions: read only as far ahead as the processes need.
        comparer: for few petitions; the processes make theirs with its salt.
        models: a version folder, as for `Comparer.load`.
        county: csv of units, as for `Comparer.load`.
        jobs: processes; None takes one for up to 5,000 petitions and all cores for more.

    Raises:
        FenbanError: a process died.
    """
    stream = iter(petitions)
    if jobs is None:
        head = list(islice(stream, SMALL + 1))
        jobs = 1 if len(head) <= SMALL else usable_cores()
        stream = chain(head, stream)
    if jobs == 1:
        while batch := list(islice(stream, CHUNK)):
            yield comparer.table(batch)
        return
    waiting: deque[Future[Comparables]] = deque()
    arguments = (comparer.salt, models, county)
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_load, initargs=arguments) as pool:
        try:
            while True:
                while len(waiting) < 2 * jobs and (batch := list(islice(stream, CHUNK))):
                    waiting.append(pool.submit(_table, batch))
                if not waiting:
                    return
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise FenbanError("a worker process died (out of memory?); try fewer petitions at once") from error


def _load(salt: bytes, models: Path | None, county: Path | None) -> None:
    # A worker process has no caller to hold the comparer for it between chunks.
    global _worker
    _worker = Comparer.load(salt, models, county)


def _table(batch: list[Petition]) -> Comparables:
    if _worker is None:
        raise RuntimeError("the worker process was started without its initializer")
    return _worker.table(batch)
