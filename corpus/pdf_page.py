"""One page of a pdf file as glyphs and ruled lines, seen upright, with y growing downwards from the top."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

UNMAPPED = "\ufffd"
MOST_EDGES = 20_000
"""Ruled lines of a page that are looked at; a page with more is a drawing."""
_SHORTEST_RULE = 6.0
_UPRIGHT = 0.95
"""Cosine of the largest slant that is read, 18 degrees; both it and the page's rotation count clockwise."""
_LINE_END_HYPHEN = 2
"""What pdfium gives for a hyphen at the end of a line."""
_OUTSIDE = frozenset((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
"""Characters without width, which only guide line breaking."""
_RADICALS = str.maketrans(
    "⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "民西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
)
"""Fonts without a proper map name characters by their radical: ⻓ for 长, ⼀ for 一."""


class Glyph(NamedTuple):
    """One character: left and right edge, baseline (from the top of the page) and size in points.

    `spaced` tells that the file has a blank before it.
    """

    text: str
    left: float
    right: float
    y: float
    size: float
    spaced: bool = False


class Edge(NamedTuple):
    """A straight horizontal or upright stroke; `low` to `high` along it, `at` across."""

    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page; `unmapped` counts glyphs whose character the font does not tell."""

    height: float
    glyphs: list[Glyph]
    horizontal: list[Edge]
    upright: list[Edge]
    unmapped: int


Point = Callable[[float, float], tuple[float, float]]


def read_page(page: pdfium.PdfPage) -> Page:
    """The glyphs of a page that stand upright (a slanted watermark does not), and its ruled lines."""
    rotation = page.get_rotation()
    left, bottom, right, top = page.get_cropbox()
    upright_point: Point = {
        90: lambda x, y: (y - bottom, x - left),
        180: lambda x, y: (right - x, y - bottom),
        270: lambda x, y: (top - y, right - x),
    }.get(rotation, lambda x, y: (x - left, top - y))
    text_page = page.get_textpage()
    try:
        glyphs = list(_glyphs(text_page, upright_point, math.radians(rotation)))
    finally:
        text_page.close()
    horizontal, upright = _edges(page, upright_point)
    mapped = [glyph for glyph in glyphs if glyph.text != UNMAPPED]
    return Page(page.get_size()[1], mapped, horizontal, upright, len(glyphs) - len(mapped))


def _glyphs(text_page: pdfium.PdfTextPage, upright_point: Point, rotation: float) -> Iterator[Glyph]:
    handle = text_page.raw
    box = raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    spaced = False
    for index in range(text_page.count_chars()):
        code = raw.FPDFText_GetUnicode(handle, index)
        if code == _LINE_END_HYPHEN:
            code = ord("-")
        if code == 0x20:
            spaced = True
        if code <= 0x20 or code in _OUTSIDE or (character := chr(code)).isspace():
            continue
        turned = raw.FPDFText_GetCharAngle(handle, index) + rotation
        if math.cos(turned) < _UPRIGHT:
            continue
        if not raw.FPDFText_GetLooseCharBox(handle, index, box) or not raw.FPDFText_GetCharOrigin(handle, index, x, y):
            continue
        (left, one), (right, other) = upright_point(box.left, box.bottom), upright_point(box.right, box.top)
        baseline = upright_point(x.value, y.value)[1]
        if code >= 0xE000:
            character = _known(character)
        elif 0x2E80 <= code <= 0x2FDF:
            character = unicodedata.normalize("NFKC", character.translate(_RADICALS))
        yield Glyph(character, min(left, right), max(left, right), baseline, max(abs(one - other), 1.0), spaced)
        spaced = False


def _known(character: str) -> str:
    """The character, or UNMAPPED for one of a private area or none at all."""
    if unicodedata.category(character) in ("Co", "Cn", "Cs"):
        return UNMAPPED
    if "\uf900" <= character <= "\ufaff":
        return unicodedata.normalize("NFKC", character)
    return character


def _edges(page: pdfium.PdfPage, upright_point: Point) -> tuple[list[Edge], list[Edge]]:
    """The horizontal and the upright strokes that are drawn on a page."""
    horizontal: list[Edge] = []
    upright: list[Edge] = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        matrix = item.get_matrix()
        for start, end in _strokes(item.raw):
            (x0, y0), (x1, y1) = (upright_point(*matrix.on_point(*point)) for point in (start, end))
            if abs(x1 - x0) >= _SHORTEST_RULE and abs(y1 - y0) < 1.0:
                horizontal.append(Edge((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(y1 - y0) >= _SHORTEST_RULE and abs(x1 - x0) < 1.0:
                upright.append(Edge((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
        if len(horizontal) + len(upright) > MOST_EDGES:
            return [], []
    return horizontal, upright


def _strokes(path: raw.FPDF_PAGEOBJECT) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight strokes of a path from point to point, in the path's own coordinates."""
    x, y = ctypes.c_float(), ctypes.c_float()
    begin = current = (0.0, 0.0)
    for index in range(min(raw.FPDFPath_CountSegments(path), MOST_EDGES)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        if not segment or not raw.FPDFPathSegment_GetPoint(segment, x, y):
            return
        point = (x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begin = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield current, point
        current = point
        if raw.FPDFPathSegment_GetClose(segment):
            yield current, begin
            current = begin
