"""Backup while the service works, restore into an empty place, and nothing that is damaged gets in."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from backed_up import LETTER, fill, texts
from sqlalchemy import text

from corpus.errors import FenbanError
from corpus.records import Petition
from service import snapshots
from service.backup import backup, place_of, restore
from service.linking import Linker
from service.settings import Settings
from service.store.audit import audited, verify
from service.store.engine import open_store
from service.store.petitions import Intake, add_petition

pytestmark = pytest.mark.usefixtures("client_programs")


def emptied(settings: Settings) -> Settings:
    """A place without anything: the same database, emptied, where it is PostgreSQL."""
    empty = settings.data.parent / "other"
    if snapshots.name_of(settings) == snapshots.PLAIN:
        return settings.model_copy(update={"data": empty, "database": f"sqlite:///{empty / 'fenban.sqlite'}"})
    engine = open_store(settings.database_url).engine
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return settings.model_copy(update={"data": empty})


def test_everything_comes_back(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    out = tmp_path / "backup.tar"
    manifest = backup(settings, out)
    assert manifest.audit_entries >= 4
    assert out.stat().st_mode & 0o077 == 0
    assert list(settings.data.glob(".backup-*")) == []
    upload = next(settings.uploads.iterdir())
    other = emptied(settings)
    restore(other, out, force=False)
    store = open_store(other.database_url)
    assert texts(store) == 3
    store.close()
    assert (other.uploads / upload.name).read_bytes() == b"x\ny\n"
    assert json.loads((other.data / "models" / "current").read_text()) == ["v1"]


def test_a_backup_is_made_while_others_write(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    store = open_store(settings.database_url)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with audited(store, "test") as work:
                add_petition(work, Intake(Petition(text=LETTER)), None, None)

    thread = threading.Thread(target=write)
    thread.start()
    manifest = backup(settings, tmp_path / "backup.tar")
    stop.set()
    thread.join()
    store.close()
    other = emptied(settings)
    restore(other, tmp_path / "backup.tar", force=False)
    store = open_store(other.database_url)
    assert texts(store) >= 3
    with store.read() as session:
        found = verify(session, manifest.audit_hash)
    assert found.known
    assert found.entries >= manifest.audit_entries
    store.close()


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))


@pytest.fixture
def small_backup(tmp_path: Path) -> tuple[Settings, Path]:
    settings = Settings(data=tmp_path / "data", database=f"sqlite:///{tmp_path / 'data' / 'fenban.sqlite'}")
    fill(settings)
    backup(settings, tmp_path / "backup.tar")
    return emptied(settings), tmp_path / "backup.tar"


DAMAGE: dict[str, tuple[Callable[[str, bytes], bytes | None], str]] = {
    "a byte more": (lambda name, content: content + b"x" if name.startswith("uploads/") else content, "not as it was"),
    "a file less": (lambda name, content: None if name.startswith("uploads/") else content, "not as it was"),
    "no manifest": (lambda name, content: None if name == "manifest.json" else content, "no backup"),
    "wrong manifest": (lambda name, content: b"[]" if name == "manifest.json" else content, "no backup"),
    "of a newer program": (
        lambda name, content: content.replace(b'"format": 1', b'"format": 2') if name == "manifest.json" else content,
        "newer",
    ),
    "of another database": (
        lambda name, content: (
            content.replace(b'"database": "database.sqlite"', b'"database": "database.dump"')
            if name == "manifest.json"
            else content
        ),
        "FENBAN_DATABASE",
    ),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_backup_is_refused(small_backup: tuple[Settings, Path], tmp_path: Path, case: str) -> None:
    settings, good = small_backup
    change, word = DAMAGE[case]
    rewritten(good, tmp_path / "bad.tar", change)
    with pytest.raises(FenbanError, match=word):
        restore(settings, tmp_path / "bad.tar", force=True)
    assert not (settings.data / "fenban.sqlite").exists()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 200])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(FenbanError, match="no backup"):
        restore(Settings(data=tmp_path / "data"), tmp_path / "x.tar", force=True)


def test_a_backup_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """As user fenban one may not read what lies in root's folders: the file itself may be whole."""
    with pytest.raises(FenbanError, match=r"x.tar: cannot be read \(No such file or directory\)"):
        restore(Settings(data=tmp_path / "data"), tmp_path / "x.tar", force=True)


