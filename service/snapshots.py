"""Snapshots of the database: SQLite by its online backup, PostgreSQL by pg_dump, pg_restore and psql."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, make_url, text

from corpus.errors import FenbanError
from service.settings import Settings
from service.store.audit import Verification, verify
from service.store.engine import PROGRAM, Store, newest_revision, open_engine, open_store, opening, shown
from service.store.repeat_tables import RepeatAbout, RepeatKey, RepeatLetter, RepeatRarity
from service.store.repeat_vectors import TABLE as VECTORS
from service.store.schema import METADATA

PLAIN = "database.sqlite"
DUMP = "database.dump"
LOGS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file; it goes with the file."""
PASSWORD = ".pgpass"
CONTENTS = ".contents"
INDEX = tuple(one.__tablename__ for one in (RepeatAbout, RepeatRarity, RepeatLetter, RepeatKey))
"""Not kept in a snapshot: the index of repeats is made anew from the petitions, on any server."""
TABLES = (*METADATA.tables, "alembic_version", VECTORS)
"""All that this program makes; of another program's nothing is touched."""
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = :program AND pid <> pg_backend_pid()"
)
REVISION = text("SELECT version_num FROM alembic_version")


def name_of(settings: Settings) -> str:
    """The file that a snapshot of this kind of database has."""
    return PLAIN if make_url(settings.database_url).get_backend_name() == "sqlite" else DUMP


def take(settings: Settings, stage: Path) -> str:
    """The database as of one moment into the folder; others go on writing meanwhile. Gives the file's name.

    Raises:
        FenbanError: pg_dump is missing or failed.
    """
    if name_of(settings) == DUMP:
        without = [f"--exclude-table-data={table}" for table in INDEX]
        words = ["--format=custom", f"--exclude-table={VECTORS}", *without, f"--file={stage / DUMP}"]
        _run("pg_dump", settings, stage, words)
        return DUMP
    with closing(sqlite3.connect(_file(settings))) as database, closing(sqlite3.connect(stage / PLAIN)) as copy:
        database.backup(copy)
    return PLAIN


def chain(settings: Settings, known_hash: str = "") -> Verification:
    """How far the audit chain of the database holds. Raises FenbanError where there is no database."""
    check_there(settings)
    return _verified(open_store(settings.database_url), known_hash)


def check_there(settings: Settings) -> None:
    """Raises FenbanError where the file of a SQLite database is missing; to open it would make an empty one."""
    if name_of(settings) == PLAIN and not _file(settings).is_file():
        raise FenbanError(f"{_file(settings)}: there is no database; see FENBAN_DATA and FENBAN_DATABASE")


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
        taken = _check_unconnected(settings)
    else:
        taken = _file(settings).is_file()
        if taken:
            _check_unused(_file(settings))
    if taken and not force:
        database = shown(settings.database_url)
        raise FenbanError(f"{database}: there is a database already; with --force the backup takes its place")


def put_back(settings: Settings, stage: Path, old: Path) -> None:
    """Puts the snapshot in the place of the database; a SQLite file and its logs are moved into the folder `old`.

    Raises:
        FenbanError: pg_restore or psql is missing or failed; the database is then as it was.
    """
    if name_of(settings) == DUMP:
        _overwrite(settings, stage)
        return
    file = _file(settings)
    # A log that a killed process left, even beside a file that is gone, SQLite would lay over the one put in its place.
    for path in (file.with_name(file.name + end) for end in ("", *LOGS)):
        if path.is_file():
            old.mkdir(exist_ok=True)
            path.rename(old / path.name)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(stage / PLAIN, file)
    file.chmod(0o600)


def _overwrite(settings: Settings, stage: Path) -> None:
    script, drop = stage / "restore.sql", stage / "drop.sql"
    words = ["--clean", "--if-exists", "--no-owner", f"--use-list={_contents(stage)}", f"--file={script}"]
    _done([_program("pg_restore"), *words, str(stage / DUMP)])
    # The dump's own drops know nothing of tables that came later and refer to those that it knows. All in one statement
    # and without CASCADE, so that what others made of our tables is no loss.
    drop.write_text(f"DROP TABLE IF EXISTS {', '.join(TABLES)};\n", "utf-8")
    words = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    try:
        _run("psql", settings, stage, [*words, f"--file={drop}", f"--file={script}"])
    except FenbanError as error:
        raise FenbanError(
            f"{error}; the database is as it was. Where its tables cannot be replaced, make an empty one and name it "
            "in FENBAN_DATABASE"
        ) from error


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


def _check_unconnected(settings: Settings) -> bool:
    """Whether there is a database.

    Raises:
        FenbanError: a service or worker is connected to it, or it was written by a newer program.
    """
    engine = open_engine(settings.database_url)
    try:
        with opening(settings.database_url), engine.connect() as connection:
            others = connection.scalar(OTHERS, {"program": PROGRAM})
            taken = inspect(connection).has_table("accounts")
            revision = (connection.scalar(REVISION) if taken else None) or ""
        if others:
            raise FenbanError(
                f"the database is in use by {others} connections of fenban; stop every service and worker first, "
                "on all machines"
            )
        if revision > newest_revision():
            raise FenbanError(
                "the database has the schema of a newer fenban, so not all that is in it is known here; install that "
                "version, or make an empty database and name it in FENBAN_DATABASE"
            )
        return taken
    finally:
        engine.dispose()


def _contents(stage: Path) -> Path:
    """What pg_restore is to put back: all but extensions, which are the server's, and take its administrator."""
    listed = _done([_program("pg_restore"), "--list", str(stage / DUMP)])
    kept = [line for line in listed.splitlines() if " EXTENSION " not in line]
    (stage / CONTENTS).write_text("\n".join(kept) + "\n", "utf-8")
    return stage / CONTENTS


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FenbanError(f"{name} is not installed; install PostgreSQL's client programs of the server's version")
    return found


def _run(name: str, settings: Settings, stage: Path, words: Sequence[str]) -> None:
    program = _program(name)
    url = make_url(settings.database_url).set(drivername="postgresql")
    secret = stage / PASSWORD
    # On the command line every user of the machine could read the password.
    secret.touch(mode=0o600)
    escaped = (url.password or "").replace("\\", "\\\\").replace(":", "\\:")
    secret.write_text(f"*:*:*:*:{escaped}\n", "utf-8")
    plain = url.set(password=None).update_query_dict({"passfile": str(secret)})
    shown = plain.render_as_string(hide_password=False)
    try:
        _done([program, f"--dbname={shown}", *words])
    finally:
        secret.unlink()


def _done(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        # What psql says after it may quote a row.
        reason = next((line for line in said if "error:" in line.lower()), said[-1])
        raise FenbanError(f"{Path(command[0]).name} failed: {reason}")
    return done.stdout
