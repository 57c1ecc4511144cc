"""Uploaded files: kept under random names in the data folder, checked before they are taken, deleted after the job."""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PureWindowsPath
from typing import BinaryIO

from sqlalchemy.exc import DBAPIError

from corpus.documents import SUFFIXES
from corpus.encoding import repair
from corpus.errors import InputError
from corpus.readers import READERS
from corpus.xlsx import check_workbook
from service.chinese import in_chinese
from service.jobs.archives import check_archive, suffix_of
from service.store.errors import RefusedError, UnavailableError
from service.store.jobs import Upload

ARCHIVE = ".zip"
KINDS: dict[str, tuple[str, ...]] = {
    "tag": (*sorted(READERS), ARCHIVE),
    "findings": (*SUFFIXES, ARCHIVE),
    "import": (*sorted(READERS), ARCHIVE),
}
"""What a job of each kind reads."""
LONGEST_NAME = 200
_BLOCK = 1 << 20


@contextmanager
def kept(folder: Path, kind: str, name: str, content: BinaryIO) -> Iterator[Upload]:
    """The upload, written to disk and checked; it is deleted again where the block raises.

    Where the database broke off it stays: whether its job was stored is not known.

    Args:
        folder: of all uploads; made where it does not exist.
        kind: of the job that is to read it.
        name: what the sender calls the file; only its last part is kept, to be shown.
        content: its bytes.

    Raises:
        RefusedError: a file that this job does not read, an empty or damaged one, an archive that is not let in.
        UnavailableError: the disk is full, or cannot be written.
    """
    name = shown_name(name)
    suffix = suffix_of(name)
    if suffix not in KINDS[kind]:
        raise RefusedError("upload_suffix", f"This kind of file is not read; send {', '.join(KINDS[kind])}")
    path = folder / f"{secrets.token_hex(16)}{suffix}"
    try:
        size, digest = _written(path, content)
        if not size:
            raise RefusedError("upload_empty", "The file is empty")
        _check(path)
        yield Upload(name, path.name, digest, size)
    except DBAPIError:
        # The job may have been committed before the connection broke; what no job claims is deleted in time.
        raise
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def discard(folder: Path, upload: Upload) -> None:
    """Deletes an upload that is not needed."""
    (folder / upload.file).unlink(missing_ok=True)


def shown_name(name: str) -> str:
    """The last part of a file's name, without control characters, for people to know it again."""
    plain = "".join(one for one in repair(name)[0] if not unicodedata.category(one).startswith("C"))
    last = PureWindowsPath(plain).name
    return last if len(last) <= LONGEST_NAME else last[-LONGEST_NAME:]


def _written(path: Path, content: BinaryIO) -> tuple[int, str]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _write(path, content)
    except OSError as error:
        reason = f"The upload cannot be written ({error.strerror}); see the disk of the data folder"
        raise UnavailableError("disk", reason) from error


def _write(path: Path, content: BinaryIO) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := content.read(_BLOCK):
            file.write(block)
            digest.update(block)
            size += len(block)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _check(path: Path) -> None:
    if path.suffix == ARCHIVE:
        check_archive(path)
    elif path.suffix == ".xlsx":
        try:
            check_workbook(path)
        except InputError as error:
            reason = str(error).removeprefix(f"{path}: ")
            told = f"The workbook cannot be read: {reason}"
            raise RefusedError("upload_broken", told, reason_zh=in_chinese(reason)) from error
