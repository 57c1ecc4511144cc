"""Petitions from files: tables row by row, a document as one petition; the suffix says which.

A row that cannot be read comes out as a `RowProblem` in its place, and reading goes on with the next row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

from corpus.documents import OLD_FORMATS, SAVE_AS_DOCX, SUFFIXES
from corpus.errors import InputError
from corpus.jsonl import read_jsonl
from corpus.letters import read_letter
from corpus.parquet import read_parquet
from corpus.records import Petition, RowProblem
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
