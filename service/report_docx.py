"""The sections of a report as a Word document. Bars are drawn as shaded blanks, so no font and no picture is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from models.analysis.chinese import in_chinese
from models.analysis.report import Section

FONTS = {"w:ascii": "Times New Roman", "w:hAnsi": "Times New Roman", "w:eastAsia": "宋体"}
HEADING_FONT = "黑体"
NUMERALS = "一二三四五六七八九十"
LONGEST_BAR = 24
"""Blanks of the longest bar."""
BAR_COLOUR = "2B6CB0"
BLANK = "\u00a0"
WIDE = 8
"""Tables with more columns than this want the page turned."""


def write_docx(path: Path, title: str, sections: Sequence[Section]) -> None:
    """Writes the report; a table with a `bars` column gets a bar in every row."""
    document = Document()
    page = document.sections[0]
    if any(one.table is not None and len(one.table.columns) > WIDE for one in sections):
        page.orientation = WD_ORIENT.LANDSCAPE
        page.page_width, page.page_height = page.page_height, page.page_width
    normal = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    _set_fonts(normal, FONTS)
    for name in ("Title", "Heading 1"):
        _set_fonts(document.styles[name], {**FONTS, "w:eastAsia": HEADING_FONT})
    document.core_properties.title = title
    document.core_properties.author = ""
    document.add_heading(title, 0)
    for number, section in enumerate(sections):
        document.add_heading(f"{NUMERALS[number]}、{section.title}", 1)
        for line in section.lines:
            document.add_paragraph(line)
        if section.table is not None and len(section.table):
            _add_table(document, section.table, section.bars)
    document.save(str(path))


def _add_table(document: Any, table: pd.DataFrame, bars: str) -> None:
    shown = in_chinese(table)
    headers = [str(name) for name in shown.columns]
    grid = document.add_table(rows=1, cols=len(headers) + bool(bars))
    grid.style = "Table Grid"
    for cell, name in zip(grid.rows[0].cells, headers, strict=False):
        cell.text = name
        cell.paragraphs[0].runs[0].bold = True
    _repeat_header(grid.rows[0])
    values = [max(0.0, float(value)) for value in table[bars]] if bars else []
    largest = max(values, default=0.0)
    for number, row in enumerate(shown.to_numpy().tolist()):
        cells = grid.add_row().cells
        for cell, value in zip(cells, row, strict=False):
            cell.text = str(value)
        if largest > 0:
            _add_bar(cells[-1].paragraphs[0], round(LONGEST_BAR * values[number] / largest))
    for line in grid.rows:
        for cell in line.cells:
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9)


def _add_bar(paragraph: Any, length: int) -> None:
    if not length:
        return
    run = paragraph.add_run(BLANK * length)
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:color"), "auto")
    shading.set(qn("w:fill"), BAR_COLOUR)
    run._r.get_or_add_rPr().append(shading)


def _repeat_header(row: Any) -> None:
    """The row stands again at the top of every page that the table goes over to."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _set_fonts(style: Any, names: dict[str, str]) -> None:
    """Fonts by script; the theme's fonts, which would come before them, are taken away."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in [key for key in fonts.attrib if "Theme" in key]:
        del fonts.attrib[key]
    for key, name in names.items():
        fonts.set(qn(key), name)
