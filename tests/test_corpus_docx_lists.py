"""Word's generated numbers, headings and styles."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx_parts import REPORT, cell, level, lines, listed, paragraph, table, write_docx

from corpus.documents import read_document


def test_numbers_of_an_official_document_stand_in_the_text(tmp_path: Path) -> None:
    body = "".join(
        listed(text, number, depth)
        for text, number, depth in (
            ("总体情况", 1, 0), ("问题", 1, 0), ("党建方面", 1, 1), ("学习走过场", 1, 2), ("2022年没有开会", 1, 2),
            ("记录补写", 1, 3), ("签名代签", 1, 3), ("财务方面", 1, 1), ("白条入账", 1, 2), ("另起", 2, 2),
            ("再续", 2, 2), ("要求", 1, 0), ("整改", 1, 1),
        )
    )  # fmt: skip
    document = read_document(write_docx(tmp_path / "a.docx", body, numbering=REPORT))
    assert lines(document) == [
        "一、总体情况", "二、问题", "（一）党建方面", "1.学习走过场", "2. 2022年没有开会", "①记录补写", "②签名代签",
        "（二）财务方面", "1.白条入账", "5.另起", "6.再续", "三、要求", "（一）整改",
    ]  # fmt: skip
    assert document.place(document.text.index("白条")) == "第9段"


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (level(0, "decimal", "问题%1：", start=3), ["问题3：甲", "问题4：乙"]),
        (level(0, "bullet", "\uf06c"), ["甲", "乙"]),
        (level(0, "none", "附件："), ["附件：甲", "附件：乙"]),
        (level(0, "upperRoman", "%1"), ["I 甲", "II 乙"]),
        (level(0, "chineseCounting", "第%1条"), ["第一条 甲", "第二条 乙"]),
    ],
)
def test_forms_of_a_list(tmp_path: Path, definition: str, expected: list[str]) -> None:
    numbering = (
        f'<w:abstractNum w:abstractNumId="7">{definition}</w:abstractNum>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'
    )
    body = listed("甲", 3) + listed("乙", 3)
    assert lines(read_document(write_docx(tmp_path / "a.docx", body, numbering=numbering))) == expected


def test_lists_over_one_definition_count_on_and_levels_above_are_shown(tmp_path: Path) -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0">'
        + level(0, "chineseCounting", "%1、")
        + level(1, "decimal", "%1.%2", more="<w:isLgl/>")
        + level(2, "decimal", "（%3）", more='<w:lvlRestart w:val="0"/>')
        + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
    )
    body = (
        listed("甲", 1)
        + listed("乙", 2)
        + listed("丙", 1, 1)
        + listed("丁", 1, 2)
        + listed("戊", 1)
        + listed("己", 1, 2)
    )
    document = read_document(write_docx(tmp_path / "a.docx", body, numbering=numbering))
    assert lines(document) == ["一、甲", "二、乙", "2.1 丙", "（1）丁", "三、戊", "（2）己"]


def test_styles_give_headings_and_numbers(tmp_path: Path) -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0">'
        + level(0, "chineseCounting", "%1、", more='<w:pStyle w:val="Base"/>')
        + level(1, "chineseCounting", "（%2）", more='<w:pStyle w:val="Second"/>')
        + '</w:abstractNum><w:num w:numId="4"><w:abstractNumId w:val="0"/></w:num>'
    )

    def style(key: str, name: str, properties: str = "", based: str = "") -> str:
        return (
            f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/><w:basedOn w:val="{based}"/>'
            f"<w:pPr>{properties}</w:pPr></w:style>"
        )

    styles = (
        style("Base", "heading 1", '<w:numPr><w:numId w:val="4"/></w:numPr><w:outlineLvl w:val="0"/>')
        + style("Derived", "own", based="Base")
        + style("Second", "heading 2", '<w:numPr><w:numId w:val="4"/></w:numPr>')
        + style("Loop", "a", based="Pool")
        + style("Pool", "b", based="Loop")
        + style("TOC1", "toc 1")
    )
    body = "".join(
        paragraph(text, f'<w:pStyle w:val="{key}"/>{more}')
        for text, key, more in (
            ("一、总述……3", "TOC1", ""), ("总述", "Base", ""), ("分述", "Second", ""), ("再述", "Derived", ""),
            ("无号", "Base", '<w:numPr><w:numId w:val="0"/></w:numPr>'), ("正文", "Loop", ""), ("正文", "Unknown", ""),
        )
    )  # fmt: skip
    document = read_document(write_docx(tmp_path / "a.docx", body, numbering=numbering, styles=styles))
    assert [(document.text[b.start : b.end], b.level) for b in document.blocks] == [
        ("一、总述", 1), ("（一）分述", 2), ("二、再述", 1), ("无号", 1), ("正文", 0), ("正文", 0),
    ]  # fmt: skip


def test_numbers_in_cells_and_frames_of_one_column(tmp_path: Path) -> None:
    def counted(text: str) -> str:
        return cell(listed(text, 1, 2) if text else f"{listed('', 1, 2)}")

    body = table(cell("序号") + cell("问题"), counted("") + cell("甲"), counted("") + cell("乙")) + table(
        cell("框内第一段", "框内第二段")
    )
    document = read_document(write_docx(tmp_path / "a.docx", body, numbering=REPORT))
    assert lines(document) == ["序号 | 问题", "1. | 甲", "2. | 乙", "框内第一段", "框内第二段"]
    assert document.blocks[3].kind == "paragraph"
