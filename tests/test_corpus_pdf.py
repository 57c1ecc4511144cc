from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, SimpleDocTemplate, Table, TableStyle
from reportlab.platypus import Paragraph as Flowing

from corpus.documents import Document, read_document
from corpus.errors import FenbanError, InputError
from corpus.pdf import MOST_PAGES

FONT = "STSong-Light"
SENTENCES = (
    "{}、惠农补贴发放不严格。{}坪村2022年将已故的3名老人继续列入耕地地力补贴名单，多发2160元，款项至今没有收回。",
    "（{}）集体资产管理松散。{}湾村把村部门面以每月200元租给村会计的亲属，合同一签二十年，没有开过村民代表会议。",
    "{}月修建的便民桥未经验收即付清工程款18.6万元，{}边桥面开裂后无人负责，镇项目办却以资料齐全为由不予处理。",
    "第{}条对{}述问题，巡察组已向镇党委反馈，要求三个月内整改到位并报送结果，镇党委书记作了表态发言。",
)
PLACES = zip("一二三四五六七八", "上下东西南北前后", strict=True)
TEXTS = [sentence.format(number, place) for number, place in PLACES for sentence in SENTENCES]


@pytest.fixture(scope="module", autouse=True)
def _font() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def flowing(texts: list[str], **style: object) -> list[Flowing]:
    look = {"fontName": FONT, "fontSize": 11, "leading": 18, "wordWrap": "CJK"} | style
    return [Flowing(text, ParagraphStyle("x", **look)) for text in texts]


def lines(document: Document) -> list[str]:
    return document.text.split("\n")


def running(canvas: Canvas, page: BaseDocTemplate) -> None:
    canvas.setFont(FONT, 9)
    canvas.drawString(72, 800, "县委巡察组　内部资料")
    canvas.drawRightString(520, 800, "注意保存")
    canvas.drawCentredString(300, 30, f"— {page.page} —")


def columns_document(path: Path) -> BaseDocTemplate:
    frames = [Frame(60, 60, 220, 700, id="left"), Frame(310, 60, 220, 700, id="right")]
    document = BaseDocTemplate(str(path))
    document.addPageTemplates(PageTemplate(frames=frames, onPage=running))
    return document


@pytest.mark.parametrize(
    "style",
    [
        {"firstLineIndent": 22},
        {"spaceAfter": 6},
        {"firstLineIndent": 24, "fontSize": 12, "leading": 28, "alignment": 4},
        {},
    ],
)
def test_lines_are_joined_and_running_headers_left_out(tmp_path: Path, style: dict[str, object]) -> None:
    path = tmp_path / "a.pdf"
    SimpleDocTemplate(str(path)).build(flowing(TEXTS, **style), onFirstPage=running, onLaterPages=running)
    assert lines(read_document(path)) == TEXTS


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    columns_document(tmp_path / "a.pdf").build(flowing(TEXTS, firstLineIndent=22))
    document = read_document(tmp_path / "a.pdf")
    assert lines(document) == TEXTS
    assert document.place(0) == "第1页"
    assert document.place(len(document.text) - 1) == "第2页"


def test_a_title_over_two_columns_and_a_paragraph_over_two_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont(FONT, 20)
    canvas.drawCentredString(297, 780, "关于石桥镇的巡察反馈意见报告")
    canvas.setFont(FONT, 11)
    for index in range(6):
        canvas.drawString(60, 740 - 18 * index, "左" * 20)
        canvas.drawString(310, 738 - 18 * index, "右" * 20)
    canvas.showPage()
    canvas.setFont(FONT, 11)
    canvas.drawString(60, 740, "末" * 8 + "。")
    canvas.save()
    document = read_document(path)
    assert lines(document) == ["关于石桥镇的巡察反馈意见报告", "左" * 120 + "右" * 120 + "末" * 8 + "。"]
    assert [document.blocks[0].kind, document.place(document.text.index("右"))] == ["heading", "第1页"]
    assert document.place(document.text.index("末")) == "第2页"


GRID = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 0), (-1, -1), FONT, 10)]


def test_ruled_tables_with_merged_and_wrapped_cells_over_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    rows = [["序号", "所在村", "问题", "整改状态"]]
    rows += [[str(n), f"{'上下东西'[n // 10 % 4]}坪村", TEXTS[n % 30], "已整改"] for n in range(1, 41)]
    wrapped = [[*flowing([one], fontSize=10, leading=14)] for row in rows for one in row]
    cells = [wrapped[at : at + 4] for at in range(0, len(wrapped), 4)]
    style = TableStyle([*GRID, ("SPAN", (1, 1), (1, 2))])
    table = Table(cells, colWidths=[40, 60, 260, 60], repeatRows=1, style=style)
    SimpleDocTemplate(str(path)).build(
        [*flowing(["表前的话。"]), table, *flowing(["表后的话。"])], onLaterPages=running
    )
    document = read_document(path)
    rows[2][1] = ""
    assert lines(document) == ["表前的话。", *(" | ".join(row) for row in rows), "表后的话。"]
    header, first, second = document.blocks[1:4]
    assert (header.kind, second.cells[1].merged) == ("header", True)
    assert [cell.header for cell in first.cells] == rows[0]
    assert document.text[slice(second.cells[1].start, second.cells[1].end)] == "上坪村"


