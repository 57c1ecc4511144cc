"""Petitions from files: tables row by row, a document as one petition; the suffix says which.

A row that cannot be read comes out as a `RowProblem` in its place, and reading goes on with the next row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from corpus.documents import OLD_FORMATS, SAVE_AS_DOCX, SUFFIXES
from corpus.encoding import repair
from corpus.errors import InputError
from corpus.jsonl import read_jsonl
from corpus.letters import read_letter
from corpus.parquet import read_parquet
from corpus.records import Petition, RowProblem, unnamed_id
from corpus.tables import read_csv
from corpus.xlsx import read_xlsx

Reader = Callable[[Path], Iterator[Petition | RowProblem]]

READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".jsonl": read_jsonl,
    ".parquet": read_parquet,
    ".xlsx": read_xlsx,
    **dict.fromkeys(SUFFIXES, read_letter),
}


def is_table(name: str) -> bool:
    """Whether a file of this name holds a petition a row, not one of its own."""
    return PurePath(name).suffix.lower() not in SUFFIXES


def read_petitions(path: Path) -> Iterator[Petition | RowProblem]:
    """The petitions of one file in its order, and the problems where they stand.

    Raises:
        InputError: the file is missing, empty, of an unknown suffix, or broken as a whole.
    """
    suffix = path.suffix.lower()
    reader = READERS.get(suffix)
    if suffix in OLD_FORMATS:
        raise InputError(path, f"{suffix} files are not read; {SAVE_AS_DOCX}")
    if reader is None:
        raise InputError(path, f"unknown suffix {path.suffix!r}; fenban reads {', '.join(sorted(READERS))}")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(
            path, "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
        ) from error
    if path.is_dir():
        raise InputError(path, "is a folder; name the files in it")
    if size == 0:
        raise InputError(path, "the file is empty")
    return reader(path)


def numbered(paths: Iterable[Path], stems: Counter[str]) -> Iterator[tuple[Path, int]]:
    """Every path and the how many-th file of its stem it is, for `read_numbered`; `stems` counts those so far."""
    for path in paths:
        stems[path.stem] += 1
        yield path, stems[path.stem]


def read_numbered(path: Path, number: int) -> Iterator[Petition | RowProblem]:
    """As `read_petitions`; of a second file of one stem, rows without an id are told apart (`letters~2-3`).

    Raises:
        InputError: as `read_petitions`.
    """
    for item in read_petitions(path):
        yield item if number == 1 or isinstance(item, RowProblem) else _renamed(item, repair(path.stem)[0], number)


def _renamed(petition: Petition, stem: str, number: int) -> Petition:
    if petition.id not in (stem, unnamed_id(stem, petition.row, petition.sheet)):
        return petition
    return replace(petition, id=f"{stem}~{number}{petition.id.removeprefix(stem)}")
