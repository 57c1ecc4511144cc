"""Zip archives of documents: looked through before anything is done with them, then unpacked file by file.

No name of an archive is ever used as a path, and what its directory claims of sizes is not believed.
"""

from __future__ import annotations

import secrets
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from corpus.archives import ARCHIVE_ERRORS
from service.store.errors import RefusedError

MOST_ENTRIES = 5_000
MOST_UNPACKED = 1 << 30
"""Bytes of all files of an archive."""
NESTED = (".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz", ".zip")
DEBRIS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers leave in archives; passed over in silence."""
ZIP_MAGIC = b"PK\x03\x04"
OFFICE = (".docx", ".xlsx")
"""Documents that are zip archives themselves; their readers look through them."""
_BLOCK = 1 << 20
_UTF8 = 0x800
_ENCRYPTED = 0x1


def check_archive(path: Path) -> None:
    """Unpacks everything without keeping it.

    Raises:
        RefusedError: not a zip archive, damaged, protected by a password, too many files, too large unpacked, a name
            that is a path out of the archive, a link, an archive in it, or no file to read.
    """
    with _opened(path) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise RefusedError("archive_entries", f"The archive has more than {MOST_ENTRIES} files; send it in parts")
        left = MOST_UNPACKED
        for place, entry in enumerate(entries, 1):
            _check_entry(place, entry)
            left -= _unpacked_size(archive, place, entry, left)
        if not any(True for _ in _documents(archive)):
            raise RefusedError("archive_empty", "There is no file in the archive")


def unpacked(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """The files one after the other: name as given, and where it lies until the next one is asked for.

    Raises:
        RefusedError: the archive is damaged.
    """
    with _opened(path) as archive:
        for name, entry in _documents(archive):
            target = folder / f"{secrets.token_hex(16)}{suffix_of(name)}"
            with archive.open(entry) as packed, target.open("xb") as file:
                shutil.copyfileobj(packed, file, _BLOCK)
            try:
                yield name, target
            finally:
                target.unlink()


def suffix_of(name: str) -> str:
    """The suffix, in small letters, where it is one of plain letters and digits; "" elsewhere."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 9 else ""


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except ARCHIVE_ERRORS as error:
        raise RefusedError("archive_broken", "This is no zip archive that can be read; make it anew") from error


def _documents(archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    for entry in archive.infolist():
        name = _name(entry)
        parts = PurePosixPath(name).parts
        if not entry.is_dir() and not any(part in DEBRIS or part.startswith("~$") for part in parts):
            yield name, entry


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as a person gave it: Windows writes Chinese names in GBK without saying so."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _check_entry(place: int, entry: zipfile.ZipInfo) -> None:
    names = (_name(entry), entry.orig_filename)
    if any(_leads_out(name) for name in names):
        raise RefusedError("archive_path", f"Entry {place} of the archive is named as a path out of it", entry=place)
    mode = entry.external_attr >> 16
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
        raise RefusedError("archive_link", f"Entry {place} of the archive is a link or a device", entry=place)
    if entry.flag_bits & _ENCRYPTED:
        raise RefusedError("archive_password", "The archive is protected by a password; send it without", entry=place)
    if suffix_of(names[0]) in NESTED:
        raise RefusedError("archive_nested", f"Entry {place} is an archive itself; unpack it first", entry=place)


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or "\0" in name or (len(name) > 1 and name[1] == ":")


def _unpacked_size(archive: zipfile.ZipFile, place: int, entry: zipfile.ZipInfo, most: int) -> int:
    size = 0
    with archive.open(entry) as packed:
        head = _read(packed)
        if head.startswith(ZIP_MAGIC) and suffix_of(_name(entry)) not in OFFICE:
            raise RefusedError("archive_nested", f"Entry {place} is an archive itself; unpack it first", entry=place)
        while head:
            size += len(head)
            if size > most:
                raise RefusedError("archive_bomb", f"The archive unpacks to more than {MOST_UNPACKED >> 20} MB")
            head = _read(packed)
    return size


def _read(packed: IO[bytes]) -> bytes:
    return packed.read(_BLOCK)
