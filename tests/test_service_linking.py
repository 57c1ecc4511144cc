from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from linked import FEE, LAMP, add, links, waiting
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from corpus.records import Petition
from service.app import create_app
from service.linking import Linker
from service.settings import Settings
from service.store.audit import Work
from service.store.engine import Store, open_store
from service.store.link_tasks import claimed
from service.store.petitions import Intake, add_petition
from service.store.repeat_tables import LinkTask

KILL_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)


def body(words: str) -> dict[str, Any]:
    return {"text": words, "received": "2024-05-01", "petitioner": "杜守田", "phone": "15438216077"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(data=tmp_path, link_repeats=False))) as client:
        yield client


def test_a_letter_sent_again_is_linked_also_after_a_restart(
    running: TestClient, service_of: Callable[[TestClient], Any], tmp_path: Path
) -> None:
    clerk = service_of(running).client("clerk", "clerk")
    keys = [clerk.post("/v1/petitions", json=body(text)).json()["petition"]["key"] for text in (FEE, LAMP)]
    store = running.app.state.store  # type: ignore[attr-defined]
    linker = Linker(store, tmp_path, None, None)
    assert linker.link_new() == 2
    assert linker.link_new() == 0
    second = Linker(store, tmp_path, None, None)
    keys.append(clerk.post("/v1/petitions", json=body(FEE + "盼回复。")).json()["petition"]["key"])
    assert second.link_new() == 0, "the first one holds the lock"
    linker.start()
    linker.stop()
    assert second.link_new() == 1
    links = clerk.get(f"/v1/petitions/{keys[2]}").json()["links"]
    assert [(link["petition"], link["relation"]) for link in links] == [(keys[0], "copy")]
    assert clerk.get(f"/v1/petitions/{keys[1]}").json()["links"] == []
    index = b"".join(path.read_bytes() for path in tmp_path.glob("repeats.sqlite*"))
    assert "杜守田".encode() not in index
    assert b"15438216077" not in index
    second.start()
    second.stop()


def test_petitions_of_one_request_that_repeat_one_another(running: TestClient) -> None:
    letters = [Petition(FEE, "a"), Petition(LAMP, "b"), replace(Petition(FEE + "盼回复。"), id="c")]
    asked = {"petitions": [{"id": one.id, "text": one.text} for one in letters]}
    found = [one["repeats"] for one in running.post("/v1/suggestions", json=asked).json()["suggestions"]]
    assert [[other["id"] for other in others] for others in found] == [["c"], [], ["a"]]
    assert found[0][0]["relation"] == "copy"


def test_after_a_restart_no_text_is_read_again(store: Store, linker_of: Callable[[Store], Linker]) -> None:
    add(store, FEE, LAMP)
    first = linker_of(store)
    assert first.link_new() == 2
    first.stop()
    read: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: read.append(given[2]))
    again = linker_of(store)
    assert again.link_new() == 0
    assert not [statement for statement in read if "petition_texts.text" in statement]
    add(store, FEE + "盼回复。")
    assert again.link_new() == 1
    assert links(store) == [(1, 3)]


def test_an_index_that_was_lost_is_made_again(
    store: Store, linker_of: Callable[[Store], Linker], tmp_path: Path
) -> None:
    """As after a restore: the file is gone, or the tables are empty."""
    add(store, FEE, LAMP)
    first = linker_of(store)
    assert first.link_new() == 2
    first.stop()
    for path in tmp_path.glob("repeats.*"):
        path.unlink()
    if not store.is_sqlite:
        with store.write() as session:
            session.execute(text("DELETE FROM repeat_about"))
    assert linker_of(store).link_new() == 2
    assert waiting(store) == []


def test_links_are_written_once_however_often_a_letter_is_linked(
    store: Store, linker_of: Callable[[Store], Linker]
) -> None:
    add(store, FEE, FEE + "盼回复。")
    linker = linker_of(store)
    linker.link_new()
    for _ in range(2):
        with store.write() as session:
            session.add_all(LinkTask(petition_key=key) for key in (1, 2))
        assert linker.link_new() == 2
    assert links(store) == [(1, 2)]


def test_a_letter_that_is_committed_late_is_linked(empty_postgres: str, linker_of: Callable[[Store], Linker]) -> None:
    """Its key is lower than that of a letter which was linked before it was there."""
    store = open_store(empty_postgres)
    linker = linker_of(store)
    with store.write() as session:
        late = add_petition(Work(session, "test"), Intake(Petition(text=FEE)), None, None).key
        assert add(store, FEE + "盼回复。") == [late + 1]
        assert linker.link_new() == 1
    assert linker.link_new() == 1
    assert links(store) == [(1, 2)]
    store.close()


@pytest.mark.long
def test_processes_share_what_waits(empty_postgres: str, linker_of: Callable[[Store], Linker]) -> None:
    texts = [f"{FEE}第{number // 2}次来信。" for number in range(120)]
    stores = [open_store(empty_postgres) for _ in range(3)]
    add(stores[0], *texts)
    linkers = [linker_of(store) for store in stores]
    # Whoever opens the index first waits for the batches of others, which would then have done everything.
    for one in linkers:
        one.link_new()
    add(stores[0], *texts)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda one: one.link_new(), linkers))
    assert sum(done) == 120
    assert min(done) > 0, "AT_ONCE leaves work for each"
    assert waiting(stores[0]) == []
    found = links(stores[0])
    assert len(found) == len(set(found))
    for store in stores:
        store.close()


def test_what_a_process_held_when_it_died_is_free(empty_postgres: str) -> None:
    store, other = open_store(empty_postgres), open_store(empty_postgres)
    add(store, FEE, LAMP)

    def dies() -> None:
        with claimed(store, 1) as mine:
            with claimed(other, 5) as theirs:
                assert (mine.keys, theirs.keys) == ([1], [2])
            mine.done += mine.keys
            with other.write() as session:
                session.execute(KILL_OTHERS)

    with pytest.raises(DBAPIError):
        dies()
    assert waiting(other) == [1, 2]
    with claimed(other, 5) as free:
        assert free.keys == [1, 2]
    store.close()
    other.close()
