"""What fails while letters are linked ends neither the thread nor the linking of the other letters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from linked import FEE, LAMP, add, links, until, waiting

from corpus.records import Petition
from models.comparables import Comparables
from models.comparer import Comparer
from service import linking
from service.app import create_app
from service.linking import INDEX, Linker
from service.settings import Settings
from service.store.audit import audited
from service.store.engine import Store, open_store
from service.store.petitions import Intake, add_petition


def test_a_fault_is_told_and_linking_goes_on_when_it_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(linking, "FAULT_SECONDS", 0.05)
    (tmp_path / INDEX).write_bytes(b"no database" * 100)
    with TestClient(create_app(Settings(data=tmp_path))) as client:
        store = client.app.state.store  # type: ignore[attr-defined]
        add(store, FEE)
        until(lambda: "build it again" in client.get("/health/ready").json()["checks"]["repeats"])
        assert client.get("/health/ready").status_code == 200
        (tmp_path / INDEX).unlink()
        until(lambda: waiting(store) == [])
        until(lambda: client.get("/health/ready").json()["checks"]["repeats"] == "ok")


def test_a_fault_of_the_index_file_does_not_end_linking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "WAIT_SECONDS", 0.05)
    store = open_store(f"sqlite:///{tmp_path / 'fenban.sqlite'}")
    linker = Linker(store, tmp_path, None, None)
    linker.start()
    add(store, FEE)
    until(lambda: waiting(store) == [])
    with closing(sqlite3.connect(tmp_path / INDEX)) as file:
        file.execute("ALTER TABLE segments RENAME TO gone")
    add(store, FEE + "盼回复。")
    until(lambda: "OperationalError" in linker.fault)
    with closing(sqlite3.connect(tmp_path / INDEX)) as file:
        file.execute("ALTER TABLE gone RENAME TO segments")
    until(lambda: links(store) == [(1, 2)])
    until(lambda: linker.fault == "")
    linker.stop()
    store.close()


HOSTILE = [
    Petition(received="0001/1/1 0:00:00", text="昨天和前天村会计又来收钱了，去年、上个月也来过。"),
    Petition(received="9999/12/31", text="明年还要再收。"),
    Petition(text=f"村会计说我家欠{'9' * 400}元。"),
]


def test_days_and_sums_that_no_calendar_and_no_purse_holds_are_linked_as_well(
    store: Store, linker_of: Callable[[Store], Linker]
) -> None:
    with audited(store, "test") as work:
        for one in HOSTILE:
            add_petition(work, Intake(one), None, None)
    add(store, FEE, FEE + "盼回复。")
    assert linker_of(store).link_new() == 5
    assert (4, 5) in links(store)
    assert waiting(store) == []


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Words; a letter that holds one of them cannot be compared, through a fault of the program."""
    words: list[str] = []
    table = Comparer.table

    def fails(comparer: Comparer, petitions: Sequence[Petition]) -> Comparables:
        if any(word in one.text for one in petitions for word in words):
            raise OverflowError(petitions[0].text)
        return table(comparer, petitions)

    monkeypatch.setattr(Comparer, "table", fails)
    return words


def test_a_letter_that_cannot_be_linked_is_left_out_and_the_others_are_linked(
    store: Store, linker_of: Callable[[Store], Linker], poisoned: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    add(store, FEE, LAMP, FEE + "盼回复。")
    linker = linker_of(store)
    poisoned.append("路灯")
    assert linker.link_new() == 3
    assert links(store) == [(1, 3)]
    assert waiting(store) == []
    told = [record.getMessage() for record in caplog.records]
    assert told[-2:] == [
        "repeats: one letter at a time (OverflowError)",
        "petition 2: left out of the links (OverflowError)",
    ]


def test_where_no_letter_can_be_linked_none_is_left_out(
    store: Store,
    linker_of: Callable[[Store], Linker],
    poisoned: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(linking, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(linking, "FAULT_SECONDS", 0.05)
    add(store, FEE, FEE + "盼回复。")
    poisoned.append("村会计")
    linker = linker_of(store)
    linker.start()
    until(lambda: "petition 1 and 1 more" in linker.fault)
    assert waiting(store) == [1, 2]
    poisoned.clear()
    until(lambda: links(store) == [(1, 2)])
    until(lambda: linker.fault == "")
    assert "村会计" not in "".join(record.getMessage() for record in caplog.records)


def test_a_database_that_is_too_busy_for_a_connection_does_not_end_linking(
    empty_postgres: str, linker_of: Callable[[Store], Linker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "WAIT_SECONDS", 0.05)
    store = open_store(empty_postgres)
    add(store, FEE)
    monkeypatch.setattr(store.engine.pool, "_timeout", 0.1)
    others = [store.engine.connect() for _ in range(30)]
    linker = linker_of(store)
    linker.start()
    until(lambda: "does not answer (TimeoutError)" in linker.fault)
    for one in others:
        one.close()
    until(lambda: waiting(store) == [])
    until(lambda: linker.fault == "")
    linker.stop()
    store.close()


def test_an_error_that_nobody_foresaw_does_not_end_linking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(linking, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(linking, "FAULT_SECONDS", 0.05)
    store = open_store(f"sqlite:///{tmp_path / 'fenban.sqlite'}")
    linker = Linker(store, tmp_path, None, None)
    opened = linker._opened

    def fails() -> None:
        raise ValueError(FEE)

    monkeypatch.setattr(linker, "_opened", fails)
    linker.start()
    until(lambda: "ValueError" in linker.fault)
    monkeypatch.setattr(linker, "_opened", opened)
    until(lambda: linker.fault == "")
    linker.stop()
    store.close()
    assert FEE not in "".join(record.getMessage() for record in caplog.records)
