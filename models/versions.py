"""A folder of trained versions, and the pointer to the one in use. A person moves it; moving it is one rename."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import ModelError
from models.store import open_version

POINTER = "current"
LOCK = ".current.lock"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def list_versions(folder: Path) -> list[str]:
    """Names of the versions, in their order."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if NAME.fullmatch(path.name) and is_version(path))


def is_version(path: Path) -> bool:
    """Whether it is a version folder; an unfinished one has no manifest."""
    return (path / "manifest.json").is_file()


def current(folder: Path) -> str | None:
    """The name of the version in use; None: the shipped models."""
    history = _history(folder)
    return history[-1] if history else None


def current_folder(folder: Path) -> Path | None:
    """The folder of the version in use; None: the shipped models."""
    name = current(folder)
    return None if name is None else folder / name


def promote(folder: Path, name: str) -> None:
    """Puts a version into use.

    Raises:
        ModelError: there is no such version, or it is damaged.
    """
    if not NAME.fullmatch(name) or not is_version(folder / name):
        raise ModelError(f"{folder}: no version of this name; see fenban models list")
    version = open_version(folder / name)
    for part in version.parts:
        version.arrays(part)
    with _one_at_a_time(folder):
        _point(folder, [*_history(folder), name])


def rollback(folder: Path) -> str | None:
    """Puts the version before into use and gives its name; None: the shipped models.

    Raises:
        ModelError: the shipped models are in use, there is nothing before them.
    """
    if current(folder) is None:
        raise ModelError(f"{folder}: the shipped models are in use; there is nothing to go back to")
    with _one_at_a_time(folder):
        before = _history(folder)[:-1]
        _point(folder, before)
    return before[-1] if before else None


def add_version(folder: Path, name: str, source: Path) -> Path:
    """Brings a finished version folder in under a name.

    Raises:
        ModelError: the name is taken or not one, or the source is no version.
    """
    if not NAME.fullmatch(name) or (folder / name).exists():
        raise ModelError(f"{folder}: the name is taken, or has other characters than letters, digits, . _ -")
    open_version(source)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    shutil.copytree(source, part)
    part.rename(folder / name)
    return folder / name


def _history(folder: Path) -> list[str]:
    """Names of the versions that were in use, the current one last."""
    path = folder / POINTER
    try:
        names = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read; delete it to go back to the shipped models") from error
    if not isinstance(names, list) or not all(isinstance(name, str) and NAME.fullmatch(name) for name in names):
        raise ModelError(f"{path}: is no list of versions; delete it to go back to the shipped models")
    return names


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Waits until nobody else, in any process, moves the pointer: of two who move it at once neither is forgotten."""
    with (folder / LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _point(folder: Path, history: list[str]) -> None:
    part = folder / f".{POINTER}.part"
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(history) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / POINTER)
