"""Backup and restore: the database as of one moment, with uploads, results and trained versions, in one tar file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.errors import FenbanError, InputError
from service import snapshots
from service.linking import INDEX
from service.settings import Settings
from service.store.audit import Verification
from service.store.base import now
from service.store.engine import newest_revision, shown

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("uploads", "results", "models")
"""What lies beside the database in the data folder."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: SHA-256 of its `files` by name, and how far the audit chain went when it was begun.

    `audit_broken` is the first broken entry, or None.
    """

    format: int
    made_at: str
    database: str
    revision: str
    audit_entries: int
    audit_hash: str
    audit_broken: int | None
    files: dict[str, str]


def backup(settings: Settings, out: Path) -> Manifest:
    """Writes a backup while the service goes on.

    Raises:
        InputError: the file exists or cannot be written.
        FenbanError: there is no data folder or no database, or PostgreSQL's pg_dump is missing or failed.
    """
    if not settings.data.is_dir():
        # Made here, it would leave uploads and models out of a backup that looks whole.
        raise FenbanError(f"{settings.data.absolute()}: there is no such data folder; see FENBAN_DATA")
    if out.exists():
        raise InputError(out, "exists already; choose another name")
    if not out.parent.is_dir():
        raise InputError(out, f"the folder {out.parent} does not exist")
    chain = snapshots.chain(settings)
    with _staging(settings.data) as stage:
        # Files that are deleted while the snapshot is taken are linked before it, those that come meanwhile after it:
        # whatever file the database speaks of is there.
        _link(settings.data, stage)
        name = snapshots.take(settings, stage)
        _link(settings.data, stage)
        manifest = Manifest(
            format=FORMAT,
            made_at=now().isoformat(timespec="seconds"),
            database=name,
            revision=newest_revision(),
            audit_entries=chain.entries,
            audit_hash=chain.last_hash,
            audit_broken=chain.broken,
            files={path.relative_to(stage).as_posix(): _sha256(path) for path in _files(stage)},
        )
        (stage / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
        _pack(stage, out)
    return manifest


def restore(settings: Settings, archive: Path, *, force: bool) -> Manifest:
    """Puts a backup in the place of what there is; the service and its workers must be stopped.

    With `force`, what is there is moved into a folder `before-restore-…`; a PostgreSQL database is overwritten.

    Raises:
        InputError: the file is no backup, damaged, of another kind of database or of a newer fenban.
        FenbanError: there is a database already and `force` was not given, the service is running, or the audit chain
            is broken and `force` was not given.
    """
    with _staging(settings.data) as stage:
        manifest = _unpack(archive, stage)
        if manifest.database != snapshots.name_of(settings):
            raise InputError(archive, f"holds {manifest.database}; set FENBAN_DATABASE to a database of that kind")
        snapshots.check_free(settings, force=force)
        if manifest.database == snapshots.PLAIN:
            _check_chain(snapshots.chain_of_copy(stage, manifest.audit_hash), force=force)
        old = settings.data / f"before-restore-{now():%Y%m%dT%H%M%S}"
        snapshots.put_back(settings, stage, old)
        # The index of repeats speaks of the petitions that were there; the service makes it anew.
        for path in [*(settings.data / folder for folder in FOLDERS), *settings.data.glob(f"{INDEX}*")]:
            if path.exists():
                old.mkdir(exist_ok=True)
                path.rename(old / path.name)
        for folder in FOLDERS:
            shutil.copytree(stage / folder, settings.data / folder)
    if manifest.database != snapshots.PLAIN:
        _check_chain(snapshots.chain(settings, manifest.audit_hash), force=force)
    return manifest


def place_of(settings: Settings) -> str:
    """The folder and the database that a backup is of, for people to see that they are the office's."""
    return f"folder {settings.data.absolute()}, database {shown(settings.database_url)}"


def _check_chain(found: Verification, *, force: bool) -> None:
    if (found.broken is not None or not found.known) and not force:
        raise FenbanError("the audit chain of the backup is broken; look into it, or restore it with --force")


@contextmanager
def _staging(data: Path) -> Iterator[Path]:
    """A folder beside the data, so that files are linked instead of copied."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data, prefix=".backup-") as name:
        for folder in FOLDERS:
            (Path(name) / folder).mkdir()
        yield Path(name)


def _link(data: Path, stage: Path) -> None:
    for folder in FOLDERS:
        for path in _files(data / folder):
            inside = path.relative_to(data)
            if any(part.startswith(".") for part in inside.parts) or (stage / inside).exists():
                continue
            (stage / inside).parent.mkdir(parents=True, exist_ok=True)
            # Gone meanwhile: a job has ended.
            with suppress(FileNotFoundError):
                try:
                    os.link(path, stage / inside)
                except PermissionError:
                    # A file system without links.
                    shutil.copyfile(path, stage / inside)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(stage: Path, out: Path) -> None:
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                for path in sorted(_files(stage), key=lambda path: path != stage / MANIFEST):
                    archive.add(path, path.relative_to(stage).as_posix(), recursive=False)
            file.flush()
            os.fsync(file.fileno())
        part.rename(out)
    except OSError as error:
        raise InputError(out, f"cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)


def _unpack(archive: Path, stage: Path) -> Manifest:
    try:
        archive.open("rb").close()
    except OSError as error:
        raise InputError(archive, f"cannot be read ({error.strerror})") from error
    try:
        with tarfile.open(archive, mode="r:") as packed:
            packed.extractall(stage, filter="data")
        manifest = Manifest(**json.loads((stage / MANIFEST).read_text("utf-8")))
    except (OSError, tarfile.TarError, ValueError, TypeError) as error:
        raise InputError(archive, "is no backup of fenban, or is damaged") from error
    if manifest.format != FORMAT or manifest.revision > newest_revision():
        raise InputError(archive, "was made by a newer fenban; install that version")
    there = {path.relative_to(stage).as_posix(): _sha256(path) for path in _files(stage)}
    del there[MANIFEST]
    if there != manifest.files:
        raise InputError(archive, "is damaged: a file in it is not as it was")
    return manifest