def test_a_table_without_rules_is_told_by_its_gaps(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont(FONT, 11)
    rows = [["村名", "问题", "状态"], ["上坪村", "白条入账三万元", "已整改"], ["下湾村", "账外收取租金", "未整改"]]
    canvas.drawString(72, 780, TEXTS[0][:38])
    for index, row in enumerate(rows):
        for x, text in zip((72, 160, 400), row, strict=True):
            canvas.drawString(x, 740 - 36 * index, text)
    canvas.drawString(160, 740 - 36 * 2 - 16, "和管理费")
    canvas.drawString(72, 600, TEXTS[1][:38])
    canvas.save()
    rows[2][1] += "和管理费"
    assert lines(read_document(path)) == [TEXTS[0][:38], *(" | ".join(row) for row in rows), TEXTS[1][:38]]


def watermarked(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.translate(100, 300)
    canvas.rotate(45)
    canvas.setFont(FONT, 60)
    canvas.drawString(0, 0, "内部资料")
    canvas.restoreState()


def turned(canvas: Canvas) -> None:
    canvas.setPageRotation(90)
    canvas.translate(595, 0)
    canvas.rotate(90)


def drawn_bold(canvas: Canvas) -> None:
    canvas.drawString(72.3, 500, "第一行。")


@pytest.mark.parametrize("before", [watermarked, turned, drawn_bold])
def test_watermarks_turned_pages_and_doubled_letters(tmp_path: Path, before: Callable[[Canvas], None]) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont(FONT, 11)
    before(canvas)
    canvas.setFont(FONT, 11)
    canvas.drawString(72, 500, "第一行。")
    canvas.drawString(72, 470, "第二行 with two words，37.5%。")
    canvas.save()
    assert lines(read_document(path)) == ["第一行。", "第二行with two words，37.5%。"]


def test_lists_whose_numbers_hang_out(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    texts = [f"{number}.{text[2:]}" for number, text in enumerate(TEXTS[:3], 1)]
    SimpleDocTemplate(str(path)).build(flowing(texts, leftIndent=22, firstLineIndent=-22))
    assert lines(read_document(path)) == texts


def test_pages_without_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))
    canvas.setFont(FONT, 11)
    canvas.drawString(72, 500, "有字的一页。")
    canvas.showPage()
    canvas.drawImage(picture(), 0, 0)
    canvas.save()
    assert read_document(path).remarks == ("1 pages without text (scans or empty) were left out: 2",)


def picture() -> ImageReader:
    return ImageReader(Image.new("L", (40, 40)))


def one_page(path: Path, **options: object) -> None:
    canvas = Canvas(str(path), pagesize=landscape(A4), **options)
    canvas.setFont(FONT, 11)
    for index, text in enumerate(TEXTS[:6]):
        canvas.drawString(72, 500 - 20 * index, text)
    canvas.save()


def scan(path: Path) -> None:
    canvas = Canvas(str(path))
    canvas.drawImage(picture(), 0, 0)
    canvas.save()


def many(path: Path) -> None:
    canvas = Canvas(str(path), pageCompression=0)
    for _ in range(MOST_PAGES + 1):
        canvas.showPage()
    canvas.save()


def no_pages(path: Path) -> None:
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (scan, "text recognition"),
        (many, "split it"),
        (no_pages, "damaged"),
        (lambda path: path.write_bytes(b"%PDF-1.7\n" + bytes(500)), "damaged"),
        (lambda path: one_page(path, encrypt=StandardEncryption("secret", "owner")), "password"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, make, reason: str) -> None:
    path = tmp_path / "a.pdf"
    make(path)
    with pytest.raises(InputError, match=reason) as caught:
        read_document(path)
    assert str(path) in str(caught.value)


def test_a_password_that_only_forbids_printing_does_not_matter(tmp_path: Path) -> None:
    one_page(tmp_path / "a.pdf", encrypt=StandardEncryption("", "owner", canPrint=0))
    assert "便民桥" in read_document(tmp_path / "a.pdf").text


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_damaged_files_raise_only_what_a_user_can_mend(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    buffer = io.BytesIO()
    table = Table([["村", "问题"], ["甲", "乙"]], style=TableStyle(GRID))
    SimpleDocTemplate(buffer, pageCompression=0).build([*flowing(TEXTS[:3]), table])
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(0, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("fuzz") / "a.pdf"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))] if data.draw(st.booleans()) else content)
    try:
        document = read_document(path)
    except FenbanError:
        return
    assert all(0 <= b.start < b.end <= len(document.text) for b in document.blocks)
