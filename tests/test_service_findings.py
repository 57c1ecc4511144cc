from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from corpus.paths import DATA

Command = Callable[..., tuple[int, str, str]]
COLUMNS = ["序号", "报告", "问题", "类别", "单位", "涉及人员", "金额", "整改状态", "原文位置"]
TEXT = """一、存在的问题
1.坐收坐支。双桥镇高峰村会计连某2021年把鱼塘租金2.4万元存在自己卡里，一直没有入账。
2.公开不到位。青石镇石桥村2020年以来没有公示过低保名单，村民要求看账，村干部以各种理由推脱。
"""


def test_findings_of_several_reports_as_jsonl(fenban: Command, tmp_path: Path) -> None:
    reports = [DATA / "reports" / name for name in ("s04-2.docx", "s04-7.txt")]
    code, _, err = fenban("findings", *reports, "--out", tmp_path / "out.jsonl")
    assert code == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert {row["report"] for row in rows} == {"s04-2", "s04-7"}
    assert f"{len(rows)} findings in 2 reports, 0 not read" in err
    text = reports[1].read_text("utf-8")
    assert all(row["quote"] == text[row["start"] : row["end"]] for row in rows if row["report"] == "s04-7")


def test_a_list_of_problems_for_excel_and_csv(fenban: Command, tmp_path: Path) -> None:
    (tmp_path / "报告.txt").write_text(TEXT, "utf-8")
    for name in ("out.xlsx", "out.csv"):
        assert fenban("findings", tmp_path / "报告.txt", "--out", tmp_path / name)[0] == 0
    rows = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.values)
    assert list(rows[0]) == COLUMNS
    assert [row[0] for row in rows[1:]] == [1, 2]
    assert rows[1][1] == "报告"
    assert rows[1][6] == "2.4万元"
    assert rows[1][8].startswith("第2行")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.DictReader(file).fieldnames or ()) == COLUMNS


def test_no_spreadsheet_runs_a_finding_as_a_formula(fenban: Command, tmp_path: Path) -> None:
    text = (
        "一、存在的问题\n1.坐收坐支。=HYPERLINK(1)双桥镇高峰村会计连某把鱼塘租金2.4万元存在自己卡里，一直没有入账。\n"
    )
    (tmp_path / "a.txt").write_text(text, "utf-8")
    assert fenban("findings", tmp_path / "a.txt", "--out", tmp_path / "out.csv")[0] == 0
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["问题"].startswith("'=")


def test_a_report_that_cannot_be_read_does_not_stop_the_others(fenban: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "broken.docx").write_bytes(b"PK\x03\x04")
    code, _, err = fenban(
        "findings", tmp_path / "broken.docx", tmp_path / "none.txt", tmp_path / "a.txt", "--out", tmp_path / "o.jsonl"
    )
    assert code == 0
    lines = err.strip().splitlines()
    assert [line.split(": ")[1] for line in lines[:2]] == [str(tmp_path / "broken.docx"), str(tmp_path / "none.txt")]
    assert "in 1 reports, 2 not read" in lines[-1]


@pytest.mark.parametrize("out", ["out.doc", "nowhere/out.csv", "a.txt"])
def test_a_wrong_call_gets_one_clear_line(fenban: Command, tmp_path: Path, out: str) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    code, _, err = fenban("findings", tmp_path / "a.txt", "--out", tmp_path / out)
    assert (code, err.count("\n")) == (1, 1)
    assert (tmp_path / "a.txt").read_text("utf-8") == TEXT


def test_nothing_readable_is_a_failure(fenban: Command, tmp_path: Path) -> None:
    code, _, err = fenban("findings", tmp_path / "none.docx", "--out", tmp_path / "o.jsonl")
    assert code == 1
    assert "nothing was written" in err
    assert not (tmp_path / "o.jsonl").exists()


@pytest.mark.long
def test_train_writes_a_part_that_replaces_the_shipped_one(fenban: Command, tmp_path: Path) -> None:
    version = tmp_path / "version"
    code, out, _ = fenban("train", "findings", "--out", version)
    assert code == 0
    assert "span f1" in out
    assert "1 labels" in fenban("models", "list", version)[1]
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    arguments = ("findings", tmp_path / "a.txt", "--out", tmp_path / "o.jsonl", "--models", version)
    assert fenban(*arguments)[0] == 0
    assert len((tmp_path / "o.jsonl").read_text("utf-8").splitlines()) == 2


@pytest.mark.long
def test_evaluate_shows_peers_and_other_writers(fenban: Command, tmp_path: Path) -> None:
    code, out, _ = fenban("evaluate", "findings", "--json", tmp_path / "figures.json")
    assert code == 0
    assert "linear SVC on sentences" in out
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert figures["fenban"]["span_f1"] > 0.9


def test_pages_without_text_are_told(fenban: Command, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    canvas = Canvas(str(path))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas.setFont("STSong-Light", 12)
    canvas.drawString(72, 720, "双桥镇高峰村会计连某把鱼塘租金2.4万元存在自己卡里，一直没有入账。")
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    for command in ("findings", "tag"):
        code, _, err = fenban(command, path, "--out", tmp_path / "out.jsonl")
        assert code == 0
        assert "1 pages without text (scans or empty) were left out: 2" in err
