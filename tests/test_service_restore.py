"""What a restore puts in the place of a database, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from backed_up import LETTER, fill, texts
from sqlalchemy import insert, select, text

from corpus.errors import FenbanError
from corpus.records import Petition
from service import snapshots
from service.backup import backup, restore
from service.linking import INDEX
from service.settings import Settings
from service.store.audit import audited
from service.store.engine import migrate, open_engine, open_store
from service.store.link_tasks import queue_all
from service.store.petition_tables import PetitionRow
from service.store.petitions import Intake, add_petition
from service.store.repeat_tables import LinkTask
from service.store.schema import METADATA

pytestmark = pytest.mark.usefixtures("client_programs")


def test_nothing_is_overwritten_unless_asked_for(settings: Settings, tmp_path: Path) -> None:
    fill(settings, 2)
    out = tmp_path / "backup.tar"
    backup(settings, out)
    store = open_store(settings.database_url)
    with audited(store, "test") as work:
        add_petition(work, Intake(Petition(text=LETTER)), None, None)
    store.close()
    (settings.data / INDEX).write_bytes(b"of other petitions")
    with pytest.raises(FenbanError, match="--force"):
        restore(settings, out, force=False)
    restore(settings, out, force=True)
    store = open_store(settings.database_url)
    assert texts(store) == 2
    store.close()
    (before,) = settings.data.glob("before-restore-*")
    assert (before / "uploads").is_dir()
    assert not (settings.data / INDEX).exists()
    with pytest.raises(FenbanError, match="exists already"):
        backup(settings, out)


def test_a_database_in_use_is_not_replaced(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", database=f"sqlite:///{tmp_path / 'data' / 'fenban.sqlite'}")
    fill(settings)
    backup(settings, tmp_path / "backup.tar")
    store = open_store(settings.database_url)
    assert texts(store) == 3
    with pytest.raises(FenbanError, match="in use"):
        restore(settings, tmp_path / "backup.tar", force=True)
    assert texts(store) == 3
    store.close()


@pytest.mark.parametrize("file", ["gone", "damaged"])
def test_a_log_left_by_a_kill_is_not_laid_over_the_restored_database(tmp_path: Path, file: str) -> None:
    settings = Settings(data=tmp_path / "data", database="")
    database = settings.data / "fenban.sqlite"
    fill(settings, 2)
    backup(settings, tmp_path / "backup.tar")
    store = open_store(settings.database_url)
    with audited(store, "test") as work:
        add_petition(work, Intake(Petition(text=LETTER)), None, None)
    logs = {path: path.read_bytes() for path in settings.data.glob("fenban.sqlite-*")}
    store.close()
    for path, content in logs.items():
        path.write_bytes(content)
    if file == "gone":
        database.rename(tmp_path / "bad.sqlite")
    else:
        database.write_bytes(b"nonsense" * 1_000)
    restore(settings, tmp_path / "backup.tar", force=file == "damaged")
    store = open_store(settings.database_url)
    assert texts(store) == 2
    store.close()
    (before,) = settings.data.glob("before-restore-*")
    assert {path.name for path in logs} <= {path.name for path in before.iterdir()}


@pytest.mark.parametrize("force", [True, False])
def test_a_postgresql_database_in_use_is_not_replaced(empty_postgres: str, tmp_path: Path, force: bool) -> None:
    settings = Settings(data=tmp_path / "data", database=empty_postgres)
    fill(settings)
    backup(settings, tmp_path / "backup.tar")
    store = open_store(empty_postgres)
    assert texts(store) == 3
    with pytest.raises(FenbanError, match="in use by 1 connections"):
        restore(settings, tmp_path / "backup.tar", force=force)
    assert texts(store) == 3
    store.close()
    restore(settings, tmp_path / "backup.tar", force=True)


def test_a_dump_of_an_older_schema_takes_the_place_of_a_newer_one(empty_postgres: str, tmp_path: Path) -> None:
    """Of the newer one a table that the dump does not know refers to the petitions."""
    settings = Settings(data=tmp_path / "data", database=empty_postgres)
    opened = open_engine(empty_postgres)
    migrate(opened, "0003")
    with opened.begin() as connection:
        connection.execute(insert(PetitionRow).values(id="信1"))
    opened.dispose()
    snapshots.take(settings, tmp_path)
    store = open_store(empty_postgres)
    with store.write() as session:
        session.add(PetitionRow())
        session.flush()
        queue_all(session)
    store.close()
    snapshots.put_back(settings, tmp_path, tmp_path / "old")
    store = open_store(empty_postgres)
    with store.read() as session:
        assert session.scalars(select(PetitionRow.id)).all() == ["信1"]
        assert session.scalars(select(LinkTask.petition_key)).all() == []
        assert compare_metadata(MigrationContext.configure(session.connection()), METADATA) == []
    store.close()


def test_what_others_made_in_the_database_is_not_dropped(empty_postgres: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", database=empty_postgres)
    fill(settings)
    backup(settings, tmp_path / "backup.tar")
    store = open_store(empty_postgres)
    with store.write() as session:
        session.execute(text("CREATE VIEW report AS SELECT text FROM petition_texts"))
    store.close()
    with pytest.raises(FenbanError, match=r"other objects depend on them; the database is as it was") as caught:
        restore(settings, tmp_path / "backup.tar", force=True)
    assert "make an empty one" in str(caught.value)
    store = open_store(empty_postgres)
    assert texts(store) == 3
    with store.write() as session:
        assert session.scalar(text("SELECT count(*) FROM report")) == 3
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(FenbanError, match="newer fenban"):
        restore(settings, tmp_path / "backup.tar", force=True)


def test_a_postgresql_that_does_not_answer_is_told(tmp_path: Path) -> None:
    nobody = Settings(data=tmp_path / "new", database="postgresql://fenban:geheim@127.0.0.1:9/fenban")
    with pytest.raises(FenbanError, match="cannot be opened") as caught:
        snapshots.check_free(nobody, force=True)
    assert "geheim" not in str(caught.value)
