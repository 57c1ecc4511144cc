"""What a reader of a Word document sees is read, in its order."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx_parts import HIDDEN, SHOWN, cell, lines, paragraph, run, table, write_docx

from corpus.documents import read_document


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


def test_strict_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        strict = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
        archive.writestr("word/document.xml", f"<w:document {strict}><w:body>{paragraph('严格')}</w:body></w:document>")
    assert lines(read_document(path)) == ["严格"]
