from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from corpus.errors import FenbanError
from service.store import engine
from service.store.account_tables import AuditRow
from service.store.audit import Event, append, audited
from service.store.engine import MIGRATIONS, Store, migrate, open_store
from service.store.petition_tables import PetitionRow, PetitionText
from service.store.schema import APPEND_ONLY, METADATA

ROOT = Path(__file__).parent.parent


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def differences(store: Store) -> list:
    with store.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), METADATA)


def test_the_migrated_schema_is_the_one_in_the_code(store: Store) -> None:
    assert differences(store) == []


@pytest.mark.parametrize("revision", revisions())
def test_every_earlier_revision_is_migrated(database: str, revision: str) -> None:
    earlier = Store(engine.open_engine(database))
    migrate(earlier.engine, revision)
    earlier.close()
    with_all = open_store(database)
    assert differences(with_all) == []
    with_all.close()


OPENER = """
import sys
from service.store.engine import open_store
print("loaded", flush=True)
sys.stdin.readline()
open_store(sys.argv[1]).close()
print("opened", flush=True)
"""


def test_processes_that_open_an_empty_database_at_one_moment_migrate_it_once(database: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", OPENER, database]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) for _ in range(3)]
    for one in processes:
        assert one.stdout is not None
        assert one.stdout.readline() == "loaded\n"
    for one in processes:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [one.communicate()[0] for one in processes] == ["opened\n"] * 3
    store = open_store(database)
    assert differences(store) == []
    store.close()


def test_a_database_of_a_newer_program_is_refused(store: Store, database: str) -> None:
    with store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(FenbanError, match="newer fenban"):
        open_store(database)


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", "sqlite://", "sqlite:////proc/none/x.sqlite"])
def test_a_wrong_url_is_told(url: str) -> None:
    with pytest.raises(FenbanError, match=r"FENBAN_DATABASE|data folder"):
        open_store(url)


def test_an_unreachable_database_is_told_without_its_password() -> None:
    with pytest.raises(FenbanError, match="cannot be opened") as caught:
        open_store("postgresql://user:geheim@127.0.0.1:1/none")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_append_only_tables_refuse_changes(store: Store, table: str) -> None:
    key = inspect(store.engine).get_columns(table)[0]["name"]
    with store.write() as session:
        _fill(session, table)
    for statement in (f"UPDATE {table} SET {key} = {key} + 1", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), store.write() as session:
            session.execute(text(statement))


def _fill(session: Session, table: str) -> None:
    """One row, and those that it points to."""
    account = METADATA.tables["accounts"]
    session.execute(insert(account).values(key=1, name="a", display_name="a", password_hash="", roles=[], units=[]))
    session.execute(insert(METADATA.tables["petitions"]).values(key=1))
    session.execute(insert(METADATA.tables["petitions"]).values(key=2))
    rows = {
        "audit": {
            "number": 1,
            "at": "",
            "actor": "",
            "action": "",
            "object": "",
            "detail": {},
            "previous": "",
            "hash": "",
        },
        "decisions": {"petition_key": 1, "version": 1, "action": "accept", "status": "decided", "account_key": 1},
        "links": {"first_key": 1, "second_key": 2, "relation": "copy", "score": 1.0},
        "matter_changes": {"action": "merge", "moves": [], "account_key": 1},
        "suggestions": {"petition_key": 1, "model_version": "", "body": {}},
    }
    session.execute(insert(METADATA.tables[table]).values(**rows[table]))


def test_a_write_that_raises_leaves_nothing(store: Store) -> None:
    def interrupted() -> None:
        with store.write() as session:
            session.add(PetitionRow(id="1"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    with store.read() as session:
        assert session.scalars(select(PetitionRow)).all() == []


def test_a_failed_statement_does_not_tell_its_parameters(store: Store) -> None:
    with pytest.raises(DBAPIError) as caught, store.write() as session:
        session.add(PetitionText(petition_key=99, text="机密"))
    assert "机密" not in str(caught.value)


def with_options(url: str, **query: str) -> str:
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)


def test_a_machine_that_drops_off_the_network_is_given_up_on_both_sides(empty_postgres: str) -> None:
    opened = engine.open_engine(with_options(empty_postgres, options="-c statement_timeout=7s", keepalives_idle="99"))
    shown = {}
    with opened.connect() as connection:
        for name in ("idle_in_transaction_session_timeout", "statement_timeout"):
            shown[name] = connection.scalar(text(f"SHOW {name}"))
        assert isinstance(connection.connection.dbapi_connection, psycopg.Connection)
        used = connection.connection.dbapi_connection.info.get_parameters()
    opened.dispose()
    assert shown == {"idle_in_transaction_session_timeout": "2min", "statement_timeout": "7s"}
    assert "-c tcp_keepalives_idle=15 " in used["options"]
    names = ("application_name", "connect_timeout", "keepalives_idle", "keepalives_interval", "tcp_user_timeout")
    # What the office's own address says stands.
    assert [used[name] for name in names] == ["fenban", "10", "99", "5", "30000"]


def test_a_writer_that_stops_in_its_transaction_holds_up_the_others_for_a_while_only(
    empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(empty_postgres)
    monkeypatch.setattr(engine, "IDLE_SECONDS", 1)
    stalled = open_store(empty_postgres)

    def stall() -> None:
        with audited(stalled, "stalled") as work:
            append(work.session, "stalled", [Event("a", "b", {})])
            with audited(store, "next") as other:
                other.audit("a", "b")
            work.audit("a", "b")

    with pytest.raises(DBAPIError):
        stall()
    with audited(stalled, "afterwards") as work:
        work.audit("a", "b")
    with store.read() as session:
        assert list(session.scalars(select(AuditRow.actor).order_by(AuditRow.number))) == ["next", "afterwards"]
    for one in (store, stalled):
        one.close()


def test_sqlite_is_one_file_made_for_crashes(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new' / 'fenban.sqlite'}")
    with store.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
    store.close()
