from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.checks import check_corpus
from corpus.errors import DataFileError
from corpus.figures import corpus_figures, relation
from corpus.paths import DATA
from corpus.schemes import discipline_scheme
from corpus.variety import near_identical, sentence_frames, sharing_runs
from corpus.written import written_petitions, written_repeats, written_statements


def test_the_shipped_corpus_keeps_its_rules() -> None:
    assert check_corpus() == []


def test_the_data_sheet_holds_the_computed_figures() -> None:
    sheet = (DATA / "DATASHEET.md").read_text("utf-8")
    block = re.search(r"<!-- figures -->\n(.*?)\n<!-- end of figures -->", sheet, re.DOTALL)
    assert block is not None
    assert block[1] == corpus_figures()


def test_phones_and_identity_numbers_belong_to_nobody() -> None:
    for row in (*written_petitions(), *written_repeats()):
        numbers = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", row.petition.phone + " " + row.petition.text)
        assert all(number.startswith("154") for number in numbers), row.petition.id
        identities = re.findall(r"(?<!\d)\d{17}[\dXx](?!\d)", row.petition.text)
        assert all(identity.startswith("99") for identity in identities), row.petition.id


def test_statements_know_their_codes() -> None:
    known = {category.code for category in discipline_scheme().leaves}
    statements = written_statements()
    assert {one.code for one in statements} | {one.about for one in statements} <= known
    assert {one.about for one in statements} == known - {"Z0"}


def test_relations_follow_copies_and_persons() -> None:
    rows = written_repeats()
    one = next(row for row in rows if row.gold.copy_of)
    original = next(row for row in rows if row.petition.id == one.gold.copy_of)
    assert relation(one, original, rows) == "copy"
    other = replace(one, gold=replace(one.gold, copy_of=None, person="somebody else"))
    assert relation(other, original, rows) == "joint"


def test_shared_runs_and_near_copies_are_found() -> None:
    text = "我家住在村头第三户门前那条水沟从去年冬天起就没有人清过"
    changed = text.replace("第三户", "第五户")
    assert sharing_runs([text, "别的事情完全不同", text[3:] + "了"]) == {0, 2}
    assert near_identical([text], [changed, "学校门口的红绿灯时间太短学生过马路来不及"]) == [(0, 0)]


def test_frames_leave_names_and_numbers_out() -> None:
    texts = ["赵湾村的贺满堂拿走了三百元补贴款。", "石桥村的王大有拿走了5万元补贴款。", "停水了。"]
    frames = sentence_frames(texts, ["赵湾村", "石桥村", "贺满堂", "王大有"])
    assert frames.most_common(1) == [("N的N拿走了0元补贴款", 2)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda row: row["gold"].update(primary="B9.9"), "unknown code 'B9.9'"),
        (lambda row: row["gold"].update(subject_unit="T99"), "unknown unit 'T99'"),
        (lambda row: row["gold"].update(content="无此类"), "unknown content"),
        (lambda row: row["gold"].update(kind="appeal"), "kind appeal with problem"),
        (lambda row: row["gold"]["people"][0]["spans"].append([0, 2]), "is not exact"),
        (lambda row: row.update(split="test"), "several splits"),
    ],
)
def test_a_broken_row_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change, expected: str) -> None:
    lines = (DATA / "petitions.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    target = next(r for r in rows if r["split"] == "train" and r["gold"]["people"] and r["gold"]["primary"] != "Z0")
    change(target)
    path = tmp_path / "petitions.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    monkeypatch.setattr("corpus.checks.written_petitions", lambda: written_petitions(path=path))
    assert any(expected in line for line in check_corpus())


def test_an_unreadable_row_names_file_and_row(tmp_path: Path) -> None:
    path = tmp_path / "petitions.jsonl"
    path.write_text('{"id": "x", "text": "a"}\n', "utf-8")
    with pytest.raises(DataFileError, match=r"petitions.jsonl: row 1: 'x'"):
        written_petitions(path=path)
