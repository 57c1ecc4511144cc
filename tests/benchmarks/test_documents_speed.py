"""What reading a hundred pages costs beside what the parser underneath needs for the bare characters. `make bench`."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from lxml import etree
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from corpus.documents import read_document
from corpus.written import written_reports

pytestmark = pytest.mark.benchmark
PAGE = 800
"""Characters of a page of an official document."""
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paragraphs() -> list[str]:
    """A hundred pages of the written reports."""
    lines = [line for report in written_reports("train") for line in report.text.split("\n") if line.strip()]
    times = 100 * PAGE // sum(map(len, lines)) + 1
    return lines * times


def best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def test_a_hundred_pages_of_docx(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')

    def bare() -> str:
        with zipfile.ZipFile(path) as archive:
            return "".join(etree.fromstring(archive.read("word/document.xml")).itertext())

    ours, theirs = best(lambda: read_document(path)), best(bare)
    print(f"\n100 pages of docx: {ours:.2f} s, bare characters {theirs:.2f} s")
    assert ours < 2.0
    assert ours < 40 * theirs


def test_a_hundred_pages_of_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    look = ParagraphStyle("x", fontName="STSong-Light", fontSize=12, leading=24, firstLineIndent=24, wordWrap="CJK")
    SimpleDocTemplate(str(path)).build([Paragraph(text.replace("<", "〈"), look) for text in paragraphs()])

    def bare() -> int:
        with pdfium.PdfDocument(path) as file:
            return sum(len(page.get_textpage().get_text_range()) for page in file)

    ours, theirs = best(lambda: read_document(path)), best(bare)
    print(f"\n100 pages of pdf: {ours:.2f} s, pdfium's plain text {theirs:.2f} s")
    assert ours < 4 * theirs
