"""Snapshots of the database: SQLite by its online backup, PostgreSQL by pg_dump and pg_restore."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, make_url

from corpus.errors import FenbanError
from service.settings import Settings
from service.store.audit import Verification, verify
from service.store.engine import Store, open_engine, open_store

PLAIN = "database.sqlite"
DUMP = "database.dump"
PASSWORD = ".pgpass"


def name_of(settings: Settings) -> str:
    """The file that a snapshot of this kind of database has."""
    return PLAIN if make_url(settings.database_url).get_backend_name() == "sqlite" else DUMP


def take(settings: Settings, stage: Path) -> str:
    """The database as of one moment into the folder; others go on writing meanwhile. Gives the file's name.

    Raises:
        FenbanError: pg_dump is missing or failed.
    """
    if name_of(settings) == DUMP:
        _run("pg_dump", settings, stage, ["--format=custom", f"--file={stage / DUMP}"])
        return DUMP
    with closing(sqlite3.connect(_file(settings))) as database, closing(sqlite3.connect(stage / PLAIN)) as copy:
        database.backup(copy)
    return PLAIN


def chain(settings: Settings, known_hash: str = "") -> Verification:
    """How far the audit chain of the database holds. Raises FenbanError where there is no database."""
    if name_of(settings) == PLAIN and not _file(settings).is_file():
        raise FenbanError(f"{_file(settings)}: there is no database; see FENBAN_DATA and FENBAN_DATABASE")
    return _verified(open_store(settings.database_url), known_hash)


def chain_of_copy(stage: Path, known_hash: str) -> Verification:
    """How far the audit chain of a SQLite snapshot holds; its schema is brought up to date.

    Raises:
        FenbanError: the file is damaged.
    """
    try:
        with closing(sqlite3.connect(stage / PLAIN)) as database:
            sound = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        raise FenbanError("the database of the backup is damaged")
    return _verified(open_store(f"sqlite:///{stage / PLAIN}"), known_hash)


def check_free(settings: Settings, *, force: bool) -> None:
    """Raises FenbanError where a database is there already and `force` is not given, or where it is in use."""
    if name_of(settings) == DUMP:
        engine = open_engine(settings.database_url)
        taken = inspect(engine).has_table("accounts")
        engine.dispose()
    else:
        taken = _file(settings).is_file()
        if taken:
            _check_unused(_file(settings))
    if taken and not force:
        raise FenbanError("there is a database already; with --force the backup takes its place")


def put_back(settings: Settings, stage: Path, old: Path) -> None:
    """Puts the snapshot in the place of the database; a SQLite file that is there is moved into the folder `old`.

    Raises:
        FenbanError: pg_restore is missing or failed; the database is then as it was.
    """
    if name_of(settings) == DUMP:
        words = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", str(stage / DUMP)]
        _run("pg_restore", settings, stage, words)
        return
    file = _file(settings)
    if file.is_file():
        old.mkdir(exist_ok=True)
        file.rename(old / file.name)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(stage / PLAIN, file)
    file.chmod(0o600)


def _verified(store: Store, known_hash: str) -> Verification:
    try:
        with store.read() as session:
            return verify(session, known_hash)
    finally:
        store.close()


def _file(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _check_unused(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file, timeout=1)) as database:
            # SQLite leaves this mode only where nobody else has the file open; it also empties the log beside it.
            database.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        raise FenbanError(f"{file}: is in use; stop the service and its workers first") from error
    except sqlite3.DatabaseError:
        # Damaged: that may be why a backup is restored.
        return


def _run(program: str, settings: Settings, stage: Path, words: Sequence[str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise FenbanError(f"{program} is not installed; install PostgreSQL's client programs of the server's version")
    url = make_url(settings.database_url).set(drivername="postgresql")
    secret = stage / PASSWORD
    # On the command line every user of the machine could read the password.
    secret.touch(mode=0o600)
    escaped = (url.password or "").replace("\\", "\\\\").replace(":", "\\:")
    secret.write_text(f"*:*:*:*:{escaped}\n", "utf-8")
    plain = url.set(password=None).update_query_dict({"passfile": str(secret)})
    shown = plain.render_as_string(hide_password=False)
    try:
        done = subprocess.run([found, f"--dbname={shown}", *words], capture_output=True, text=True, check=False)
    finally:
        secret.unlink()
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise FenbanError(f"{program} failed: {last[0]}")
