"""Jobs: claimed once, written once, gone on with after a worker's death, on both databases."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from corpus.records import Petition
from corpus.writers import write_rows
from models.suggester import Suggester
from service.jobs import worker
from service.jobs.kinds import KINDS
from service.jobs.tidy import result_file, tidy
from service.jobs.uploads import kept
from service.jobs.worker import Workshop, work_once
from service.loaded import LoadedModels
from service.office import load_office
from service.settings import Settings
from service.store import jobs
from service.store.accounts import add_account
from service.store.audit import audited, verify
from service.store.base import now
from service.store.engine import Store
from service.store.errors import ConflictError
from service.store.held import held_back_counts
from service.store.job_tables import JobResult, JobRow, UploadRow
from service.store.petition_tables import PetitionRow
from service.store.petitions import last_suggestion

REPORTS = Path(__file__).parent.parent / "corpus" / "data" / "reports"
LEASE = timedelta(seconds=30)


@pytest.fixture
def shop(store: Store, tmp_path: Path, suggester: Suggester) -> Workshop:
    settings = Settings(data=tmp_path / "data", lease_seconds=30)
    models = LoadedModels(None, tmp_path / "data" / "models", None, suggester, _seen=(0, 0))
    return Workshop(store, settings, models, load_office(settings), threading.Event())


@pytest.fixture
def send(shop: Workshop) -> Callable[..., int]:
    """Puts a job in the queue and gives its key."""
    with audited(shop.store, "test") as work:
        account = add_account(work, "sender", "", ["clerk"], []).key

    def put(name: str, content: bytes, kind: str = "tag", **options: str) -> int:
        folder, file = shop.settings.uploads, io.BytesIO(content)
        with kept(folder, kind, name, file) as upload, audited(shop.store, "test") as work:
            return jobs.add_job(work, account, kind, {"format": "jsonl", **options}, upload).key

    return put


def job_row(store: Store, key: int) -> JobRow:
    with store.read() as session:
        return session.get_one(JobRow, key)


def results(store: Store, key: int) -> list[JobResult]:
    with store.read() as session:
        return list(session.scalars(select(JobResult).where(JobResult.job_key == key).order_by(JobResult.number)))


def jsonl(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def letter_rows(count: int) -> bytes:
    return jsonl([{"id": str(number), "text": f"第{number}盏路灯坏了，没人来修。"} for number in range(1, count + 1)])


def result_lines(shop: Workshop, key: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result_file(shop.settings, key, "jsonl").read_text("utf-8").splitlines()]


def test_a_job_is_done_as_tag_does_it(
    shop: Workshop, send: Callable[..., int], letters: list[Petition], suggester: Suggester
) -> None:
    sent = [Petition(id=p.id, title=p.title, text=p.text, phone="13900000000") for p in letters]
    rows = [{"id": p.id, "title": p.title, "text": p.text, "phone": p.phone, "片区": "东"} for p in sent]
    key = send("来信.jsonl", jsonl(rows), reserved="no")
    assert work_once(shop)
    assert not work_once(shop)
    job = job_row(shop.store, key)
    assert (job.state, job.total, job.done, job.problems) == ("done", 40, 40, 0)
    expected = [json.loads(json.dumps(one.to_dict())) for one in suggester.suggest_all(sent)]
    for place, (line, suggestion) in enumerate(zip(result_lines(shop, key), expected, strict=True), 1):
        assert line["source_file"] == "来信.jsonl"
        assert line["source_row"] == place
        assert line["片区"] == "东"
        assert line.items() >= suggestion.items()
    assert "13900000000" not in result_file(shop.settings, key, "jsonl").read_text("utf-8")


def test_the_result_as_a_workbook_runs_nothing_and_keeps_unread_rows_in_place(
    shop: Workshop, send: Callable[..., int], tmp_path: Path
) -> None:
    rows = [
        {"编号": "1", "内容": "=cmd|' /C calc'!A0 路灯坏了", "problem": "我的列"},
        {"编号": "2", "内容": "", "problem": ""},
        {"编号": "3", "内容": "路灯坏了", "problem": ""},
    ]
    write_rows(tmp_path / "in.csv", rows)
    key = send("in.csv", (tmp_path / "in.csv").read_bytes(), format="xlsx")
    work_once(shop)
    job = job_row(shop.store, key)
    assert (job.state, job.done, job.problems) == ("done", 3, 1)
    sheet = load_workbook(result_file(shop.settings, key, "xlsx")).active
    header, *lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    table = [dict(zip(header, line, strict=True)) for line in lines]
    assert [(row["source_row"], row["problem"]) for row in table] == [
        (2, None),
        (3, "no text in this row"),
        (4, None),
    ]
    assert table[0]["input_problem"] == "我的列"
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


def test_an_archive_is_read_file_by_file(shop: Workshop, send: Callable[..., int]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("双桥镇/信一.txt", "路灯坏了半个月".encode("gb18030"))
        archive.writestr("__MACOSX/._信一.txt", b"\0\1")
        archive.writestr("空.txt", b"")
        archive.writestr("表.csv", "内容\n水管破了\n垃圾没人清\n")
        archive.writestr("图.png", b"\x89PNG")
    key = send("材料.zip", packed.getvalue())
    work_once(shop)
    found = [(row.file, row.row, bool(row.body)) for row in results(shop.store, key)]
    assert found == [
        ("双桥镇/信一.txt", 1, True),
        ("空.txt", 0, False),
        ("表.csv", 2, True),
        ("表.csv", 3, True),
        ("图.png", 0, False),
    ]
    assert [line.get("id") for line in result_lines(shop, key)] == ["信一", None, "表-2", "表-3", None]
    assert all(str(shop.settings.data) not in row.problem for row in results(shop.store, key))
    assert list(shop.settings.unpacked.iterdir()) == []


def test_names_of_an_archive_made_on_windows_are_read(shop: Workshop, send: Callable[..., int]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("XX.txt", "路灯坏了")
    content = packed.getvalue().replace(b"XX", "信".encode("gbk"))
    key = send("a.zip", content)
    work_once(shop)
    assert [row.file for row in results(shop.store, key)] == ["信.txt"]


def test_what_article_15_keeps_out_leaves_no_word(shop: Workshop, send: Callable[..., int]) -> None:
    rows = [{"text": "反映县委书记赵大山收受礼金十万元"}, {"text": "村口路灯坏了"}]
    key = send("信.jsonl", jsonl(rows))
    work_once(shop)
    first, second = results(shop.store, key)
    assert first.body is None
    assert "第十五条" in first.problem
    assert second.body is not None
    assert "赵大山" not in result_file(shop.settings, key, "jsonl").read_text("utf-8")
    with shop.store.read() as session:
        assert sum(row.count for row in held_back_counts(session)) == 1
    looked = send("信.jsonl", jsonl(rows), reserved="no")
    work_once(shop)
    assert all(row.body is not None for row in results(shop.store, looked))


def test_reports_become_a_list_of_problems(
    shop: Workshop, send: Callable[..., int], suggester: Suggester, tmp_path: Path
) -> None:
    report = next(iter(sorted(REPORTS.glob("*.docx"))))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(report, "乡镇/巡察报告.docx")
        archive.writestr("空.txt", "天气很好。")
        archive.writestr("坏.docx", b"nothing")
    key = send("报告.zip", packed.getvalue(), kind="findings")
    work_once(shop)
    job = job_row(shop.store, key)
    assert (job.state, job.total, job.done, job.problems) == ("done", 3, 3, 1)
    expected = [json.loads(json.dumps(one.to_dict())) for one in suggester.findings(report)]
    assert len(expected) > 3
    lines = result_lines(shop, key)
    for line, finding in zip(lines, expected, strict=False):
        assert line["source_file"] == "乡镇/巡察报告.docx"
        assert {name: line[name] for name in finding} == {**finding, "report": "巡察报告"}
    assert [(line["source_file"], bool(line["problem"])) for line in lines[len(expected) :]] == [
        ("空.txt", True),
        ("坏.docx", True),
    ]


def test_an_import_takes_petitions_in_once(shop: Workshop, send: Callable[..., int]) -> None:
    rows = [
        {"id": "1", "text": "路灯坏了", "petitioner": "欧阳翠花"},
        {"id": "2", "text": "反映县委书记赵大山收受礼金十万元"},
        {"id": "3" * 201, "text": "水管破了"},
        {"id": "4", "text": "垃圾没人清"},
    ]
    key = send("信.jsonl", jsonl(rows), kind="import", unit="T03")
    work_once(shop)
    assert [(row.number, row.body is not None) for row in results(shop.store, key)] == [
        (1, True),
        (2, False),
        (3, False),
        (4, True),
    ]
    again = send("信.jsonl", jsonl(rows), kind="import", unit="T03")
    work_once(shop)
    assert [line.get("taken_in") for line in result_lines(shop, again)] == [False, None, None, False]
    with shop.store.read() as session:
        taken = session.scalars(select(PetitionRow).order_by(PetitionRow.key)).all()
        assert [(row.id, row.signed, row.intake_unit) for row in taken] == [("1", True, "T03"), ("4", False, "T03")]
        assert all(last_suggestion(session, row.key) is not None for row in taken)
        assert verify(session).broken is None


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"nonsense", "标题,日期\n甲,乙\n".encode()])
def test_a_file_without_any_readable_row_fails_the_job(
    shop: Workshop, send: Callable[..., int], content: bytes
) -> None:
    key = send("x.jsonl", content)
    work_once(shop)
    job = job_row(shop.store, key)
    assert job.state == "failed"
    assert job.done == job.problems >= 1
    assert "problems" in job.error


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


def expire(store: Store, key: int) -> None:
    with store.write() as session:
        session.execute(update(JobRow).where(JobRow.key == key).values(lease_until=now() - timedelta(seconds=1)))


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
    outcome = jobs.Outcome(1, "f", 1, "", {"rows": []})
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