def test_a_path_out_of_the_archive_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../../evil"), io.BytesIO())
    with pytest.raises(FenbanError, match="no backup"):
        restore(Settings(data=tmp_path / "data"), tmp_path / "x.tar", force=True)


def test_a_backup_with_a_broken_chain_comes_back_only_when_forced(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", database=f"sqlite:///{tmp_path / 'data' / 'fenban.sqlite'}")
    fill(settings)
    with sqlite3.connect(tmp_path / "data" / "fenban.sqlite") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
    database.close()
    manifest = backup(settings, tmp_path / "backup.tar")
    assert manifest.audit_broken == 2
    other = emptied(settings)
    with pytest.raises(FenbanError, match="audit chain"):
        restore(other, tmp_path / "backup.tar", force=False)
    restore(other, tmp_path / "backup.tar", force=True)
    assert (other.data / "fenban.sqlite").exists()


def test_the_index_of_repeats_is_made_anew_after_a_restore(
    empty_postgres: str, new_postgres: Callable, tmp_path: Path
) -> None:
    """Into the database that has one, and into one on a server that may not have its extension."""
    settings = Settings(data=tmp_path / "data", database=empty_postgres)
    fill(settings)
    linked(settings, 3)
    backup(settings, tmp_path / "backup.tar")
    assert b"EXTENSION vector" in (tmp_path / "backup.tar").read_bytes()
    restore(settings, tmp_path / "backup.tar", force=True)
    linked(settings, 3)
    with new_postgres() as url:
        other = Settings(data=tmp_path / "other", database=url)
        restore(other, tmp_path / "backup.tar", force=False)
        store = open_store(url)
        with store.read() as session:
            assert session.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'vector'")) == 0
            assert session.scalar(text("SELECT count(*) FROM repeat_about")) == 0
        store.close()
        linked(other, 3)


def linked(settings: Settings, count: int) -> None:
    """Links the petitions as a service does; so many are new to the index."""
    store = open_store(settings.database_url)
    linker = Linker(store, settings.data, None, None)
    assert linker.link_new() == count
    linker.stop()
    store.close()


def test_without_pg_dump_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FenbanError, match="pg_dump is not installed"):
        backup(Settings(data=tmp_path, database=postgres), tmp_path / "x.tar")


def test_without_its_data_folder_nothing_is_backed_up(settings: Settings, tmp_path: Path) -> None:
    """A command that was called elsewhere finds the PostgreSQL database, but none of the files beside it."""
    fill(settings)
    elsewhere = settings.model_copy(update={"data": tmp_path / "elsewhere"})
    with pytest.raises(FenbanError, match=r"elsewhere: there is no such data folder; see FENBAN_DATA"):
        backup(elsewhere, tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()
    assert not elsewhere.data.exists()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("postgresql://fenban:geheim@db.office/fenban", "postgresql://fenban:***@db.office/fenban"),
        ("postgresql://fenban@/fenban?host=/run&password=geheim", "postgresql://fenban@/fenban?host=%2Frun"),
        ("", "sqlite:////srv/office/fenban.sqlite"),
    ],
)
def test_folder_and_database_are_told_without_a_password(url: str, text: str) -> None:
    told = place_of(Settings(data=Path("/srv/office"), database=url))
    assert told == f"folder /srv/office, database {text}"


def test_commands(fenban: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENBAN_DATA", str(tmp_path / "data"))
    code, _, err = fenban("backup", "--out", tmp_path / "a.tar")
    assert (code, "no such data folder" in err) == (1, True)
    (tmp_path / "data").mkdir()
    for words in (("backup", "--out", tmp_path / "a.tar"), ("audit", "verify")):
        code, _, err = fenban(*words)
        assert (code, "no database" in err) == (1, True)
    fill(Settings(data=tmp_path / "data", database=""))
    place = f"folder {tmp_path / 'data'}, database sqlite:///{tmp_path / 'data' / 'fenban.sqlite'}"
    code, _, err = fenban("backup", "--out", tmp_path / "a.tar")
    assert (code, place in err) == (0, True)
    code, _, err = fenban("restore", tmp_path / "a.tar")
    assert (code, "--force" in err) == (1, True)
    code, _, err = fenban("restore", tmp_path / "a.tar", "--force")
    assert (code, place in err) == (0, True)
    code, out, err = fenban("audit", "verify")
    assert (code, "entries hold" in out, f"{tmp_path}" in err) == (0, True, True)
