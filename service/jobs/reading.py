"""What an upload holds, item by item in an order that is always the same, so that a job can go on where it stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from corpus.errors import FenbanError
from corpus.readers import read_petitions
from corpus.records import Petition, unnamed_id
from service.jobs.archives import unpacked
from service.jobs.uploads import ARCHIVE


class Source(NamedTuple):
    """A file: what its sender called it, where it lies under a name of ours, its number in an archive (0: in none)."""

    name: str
    path: Path
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One petition, or one report (`path`, until the next item is asked for), or the reason why there is none.

    `problem` beside a petition tells a repair. `sheet` and `row` as in `Petition`, `entry` as in `Source`.
    """

    number: int
    file: str
    row: int
    petition: Petition | None
    problem: str = ""
    path: Path | None = None
    sheet: int = 0
    entry: int = 0


def sources(path: Path, name: str, folder: Path) -> Iterator[Source]:
    """The files of an upload: itself, or those of an archive, unpacked into `folder` one at a time."""
    if path.suffix == ARCHIVE:
        for entry, (given, file) in enumerate(unpacked(path, folder), 1):
            yield Source(given, file, entry)
    else:
        yield Source(name, path)


def petition_items(files: Iterable[Source]) -> Iterator[Item]:
    """The petitions of all files; a file that cannot be read is one item."""
    number = 0
    for name, path, entry in files:
        for petition, problem, (sheet, row) in _of_file(path):
            number += 1
            own = None if petition is None else _named(petition, path, name)
            yield Item(number, name, row, own, problem, sheet=sheet, entry=entry)


def report_items(files: Iterable[Source]) -> Iterator[Item]:
    """Every file is one report; it is not read yet."""
    for number, (name, path, entry) in enumerate(files, 1):
        yield Item(number, name, 0, None, path=path, entry=entry)


def stem_of(name: str) -> str:
    """What a document is called after its file, by the name that its sender knows."""
    return PurePosixPath(name).stem


def reason_of(error: FenbanError, path: Path) -> str:
    """Why a file cannot be read, without the name it has with us."""
    return str(error).removeprefix(f"{path}: ")


def _of_file(path: Path) -> Iterator[tuple[Petition | None, str, tuple[int, int]]]:
    """Petitions or the reasons why there is none, with sheet and row."""
    remarks: list[str] = []
    try:
        for item in read_petitions(path):
            if isinstance(item, Petition):
                yield item, "; ".join(remarks), (item.sheet, item.row)
                remarks = []
            elif item.kept:
                # What was repaired is told before the petition itself.
                remarks.append(item.reason)
            else:
                yield None, item.reason, (item.sheet, item.row)
    except FenbanError as error:
        yield None, reason_of(error, path), (0, 0)


def _named(petition: Petition, path: Path, name: str) -> Petition:
    """A petition without an id of its own is called after its file, by the name that its sender knows."""
    stem = stem_of(name)
    if petition.id == path.stem:
        return replace(petition, id=stem)
    if petition.id == unnamed_id(path.stem, petition.row, petition.sheet):
        return replace(petition, id=unnamed_id(stem, petition.row, petition.sheet))
    return petition
