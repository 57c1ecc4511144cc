from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from corpus.records import Petition
from corpus.writers import write_rows
from models.tagging import tag_petitions

DATA = Path(__file__).parent / "data"
Command = Callable[..., tuple[int, str, str]]


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_tag_writes_one_object_a_petition_in_order(fenban: Command, tmp_path: Path) -> None:
    code, _, err = fenban("tag", DATA / "letters.jsonl", "--out", tmp_path / "out.jsonl")
    assert code == 0
    rows = read_lines(tmp_path / "out.jsonl")
    assert [row["id"] for row in rows] == [row["id"] for row in read_lines(DATA / "letters.jsonl")]
    assert "40 petitions tagged, 0 rows not read" in err
    assert all({"text", "petitioner", "phone"}.isdisjoint(row) for row in rows)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_tag_reads_and_writes_tables(fenban: Command, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"in{suffix}"
    write_rows(source, read_lines(DATA / "letters.jsonl"))
    for out in ("out.jsonl", f"out{suffix}"):
        assert fenban("tag", source, "--out", tmp_path / out)[0] == 0
    rows = read_lines(tmp_path / "out.jsonl")
    assert len(rows) == 40
    if suffix == ".csv":
        with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file))
        assert [json.loads(row["content"]) for row in table] == [row["content"] for row in rows]
        assert "phone" not in table[0]
    if suffix == ".xlsx":
        header = next(openpyxl.load_workbook(tmp_path / "out.xlsx").active.values)
        assert header[:6] == ("id", "received", "channel", "title", "text", "kind")


def test_the_sheets_of_a_workbook_are_told_apart(fenban: Command, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet()):
        for row in (["内容", "片区"], ["高峰村会计代领了我家的种粮补贴五千元", "东"], ["", "西"]):
            sheet.append(row)
    book.save(tmp_path / "信.xlsx")
    code, _, err = fenban("tag", tmp_path / "信.xlsx", "--out", tmp_path / "out.jsonl")
    assert code == 0
    assert [row["id"] for row in read_lines(tmp_path / "out.jsonl")] == ["信-1.2", "信-2.2"]
    for sheet in (1, 2):
        assert f"信.xlsx: sheet {sheet}, row 3: no text in this row" in err
    (tmp_path / "older").mkdir()
    book.save(tmp_path / "older" / "信.xlsx")
    matters, pairs, ledger = tmp_path / "m.jsonl", tmp_path / "p.jsonl", tmp_path / "older" / "信.xlsx"
    assert fenban("repeats", tmp_path / "信.xlsx", "--out", matters, "--pairs", pairs, "--against", ledger)[0] == 0
    (matter,) = read_lines(matters)
    assert sorted(matter["ids"]) == ["信-1.2", "信-2.2", "信~2-1.2", "信~2-2.2"]
    assert all(row["a"] != row["b"] for row in read_lines(pairs))


