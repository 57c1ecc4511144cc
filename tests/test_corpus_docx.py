from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Document, read_document
from corpus.errors import FenbanError, InputError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def write_docx(path: Path, body: str, head: str = "", **parts: str) -> Path:
    """A docx file with this body; further parts (numbering, styles, footnotes …) by name, without their root."""
    relations = "".join(f'<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>' for name in parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="a" Type="{OFFICE}/officeDocument" '
            'Target="word/main.xml"/></Relationships>',
        )
        archive.writestr("word/main.xml", f"{head}<w:document {W}><w:body>{body}</w:body></w:document>")
        archive.writestr("word/_rels/main.xml.rels", f'<Relationships xmlns="{RELATIONS}">{relations}</Relationships>')
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{name} {W}>{content}</w:{name}>")
    return path


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def paragraph(content: str, properties: str = "") -> str:
    inner = content if content.startswith("<") else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def listed(text: str, number: int, level: int = 0) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def level(depth: int, form: str, text: str, start: int = 1, more: str = "") -> str:
    head = f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
    return f'{head}<w:lvlText w:val="{text}"/></w:lvl>'


def cell(*content: str, properties: str = "") -> str:
    inner = "".join(one if one.startswith("<") else paragraph(one) for one in content) or "<w:p/>"
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


HIDDEN, SHOWN = "<w:vanish/>", '<w:vanish w:val="0"/>'


def lines(document: Document) -> list[str]:
    return document.text.split("\n")


REPORT = (
    '<w:abstractNum w:abstractNumId="0">'
    + level(0, "chineseCountingThousand", "%1、")
    + level(1, "chineseCountingThousand", "（%2）")
    + level(2, "decimal", "%3.")
    + level(3, "decimalEnclosedCircle", "%4")
    + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    + '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
    + '<w:lvlOverride w:ilvl="2"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
)


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


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<w:p>{run('收')}<w:del>{run('十')}</w:del><w:ins>{run('二十')}</w:ins>{run('万元')}</w:p>", ["收二十万元"]),
        (
            f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('前半')}</w:p><w:p>{run('后半')}</w:p>",
            ["前半后半"],
        ),
        (f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('末段')}</w:p>", ["末段"]),
        (f"<w:p>{run('看得见')}{run('看不见', HIDDEN)}{run('的', SHOWN)}</w:p>", ["看得见的"]),
        (f"<w:p>{run('甲')}<w:r><w:br/></w:r>{run('乙')}<w:r><w:tab/></w:r>{run('丙')}</w:p>", ["甲", "乙\t丙"]),
        (
            "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>REF x</w:instrText></w:r>"
            f"{run('码')}<w:r><w:fldChar w:fldCharType='separate'/></w:r>{run('见附件')}"
            f"<w:r><w:fldChar w:fldCharType='end'/></w:r>{run('一')}</w:p>",
            ["见附件一"],
        ),
        (f"<w:p><w:hyperlink>{run('链接')}</w:hyperlink><w:smartTag>{run('文字')}</w:smartTag></w:p>", ["链接文字"]),
        (f"<w:sdt><w:sdtPr>{run('x')}</w:sdtPr><w:sdtContent>{paragraph('控件内')}</w:sdtContent></w:sdt>", ["控件内"]),
        (
            '<w:p xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f"{run('段落')}<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{paragraph('文本框')}</w:txbxContent>"
            f"</mc:Choice><mc:Fallback><w:txbxContent>{paragraph('文本框')}</w:txbxContent></mc:Fallback>"
            f"</mc:AlternateContent></w:r>{run('继续')}</w:p>",
            ["段落继续", "文本框"],
        ),
        (
            f"<w:p><w:r><w:ruby><w:rt>{run('pin')}</w:rt><w:rubyBase>{run('拼')}</w:rubyBase></w:ruby></w:r>"
            "<w:r><w:sym w:char='F0FE'/><w:sym w:char='25A1'/><w:sym w:char='zz'/></w:r></w:p>",
            ["拼□"],
        ),
    ],
)  # fmt: skip
def test_what_is_seen_is_read(tmp_path: Path, body: str, expected: list[str]) -> None:
    assert lines(read_document(write_docx(tmp_path / "a.docx", body))) == expected


