"""The database: opened by URL, migrated, and used in short transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from corpus.errors import FenbanError, MissingExtraError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 10_000
PROGRAM = "fenban"
"""By this name PostgreSQL's pg_stat_activity shows our connections."""
CONNECT_SECONDS = 10
SILENT = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
SILENT_MILLISECONDS = 30_000
"""Who has dropped off the network is given up after half a minute, by us and by the server: a lock that a lost machine
holds stops all others. TCP's own time is two hours."""
IDLE_SECONDS = 120
"""So long may a transaction wait for its program, which may hang though its machine answers."""
MIGRATION_LOCK = 815_001
"""Key of PostgreSQL's advisory lock that lets one process migrate at a time."""


@dataclass
class Store:
    """One database. `read` and `write` give a session in a transaction; writes to SQLite queue up in this process."""

    engine: Engine
    _writing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a single file with a single writer."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database and changes nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are all there when the block ends, or none of them where it raised."""
        # SQLite's own waiting is a poll; in one process a lock is fairer and faster.
        with self._writing if self.is_sqlite else nullcontext():
            engine = self.engine.execution_options(fenban_write=True)
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The database behind the URL, migrated to this program's revision.

    Args:
        url: `sqlite:////folder/file` or `postgresql://user@host/name`.

    Raises:
        FenbanError: the URL is wrong, or the database cannot be reached or was written by a newer program.
    """
    store = Store(open_engine(url))
    try:
        with opening(url):
            migrate(store.engine)
    except FenbanError:
        store.close()
        raise
    return store


@contextmanager
def opening(url: str) -> Iterator[None]:
    """Turns the driver's errors into one of ours that says which database cannot be opened."""
    try:
        yield
    except DBAPIError as error:
        reason = type(error.orig).__name__
        raise FenbanError(f"database {shown(url)}: cannot be opened ({reason}); check FENBAN_DATABASE") from error


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the schema to a revision.

    Raises:
        FenbanError: the database has a revision that this program does not know.
    """
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.execution_options(fenban_write=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise FenbanError(
                "the database was written by a newer fenban; install that version, or restore a backup"
            ) from error


@cache
def newest_revision() -> str:
    """The revision of the schema that this program works with."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def open_engine(url: str) -> Engine:
    """The engine behind the URL; nothing is read or written yet. Raises FenbanError for a wrong URL."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise FenbanError("FENBAN_DATABASE is no database URL; use sqlite:////path or postgresql://…") from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database)
    if parsed.get_backend_name() != "postgresql":
        raise FenbanError("FENBAN_DATABASE: fenban keeps its data in SQLite or PostgreSQL")
    try:
        import psycopg  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("PostgreSQL", "postgres") from error
    # Parameters of a failed statement are a petition's text; they must reach no log.
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=20,
        pool_pre_ping=True,
        connect_args=_connecting(parsed),
    )


def _connecting(url: URL) -> dict[str, Any]:
    """The driver's arguments; what the office's own address says of them stands. A Unix socket needs none of SILENT."""
    given = url.normalized_query
    server = {f"tcp_{name}": value for name, value in SILENT.items()}
    server |= {"tcp_user_timeout": SILENT_MILLISECONDS, "idle_in_transaction_session_timeout": IDLE_SECONDS * 1_000}
    ours = {"connect_timeout": CONNECT_SECONDS, **SILENT, "tcp_user_timeout": SILENT_MILLISECONDS}
    options = [f"-c {name}={value}" for name, value in server.items()]
    return {
        **{name: value for name, value in ours.items() if name not in given},
        "application_name": PROGRAM,
        # Of a setting that is there twice the server takes the last.
        "options": " ".join([*options, *given.get("options", ())]),
    }


def _sqlite(url: str, path: str | None) -> Engine:
    if not path or path == ":memory:":
        raise FenbanError("FENBAN_DATABASE: SQLite needs a file")
    try:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FenbanError(f"{Path(path).parent}: cannot be a data folder ({error.strerror})") from error
    engine = create_engine(url, hide_parameters=True, pool_size=20)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions late and commit before DDL; we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = FULL",  # an acknowledged write survives a power cut
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: one that read first could not be let in later without starting again.
    writes: Any = connection.get_execution_options().get("fenban_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def shown(url: str) -> str:
    """The URL as people may read it, without its password."""
    parsed = make_url(url)
    return parsed.difference_update_query([key for key in parsed.query if "pass" in key]).render_as_string()