def test_good_rows_survive_bad_neighbours(fenban: Command, tmp_path: Path) -> None:
    (tmp_path / "mixed.jsonl").write_text('{"text": "路灯坏了"}\n{"text": ""}\nnonsense\n{"text": "停水"}\n', "utf-8")
    (tmp_path / "letter.txt").write_text("学校乱收费", "utf-8")
    (tmp_path / "broken.xlsx").write_bytes(b"PK")
    files = [tmp_path / name for name in ("missing.csv", "mixed.jsonl", "broken.xlsx", "letter.txt")]
    code, _, err = fenban("tag", *files, "--out", tmp_path / "out.jsonl")
    assert code == 0
    assert [row["id"] for row in read_lines(tmp_path / "out.jsonl")] == ["mixed-1", "mixed-4", "letter"]
    lines = err.strip().splitlines()
    assert [line.split(": ")[1] for line in lines[:4]] == [str(f) for f in (files[0], files[1], files[1], files[2])]
    assert "2 rows not read" in lines[-1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("a.doc", b"x"),
        ("empty.csv", b""),
        ("a.xlsx", b"PK\x03\x04"),
        ("notext.csv", b"id,text\n1,\n"),
    ],
)
def test_nothing_to_do_is_a_failure_with_a_clear_line(
    fenban: Command, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    code, _, err = fenban("tag", tmp_path / name, "--out", tmp_path / "out.jsonl")
    assert code == 1
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 2
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("out", ["out.doc", "nowhere/out.csv"])
def test_a_place_that_cannot_be_written_is_told_first(fenban: Command, tmp_path: Path, out: str) -> None:
    code, _, err = fenban("tag", DATA / "letters.jsonl", "--out", tmp_path / out)
    assert code == 1
    assert err.count("\n") == 1


def test_unknown_columns_come_out_again(fenban: Command, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("内容,经办人,kind\n路灯坏了,甲,旧\n", "utf-8")
    fenban("tag", tmp_path / "in.csv", "--out", tmp_path / "out.jsonl")
    row = read_lines(tmp_path / "out.jsonl")[0]
    assert row["经办人"] == "甲"
    assert row["input_kind"] == "旧"
    assert row["kind"]["label"] in ("accusation", "advice", "appeal", "no_substance", "out_of_scope")


def test_columns_named_like_ours_all_come_out(fenban: Command, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "停水", "kind": "甲", "input_kind": "乙"}\n', "utf-8")
    fenban("tag", tmp_path / "in.jsonl", "--out", tmp_path / "out.jsonl")
    row = read_lines(tmp_path / "out.jsonl")[0]
    assert sorted(value for key, value in row.items() if key.startswith("input_")) == ["乙", "甲"]


def test_an_input_is_never_overwritten(fenban: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "停水"}\n', "utf-8")
    code, _, err = fenban("tag", path, "--out", path)
    assert (code, err.count("\n")) == (1, 1)
    assert path.read_text("utf-8") == '{"text": "停水"}\n'


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "99999"),
        ("train", "encoder", "--pairs", "nowhere.tsv", "--out", "encoder"),
        ("train", "discipline", "--data", "letters.csv", "--out", "version"),
        ("train", "content", "--data", "one.csv", "--out", "version"),
        ("train", "content", "--data", "mixed.csv", "--out", "version"),
        ("evaluate", "content", "--json", "nowhere/figures.json"),
        ("models", "list", "."),
    ],
)
def test_a_wrong_call_gets_one_clear_line(
    fenban: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letters.csv").write_text("text,label\n停水,张三贪污\n", "utf-8")
    (tmp_path / "one.csv").write_text("text,label,group\n" + "".join(f"停水{n},民政,{n}\n" for n in range(40)), "utf-8")
    mixed = "".join(f"民政,张三拿走了补贴{n},{n}\n" for n in range(40))
    (tmp_path / "mixed.csv").write_text(f"text,label,group\n{mixed}", "utf-8")
    if {"one.csv", "mixed.csv"} & set(arguments):
        arguments = (*arguments, "--only-data")
    code, _, err = fenban(*arguments)
    assert code == 1
    assert err.startswith("fenban: ")
    assert err.count("\n") == 1
    assert "张三" not in err


def test_several_processes_give_the_same_in_the_same_order(letters: list[Petition]) -> None:
    many = letters * 30
    one = [row for _, row in tag_petitions(iter(many), jobs=1)]
    two = [row for _, row in tag_petitions(iter(many), jobs=2)]
    assert one == two


def test_ten_letters_take_under_two_seconds_and_no_torch(tmp_path: Path) -> None:
    lines = (DATA / "letters.jsonl").read_text("utf-8").splitlines()[:10]
    (tmp_path / "ten.jsonl").write_text("\n".join(lines), "utf-8")
    program = (
        "import sys; from service.cli import main; "
        f"code = main(['tag', {str(tmp_path / 'ten.jsonl')!r}, '--out', {str(tmp_path / 'out.jsonl')!r}]); "
        "heavy = {'torch', 'sklearn', 'spacy', 'pandas', 'sentence_transformers'} & set(sys.modules); "
        "print(sorted(heavy)); sys.exit(code)"
    )
    took = []
    for _ in range(3):
        start = time.perf_counter()
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=os.environ)
        took.append(time.perf_counter() - start)
        assert result.returncode == 0, result.stderr
        assert result.stdout.strip() == "[]"
    assert min(took) <= 2


