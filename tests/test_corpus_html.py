from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Document, read_document
from corpus.errors import DataFileError, FenbanError, InputError
from corpus.html_rules import web_page_rules

PAGES = Path(__file__).parent / "data" / "pages"


def read(tmp_path: Path, page: str | bytes) -> Document:
    path = tmp_path / "a.html"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return read_document(path)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_the_main_text_of_pages_as_offices_have_them(page: Path) -> None:
    assert read_document(page).text == page.with_suffix(".txt").read_text("utf-8").removesuffix("\n")


def test_cells_of_a_page_know_their_column() -> None:
    document = read_document(PAGES / "list.html")
    header, first, second, third, note = document.blocks[1:]
    assert [header.kind, first.kind, note.kind, document.blocks[0].level] == ["header", "row", "paragraph", 2]
    assert [(cell.header, document.text[cell.start : cell.end]) for cell in second.cells][::3] == [
        ("所在村", "上坪村"),
        ("状态", "未整改"),
    ]
    assert (third.cells[2].header, third.cells[2].span, document.place(third.start)) == ("责任人", 2, "表1第4行")


SENTENCE = "村里的路灯坏了半个月没有人修。"
BODY = f"<p>{SENTENCE}</p>"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="gb2312">', "gb18030"),
        ('<meta charset="utf-8">', "gb18030"),
        ('<meta charset="gbk">', "utf-8"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=big5">', "big5"),
        ('<meta charset="base64">', "utf-8"),
        ('<?xml version="1.0" encoding="gb2312"?>', "gb18030"),
        ("", "gb18030"),
        ("", "utf-16"),
        ("", "utf-16-le"),
        ("", "utf-8-sig"),
    ],
)
def test_the_encoding_is_the_declared_one_unless_the_bytes_say_otherwise(
    tmp_path: Path, head: str, encoding: str
) -> None:
    text = "村裡的路燈壞了半個月沒有人修。" if encoding == "big5" else "村里的路灯坏了半个月没有人修，领导都说知道。"
    page = f"<html><head>{head}</head><body><p>{text}</p></body></html>"
    assert read(tmp_path, page.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>第一段<p>第二段<br>第三段", ["第一段", "第二段", "第三段"]),
        ("<p>断在\n   源码里</p><p>two\nwords</p><p>前&nbsp;&nbsp;后</p>", ["断在源码里", "two words", "前 后"]),
        (f"<script>document.write('x')</script><style>p{{}}</style>{BODY}<!-- 注释 -->", [SENTENCE]),
        (f"<div style='display: none'>暗字</div><p hidden>暗字</p>{BODY}", [SENTENCE]),
        (f"<div class=topNav>菜单一</div>{BODY}<div id=foot>电话</div>尾巴", [SENTENCE, "尾巴"]),
        (f"<div class='nav-wrapper'>{BODY}</div>", [SENTENCE]),
        (f"<h3>相关新闻</h3><ul><li><a href=x>新闻一</a></ul>{BODY}", [SENTENCE]),
        ("<p>详见<a href=x>附件</a>所列的三个村。</p>", ["详见附件所列的三个村。"]),
        (f"<table><tr><td><a href=x>首页</a><td>{BODY}</table>", [SENTENCE]),
        ("<table><tr><td>村<td>户数<tr><td>甲<td rowspan=99>3</table>后文<p>末", ["村 | 户数", "甲 | 3", "后文", "末"]),
        ("<p>责任单位：镇政府</p><p>打印本页</p>", ["责任单位：镇政府"]),
        ("<b>" * 1_500 + "深", ["深"]),
    ],
)  # fmt: skip
def test_markup_as_it_comes(tmp_path: Path, page: str, expected: list[str]) -> None:
    assert read(tmp_path, page).text.split("\n") == expected


def test_a_cell_that_covers_millions_of_columns_costs_nothing(tmp_path: Path) -> None:
    row = "<tr><td colspan=99999999>村<td rowspan=99999999>问题<td colspan=-1>甲</tr>"
    assert read(tmp_path, f"<table>{row * 2}</table>").text == "村 | 问题 | 甲\n村 |  | 问题 | 甲"


def test_nothing_outside_the_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("机密")
    page = f"<!DOCTYPE html [<!ENTITY x SYSTEM 'secret.txt'>]><body>&x;<iframe src='secret.txt'></iframe>{BODY}"
    assert "机密" not in read(tmp_path, page).text


@pytest.mark.parametrize("page", ["<html></html>", "<!-- -->", "<script>1</script>", " \n "])
def test_a_page_without_text_is_refused(tmp_path: Path, page: str) -> None:
    with pytest.raises(InputError, match="no text"):
        read(tmp_path, page)


@pytest.mark.parametrize("content", ["[]", "elements: [a]", "elements: [a]\nbeginnings: [1]\ninformation: [b]"])
def test_rules_that_break_their_form_are_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(content)
    with pytest.raises(DataFileError, match="a list of words is expected"):
        web_page_rules(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_pages_raise_only_what_a_user_can_mend(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    content = bytearray(data.draw(st.sampled_from(sorted(PAGES.glob("*.html")))).read_bytes())
    for _ in range(data.draw(st.integers(0, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        document = read(tmp_path_factory.mktemp("fuzz"), bytes(content[: data.draw(st.integers(1, len(content)))]))
    except FenbanError:
        return
    assert all(0 <= b.start < b.end <= len(document.text) for b in document.blocks)