def test_footnotes_come_last_and_are_places(tmp_path: Path) -> None:
    body = f"<w:p>{run('挪用3万元')}<w:r><w:footnoteReference w:id='2'/></w:r>{run('。')}</w:p>{paragraph('下一段')}"
    footnotes = (
        f"<w:footnote w:id='0'>{paragraph('线')}</w:footnote><w:footnote w:id='2'>{paragraph('含利息')}</w:footnote>"
    )
    document = read_document(write_docx(tmp_path / "a.docx", body, footnotes=footnotes))
    assert lines(document) == ["挪用3万元。", "下一段", "含利息"]
    assert (document.blocks[2].kind, document.place(document.blocks[2].start)) == ("note", "脚注1")


def test_merged_and_nested_cells(tmp_path: Path) -> None:
    restart, continues = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        cell("整改台账", properties='<w:gridSpan w:val="3"/>'),
        cell("村") + cell("问题") + cell("状态"),
        cell("上坪村", properties=restart) + cell("白条入账", "3.2万元") + cell("已整改"),
        cell(properties=continues) + cell("账外收款") + cell(table(cell("甲") + cell("乙"), cell("丙") + cell("丁"))),
        cell("合计2项", properties='<w:gridSpan w:val="2"/>') + cell(),
    )
    document = read_document(write_docx(tmp_path / "a.docx", paragraph("表前") + body))
    assert lines(document) == [
        "表前", "整改台账", "村 | 问题 | 状态", "上坪村 | 白条入账 3.2万元 | 已整改", " | 账外收款 | ", "合计2项 | ",
        "甲 | 乙", "丙 | 丁",
    ]  # fmt: skip
    assert [b.kind for b in document.blocks] == ["paragraph", "row", "header", "row", "row", "row", "header", "row"]
    row = document.blocks[4]
    assert [(c.header, document.text[c.start : c.end], c.merged) for c in row.cells] == [
        ("村", "上坪村", True), ("问题", "账外收款", False), ("状态", "", False),
    ]  # fmt: skip
    assert document.place(row.cells[1].start) == "表1第4行"
    assert document.place(document.text.index("丁")) == "表2第2行"


def test_numbers_in_cells_and_frames_of_one_column(tmp_path: Path) -> None:
    def counted(text: str) -> str:
        return cell(listed(text, 1, 2) if text else f"{listed('', 1, 2)}")

    body = table(cell("序号") + cell("问题"), counted("") + cell("甲"), counted("") + cell("乙")) + table(
        cell("框内第一段", "框内第二段")
    )
    document = read_document(write_docx(tmp_path / "a.docx", body, numbering=REPORT))
    assert lines(document) == ["序号 | 问题", "1. | 甲", "2. | 乙", "框内第一段", "框内第二段"]
    assert document.blocks[3].kind == "paragraph"


def test_strict_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        strict = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
        archive.writestr("word/document.xml", f"<w:document {strict}><w:body>{paragraph('严格')}</w:body></w:document>")
    assert lines(read_document(path)) == ["严格"]


def encrypted(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(70):
            part.write(bytes(1 << 20))


def entities(path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    write_docx(path, paragraph("&l9;"), head=f'<!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]>')


def outside(path: Path) -> None:
    write_docx(path, paragraph("&x;"), head='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04" + random.Random(0).randbytes(400)), "另存为 docx"),
        (lambda path: path.write_text("{\\rtf1 }"), "另存为 docx"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600)), "old doc file"),
        (encrypted, "password"),
        (bomb, "64 MB"),
        (entities, "entities"),
        (outside, "entities"),
        (lambda path: write_docx(path, "<w:p/>"), "no text"),
        (lambda path: write_docx(path, "<w:p>"), "damaged"),
        (lambda path: write_docx(path, "<w:sdt>" * 300 + "</w:sdt>" * 300), "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, make, reason: str) -> None:
    path = tmp_path / "a.docx"
    make(path)
    with pytest.raises(InputError, match=reason) as caught:
        read_document(path)
    assert str(path) in str(caught.value)


GOOD = table(cell("村") + cell("问题"), cell("甲") + cell("乙")) + listed("问题", 1) + paragraph("正文" * 40)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_files_raise_only_what_a_user_can_mend(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    path = write_docx(tmp_path_factory.mktemp("fuzz") / "a.docx", GOOD, numbering=REPORT, styles="<w:style/>")
    with zipfile.ZipFile(path) as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    if data.draw(st.booleans(), "inside the archive"):
        content = members[data.draw(st.sampled_from(sorted(members)))]
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, bytes(content))
    else:
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(0, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        document = read_document(path)
    except FenbanError:
        return
    assert all(0 <= b.start < b.end <= len(document.text) for b in document.blocks)
