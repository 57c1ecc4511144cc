"""What becomes of an upload, on both databases."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from job_results import job_row, jsonl, result_lines, results
from openpyxl import load_workbook
from sqlalchemy import select

from corpus.records import Petition
from corpus.writers import write_rows
from models.suggester import Suggester
from service.jobs.tidy import result_file
from service.jobs.worker import Workshop, work_once
from service.store.audit import verify
from service.store.held import held_back_counts
from service.store.petition_tables import PetitionRow
from service.store.petitions import last_suggestion

REPORTS = Path(__file__).parent.parent / "corpus" / "data" / "reports"


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
        (3, "这一行没有正文"),
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


def test_a_worker_without_the_shared_folder_says_so(shop: Workshop, send: Callable[..., int]) -> None:
    key = send("信.jsonl", jsonl([{"text": "路灯坏了"}]))
    for path in shop.settings.uploads.iterdir():
        path.unlink()
    work_once(shop)
    job = job_row(shop.store, key)
    assert (job.state, job.attempts) == ("failed", 1)
    assert "must share FENBAN_DATA" in job.error
