"""Jobs: claimed once, written once, gone on with after a worker's death, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from job_results import expire, job_row, letter_rows, result_lines, results
from sqlalchemy import select, update

from corpus.writers import write_rows
from service.jobs import worker
from service.jobs.kinds import KINDS
from service.jobs.tidy import result_file, tidy
from service.jobs.worker import Workshop, work_once
from service.store import jobs
from service.store.audit import audited, verify
from service.store.base import now
from service.store.engine import Store
from service.store.errors import ConflictError
from service.store.job_tables import JobRow, UploadRow

LEASE = timedelta(seconds=30)


class Killed(BaseException):
    """Stands for SIGKILL: no handler sees it."""


@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_worker_that_dies_loses_nothing_and_doubles_nothing(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setitem(KINDS, "tag", replace(KINDS["tag"], most=7))
    key = send("信.jsonl", letter_rows(30), reserved="no")
    written = worker._write
    calls = 0

    def dies(store: Store, *given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            raise Killed
        written(store, *given)

    monkeypatch.setattr(worker, "_write", dies)
    with pytest.raises(Killed):
        work_once(shop)
    assert job_row(shop.store, key).state == "running"
    assert not work_once(shop), "its lease has not run out"
    expire(shop.store, key)
    assert work_once(shop)
    assert [row.number for row in results(shop.store, key)] == list(range(1, 31))
    assert [line["id"] for line in result_lines(shop, key)] == [str(number) for number in range(1, 31)]
    assert job_row(shop.store, key).state == "done"


def test_a_row_that_brings_every_worker_down_fails_its_job(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key = send("信.jsonl", letter_rows(3))

    def breaks(*_: Any) -> None:
        raise RuntimeError("路灯坏了")

    monkeypatch.setitem(KINDS, "tag", replace(KINDS["tag"], work=breaks))
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.0)
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        assert work_once(shop)
    assert (job_row(shop.store, key).state, job_row(shop.store, key).error) == ("failed", jobs.BROUGHT_DOWN)
    assert not work_once(shop)
    assert not any("路灯" in record.message for record in caplog.records)


def test_a_worker_told_to_stop_gives_its_job_back(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "tag", replace(KINDS["tag"], most=5))
    key = send("信.jsonl", letter_rows(12))
    shop.stop.set()
    work_once(shop)
    job = job_row(shop.store, key)
    assert (job.state, job.done, job.worker) == ("queued", 5, None)
    shop.stop.clear()
    work_once(shop)
    assert [row.number for row in results(shop.store, key)] == list(range(1, 13))


def test_an_earlier_holder_cannot_write_any_more(store: Store, send: Callable[..., int]) -> None:
    key = send("信.jsonl", letter_rows(2))
    first = jobs.claim(store, "first", LEASE)
    assert first is not None
    assert jobs.claim(store, "second", LEASE) is None
    expire(store, key)
    second = jobs.claim(store, "second", LEASE)
    assert second is not None
    assert not jobs.renew(store, first)
    assert jobs.renew(store, second)
    outcome = jobs.Outcome(1, "f", 0, 1, "", {"rows": []})
    with pytest.raises(jobs.JobLostError), audited(store, "test") as work:
        jobs.write_chunk(work, first, [outcome])
    with audited(store, "test") as work:
        jobs.write_chunk(work, second, [outcome])
    assert [row.number for row in results(store, key)] == [1]


def test_a_cancelled_job_is_dropped_and_its_contents_deleted(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "tag", replace(KINDS["tag"], most=5))
    key = send("信.jsonl", letter_rows(12))
    written = worker._write

    def cancelled_meanwhile(store: Store, *given: Any) -> None:
        written(store, *given)
        with audited(store, "test") as work:
            jobs.cancel(work, key)

    monkeypatch.setattr(worker, "_write", cancelled_meanwhile)
    assert work_once(shop)
    assert (job_row(shop.store, key).state, job_row(shop.store, key).done) == ("cancelled", 5)
    with pytest.raises(ConflictError), audited(shop.store, "test") as work:
        jobs.cancel(work, key)
    tidy(shop.store, shop.settings)
    assert results(shop.store, key) == []
    assert list(shop.settings.uploads.iterdir()) == []


@pytest.mark.parametrize("then", ["cancelled", "taken over"])
def test_the_result_of_a_job_that_is_cancelled_while_it_is_written_does_not_stay(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """Another worker has deleted its rows by then, and nothing would delete the file any more."""
    key = send("信.jsonl", letter_rows(3), reserved="no")

    def meanwhile(target: Path, rows: Iterator[dict[str, Any]]) -> None:
        whole = list(rows)
        if then == "cancelled":
            with audited(shop.store, "test") as work:
                jobs.cancel(work, key)
            tidy(shop.store, shop.settings)
        else:
            expire(shop.store, key)
            assert jobs.claim(shop.store, "other", LEASE) is not None
        write_rows(target, whole)

    monkeypatch.setattr(worker, "write_rows", meanwhile)
    assert work_once(shop)
    assert result_file(shop.settings, key, "jsonl").exists() == (then == "taken over")


def test_uploads_go_with_their_job_and_results_after_their_time(shop: Workshop, send: Callable[..., int]) -> None:
    key = send("信.jsonl", letter_rows(3))
    waiting = send("后.jsonl", letter_rows(1))
    work_once(shop)
    tidy(shop.store, shop.settings)
    with shop.store.read() as session:
        present = {row.name: row.deleted_at is None for row in session.scalars(select(UploadRow))}
    assert present == {"信.jsonl": False, "后.jsonl": True}
    assert len(list(shop.settings.uploads.iterdir())) == 1
    assert len(results(shop.store, key)) == 3
    with shop.store.write() as session:
        session.execute(update(JobRow).where(JobRow.key == key).values(finished_at=now() - timedelta(days=31)))
    tidy(shop.store, shop.settings)
    assert results(shop.store, key) == []
    assert not result_file(shop.settings, key, "jsonl").exists()
    assert job_row(shop.store, waiting).state == "queued"


def test_many_workers_never_hold_the_same_job(store: Store, send: Callable[..., int]) -> None:
    keys = {send("信.jsonl", letter_rows(1)) for _ in range(24)}
    claimed: list[int] = []

    def claims(name: str) -> None:
        while (hold := jobs.claim(store, name, LEASE)) is not None:
            claimed.append(hold.key)

    threads = [threading.Thread(target=claims, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(keys)


def test_a_long_document_keeps_its_lease(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = replace(shop, settings=shop.settings.model_copy(update={"lease_seconds": 1}))
    key = send("信.jsonl", letter_rows(1))
    work = KINDS["tag"].work
    others: list[bool] = []

    def slow(*given: Any) -> Any:
        threading.Event().wait(1.6)
        others.append(jobs.claim(shop.store, "other", LEASE) is not None)
        return work(*given)

    monkeypatch.setitem(KINDS, "tag", replace(KINDS["tag"], work=slow))
    work_once(quick)
    assert others == [False]
    assert job_row(shop.store, key).state == "done"


def test_the_chain_holds_after_jobs(shop: Workshop, send: Callable[..., int]) -> None:
    send("信.jsonl", letter_rows(3))
    work_once(shop)
    with shop.store.read() as session:
        found = verify(session)
    assert found.broken is None
    assert found.entries >= 3