def test_train_evaluate_and_use_an_offices_own_content_model(fenban: Command, tmp_path: Path) -> None:
    topics = {"城乡建设": "路灯坏了 井盖丢失 垃圾没人清扫", "教育文体": "学校乱收费 补课要交钱 校服太贵"}
    streets = ["东街", "西街", "南街", "北街", "老粮站", "新桥头", "河边", "山脚", "车站旁", "市场口"]
    rows = [
        {"text": f"{street}{word}，{number}天了", "label": label, "group": f"{street}{number}"}
        for label, words in topics.items()
        for word in words.split()
        for number in range(4)
        for street in streets
    ]
    write_rows(tmp_path / "labelled.csv", rows)
    version = tmp_path / "version"
    code, out, _ = fenban("train", "content", "--only-data", "--data", tmp_path / "labelled.csv", "--out", version)
    assert code == 0
    assert "macro f1" in out
    code, out, _ = fenban("evaluate", "content", "--data", tmp_path / "labelled.csv", "--models", version)
    assert code == 0
    assert [name in out for name in ("held-out groups", "Signalen", "linear SVC", "fastText")] == [True] * 4
    (tmp_path / "a.txt").write_text("学校补课要交钱", "utf-8")
    assert fenban("tag", tmp_path / "a.txt", "--out", tmp_path / "o.jsonl", "--models", version)[0] == 0
    assert read_lines(tmp_path / "o.jsonl")[0]["content"][0]["label"] == "教育文体"
    assert "2 labels" in fenban("models", "list", version)[1]


def test_the_shipped_models_are_measured_without_any_data_of_ones_own(fenban: Command, tmp_path: Path) -> None:
    code, out, _ = fenban("evaluate", "content", "--json", tmp_path / "figures.json")
    assert code == 0
    assert "written corpus, test split" in out
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert figures["fenban"]["paths"]["path_leads_to_gold_or_alternative"] > 0.6


def test_labels_may_be_paths_of_any_depth(fenban: Command, tmp_path: Path) -> None:
    paths = {"城乡建设/城市建设和市政管理/城市公共设施": "路灯坏了没人修", "教育文体/教育收费": "学校补课乱收费"}
    rows = [
        {"text": f"{street}{text}，{number}天了", "label": path, "group": f"{street}{number}"}
        for path, text in paths.items()
        for number in range(8)
        for street in ("东街", "西街", "南街", "北街", "河边", "山脚")
    ]
    write_rows(tmp_path / "labelled.csv", rows)
    version = tmp_path / "version"
    assert fenban("train", "content", "--only-data", "--data", tmp_path / "labelled.csv", "--out", version)[0] == 0
    out = tmp_path / "figures.json"
    code, _, _ = fenban("evaluate", "content", "--data", tmp_path / "labelled.csv", "--models", version, "--json", out)
    assert code == 0
    assert json.loads(out.read_text("utf-8"))["fenban"]["held-out groups"]["macro_f1"] > 0.9


def test_training_without_groups_or_labels_is_refused(fenban: Command, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n路灯,甲\n学校,乙\n", "utf-8")
    code, _, err = fenban("train", "content", "--data", tmp_path / "a.csv", "--out", tmp_path / "v")
    assert code == 1
    assert "group" in err
    (tmp_path / "b.csv").write_text("text\n路灯\n", "utf-8")
    code, _, err = fenban("train", "content", "--data", tmp_path / "b.csv", "--out", tmp_path / "v")
    assert code == 1
    assert "no label" in err


@pytest.mark.long
def test_evaluate_facts_prints_amounts_and_people(fenban: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    code, out, _ = fenban("evaluate", "facts", "--json", figures)
    assert code == 0
    assert "| amounts f1 |" in out
    metrics = json.loads(figures.read_text("utf-8"))["fenban"]
    assert all(one["amounts_f1"] > 0.9 and one["people_f1_without_role"] > 0.8 for one in metrics.values())
