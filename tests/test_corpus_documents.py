from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import SUFFIXES, Document, read_document
from corpus.errors import InputError
from corpus.paths import DATA
from corpus.plain import plain_document
from corpus.readers import read_petitions
from corpus.records import Petition
from corpus.written import WrittenReport, written_reports


def squeezed(text: str) -> str:
    return "".join(text.split())


def block_lines(document: Document) -> list[str]:
    return [squeezed(document.text[block.start : block.end]) for block in document.blocks]


@pytest.mark.parametrize("report", written_reports(), ids=lambda report: report.report)
def test_a_report_is_the_same_in_every_format(report: WrittenReport) -> None:
    plain = read_document(DATA / report.file)
    assert plain.text == report.text
    for other in (read_document(DATA / name) for name in report.also):
        assert block_lines(other) == block_lines(plain)
        assert [[cell.header for cell in block.cells] for block in other.blocks if block.cells] == [
            [cell.header for cell in block.cells] for block in plain.blocks if block.cells
        ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["尊敬的领导：\n停水三天没有人管。", "停水三天没有人管", "编号,内容\n1,路灯坏了半个月\n"]
)
def test_txt_in_any_encoding_is_exactly_the_text(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert read_document(path).text == text


PARAGRAPHS = [
    "关于上坪村集体资金管理情况的核查报告",
    "经查，上坪村党支部书记某某于2021年3月将村集体鱼塘承包费3.6万元存入个人账户，至今没有上交，村务监督委员会多次提醒无果。",
    "一、该村另有两笔修路补助，合计1.2万元，没有入账，经手人说不清去向，账上也没有任何凭证可以查证，群众意见很大。",
    "二、村会计某某在2022年用白条报销餐费8640元，其中有三张票据日期早于业务发生日期，没有收款人签字。",
]


def wrapped(text: str, width: int, indent: str) -> str:
    """The text broken when a line is `width` columns wide; a closing mark never begins a line."""
    lines, used = [indent], len(indent)
    for character in text:
        columns = 1 if character.isascii() else 2
        if used + columns > width and character not in "，。、":
            lines.append("")
            used = 0
        lines[-1] += character
        used += columns
    return "\n".join(lines)


@pytest.mark.parametrize("indent", ["", "    "])
@pytest.mark.parametrize("width", [40, 55, 72])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_lines_that_are_evidently_wrapped_are_one_paragraph(indent: str, width: int, between: str) -> None:
    document = plain_document(between.join(wrapped(text, width, indent) for text in PARAGRAPHS))
    joined = [document.joined(block) for block in document.blocks]
    assert [text for text, _ in joined] == PARAGRAPHS
    for text, offsets in joined:
        assert [document.text[offset] for offset in offsets] == list(text)
    assert document.place(document.text.index("无果")) != document.place(document.text.index("经查"))


@pytest.mark.parametrize(
    "text",
    [
        "一、问题\n二、整改\n三、要求\n四、其他\n",
        "上坪村路灯坏了半个月没有人来修。\n下湾村停水三天没有一个人来管。\n石桥镇项目办对此事一概不理会。\n" * 3,
        "短\n" * 9,
    ],
)
def test_lines_that_are_paragraphs_stay_so(text: str) -> None:
    assert len(plain_document(text).blocks) == len(text.splitlines())


def test_a_break_between_latin_words_stays_a_blank() -> None:
    line = "the ledger of the village was kept by its accountant and\n"
    document = plain_document(line * 4 + "nobody else.")
    assert document.joined(document.blocks[0])[0] == (line * 4).replace("\n", " ") + "nobody else."


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("序号 | 问题\n1 | 甲\n2 | ", [["序号", "问题"], ["1", "甲"], ["2", ""]]),
        ("| 序号 | 问题 |\n|---|:---|\n| 1 | 甲 |", [["序号", "问题"], ["1", "甲"]]),
        ("序号\t问题\n1\t甲", [["序号", "问题"], ["1", "甲"]]),
        ("序号｜问题\n1｜甲", [["序号", "问题"], ["1", "甲"]]),
        ("填报单位：甲\t日期：乙", []),
    ],
)
def test_tables_in_txt(text: str, rows: list[list[str]]) -> None:
    document = plain_document(text)
    found = [block for block in document.blocks if block.cells]
    assert [[document.text[cell.start : cell.end] for cell in block.cells] for block in found] == rows
    if rows:
        assert [cell.header for cell in found[1].cells] == ["序号", "问题"]


@given(st.text(st.sampled_from("一二、。 　\t|\n\rab1"), max_size=200))
def test_blocks_cover_all_that_is_no_blank(text: str) -> None:
    document = plain_document(text)
    assert document.text == text
    covered = {offset for block in document.blocks for offset in range(block.start, block.end)}
    outside = "".join(character for offset, character in enumerate(text) if offset not in covered)
    assert not outside.strip(" \n\r\t　|")
    assert all(one.end <= other.start for one, other in zip(document.blocks, document.blocks[1:], strict=False))
    for block in document.blocks:
        joined, offsets = document.joined(block)
        assert len(joined) == len(offsets)
        assert squeezed(joined) == squeezed(text[block.start : block.end])
        assert all(block.start <= cell.start <= cell.end <= block.end for cell in block.cells)


def test_places_before_and_between() -> None:
    document = Document("ab\ncd", (), ((1, "第1页"), (3, "第2页")))
    assert [document.place(offset) for offset in range(5)] == ["", "第1页", "第1页", "第2页", "第2页"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.doc", b"x", "另存为 docx"),
        ("a.wps", b"x", "另存为 docx"),
        ("a.png", b"x", "unknown suffix"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n ", "no text"),
        ("missing.pdf", None, "no such file"),
        *((f"empty{suffix}", b"", "empty") for suffix in SUFFIXES),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes | None, reason: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        read_document(path)
    assert str(path) in str(caught.value)


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").mkdir()
    with pytest.raises(InputError, match="folder"):
        read_document(tmp_path / "a.pdf")


def test_a_document_is_one_petition() -> None:
    for name in ("s01-1.docx", "s01-3.pdf", "s01-4.html", "s01-6.txt"):
        path = DATA / "reports" / name
        [petition] = read_petitions(path)
        assert isinstance(petition, Petition)
        assert (petition.id, petition.text) == (path.stem, read_document(path).text)
