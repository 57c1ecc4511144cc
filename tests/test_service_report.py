"""`fenban report` from files to a document that opens, with the figures of the letters in it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from corpus.writers import write_rows
from corpus.written import written_petitions

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Letters of the development split, and two matters, one rectified and written of again."""
    path = tmp_path_factory.mktemp("report") / "letters.csv"
    rows = [
        {"编号": row.petition.id, "来信时间": row.petition.received, "来源": row.petition.channel,
         "标题": row.petition.title, "内容": row.petition.text, "matter": "", "status": "", "decided_primary": ""}
        for row in written_petitions("dev")
    ]  # fmt: skip
    first = next(row for row in rows if "村" in str(row["内容"])) | {
        "decided_primary": "B1.1",
        "decided_subject_unit": "T01V01",
    }
    rows += [{**first, "编号": "a", "来信时间": "2023-02-01", "matter": "m", "status": "rectified"}]
    rows += [{**first, "编号": f"b{n}", "来信时间": f"2023-05-0{n}", "matter": "n"} for n in (1, 2, 3)]
    write_rows(path, rows)
    return path


def in_quarter() -> int:
    return 3 + sum("2023-04-01" <= row.petition.received <= "2023-06-30" for row in written_petitions("dev"))


def test_docx_holds_figures_tables_and_bars_without_pictures(fenban: Command, letters: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.docx"
    code, _, err = fenban("report", letters, "--period", "2023Q2", "--out", out)
    assert code == 0, err
    document = Document(str(out))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert document.paragraphs[0].text == "2023年第二季度信访举报分析"
    assert f"本期共收件{in_quarter()}件" in text
    assert "整改后再现同一问题的1处" in text
    assert len(document.tables) >= 6
    heights = [sum(len(run.text) for run in row.cells[-1].paragraphs[0].runs) for row in document.tables[1].rows[1:]]
    assert max(heights) == 24
    assert heights == sorted(heights, reverse=True)
    assert not [name for name in zipfile.ZipFile(out).namelist() if "media" in name or "chart" in name]
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "宋体"
    assert fonts.get(qn("w:asciiTheme")) is None


def test_repeats_are_found_where_no_matters_are_given(fenban: Command, tmp_path: Path) -> None:
    rows = [
        {"id": row.petition.id, "received": "2025-05-01", "text": row.petition.text}
        for row in written_petitions("dev")[:8]
    ]
    path = tmp_path / "letters.jsonl"
    write_rows(path, [*rows, {**rows[0], "id": "again", "received": "2025-05-09"}])
    code, _, err = fenban("report", path, "--period", "2025Q2", "--out", tmp_path / "report.docx")
    assert code == 0, err
    text = "\n".join(paragraph.text for paragraph in Document(str(tmp_path / "report.docx")).paragraphs)
    assert "涉及事项8个，同一事项的重复来件1件" in text


def test_html_holds_tables_and_charts_and_asks_for_nothing(fenban: Command, letters: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    code, _, err = fenban("report", letters, "--period", "2023", "--out", out)
    assert code == 0, err
    page = out.read_text("utf-8")
    body = page[page.index("<body>") :]
    assert body.count("plotly-graph-div") >= 4
    assert body.count("<table>") >= 6
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page)
    assert "2023年信访举报分析" in body


def test_no_letter_s_own_words_stand_in_a_report(fenban: Command, letters: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    fenban("report", letters, "--period", "2023", "--out", out)
    body = out.read_text("utf-8").split("<body>")[1]
    titles = [row.petition.title for row in written_petitions("dev") if len(row.petition.title) > 5]
    assert not [title for title in titles if title in body]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--period", "soon", "--out", "x.docx"], "2025Q2"),
        (["--period", "1999Q1", "--out", "x.docx"], "no petition of 1999Q1"),
        (["--period", "2023", "--out", "x.pdf"], "writes .docx, .html"),
        (["--period", "2023", "--out", "no/x.docx"], "does not exist"),
        (["--period", "2023", "--out", "x.docx", "--jobs", "0"], "--jobs"),
        (["--period", "2023", "--out", "x.docx", "--risk", "none.yaml"], "none.yaml"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_left(
    words: list[str], told: str, fenban: Command, letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = fenban("report", letters, *words)
    assert code == 1
    assert told in err
    assert not list(tmp_path.iterdir())
