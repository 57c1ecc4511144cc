"""What the paragraph styles of a docx file say: heading levels, lists, tables of contents."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from corpus.docx_numbering import number, value
from corpus.docx_package import W

_CONTENTS = re.compile(r"(toc|目录)\s*\d+|(table of figures)", re.IGNORECASE)
_NAMED_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_TITLES = ("title", "标题")


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style with what it inherits.

    `level` is that of a heading from 1 (0: none). `list_id` is the list that numbers its paragraphs, on level `depth`
    from 0 (None: the level that names the style). `contents` is a line of a generated table of contents.
    """

    level: int = 0
    list_id: str = ""
    depth: int | None = None
    contents: bool = False


def paragraph_styles(root: etree._Element | None) -> tuple[dict[str, Style], str]:
    """The paragraph styles by id, and the id of the one for paragraphs that name none."""
    elements = {
        element.get(f"{W}styleId", ""): element
        for element in (root.findall(f"{W}style") if root is not None else ())
        if element.get(f"{W}type") == "paragraph"
    }
    default = next((key for key, one in elements.items() if one.get(f"{W}default") in ("1", "true")), "")
    return {key: _style(key, elements) for key in elements}, default


def list_styles(root: etree._Element | None) -> dict[str, str]:
    """The list that each list style refers to."""
    found = {}
    for element in root.findall(f"{W}style") if root is not None else ():
        if element.get(f"{W}type") == "numbering":
            found[element.get(f"{W}styleId", "")] = value(element, "pPr", "numPr", "numId") or ""
    return found


def _style(key: str, elements: dict[str, etree._Element]) -> Style:
    """A style with what it does not say itself taken from the one it is based on."""
    chain: list[etree._Element] = []
    while key in elements and elements[key] not in chain:
        chain.append(elements[key])
        key = value(chain[-1], "basedOn") or ""
    style = Style()
    for element in reversed(chain):
        style = _refined(style, element)
    return style


def _refined(style: Style, element: etree._Element) -> Style:
    name = (value(element, "name") or "").strip()
    if heading := _NAMED_HEADING.fullmatch(name):
        style = replace(style, level=int(heading[1]))
    elif name.lower() in _TITLES:
        style = replace(style, level=1)
    if (outline := value(element, "pPr", "outlineLvl")) is not None:
        style = replace(style, level=heading_level(outline))
    if (list_id := value(element, "pPr", "numPr", "numId")) is not None:
        style = replace(style, list_id=list_id, depth=None)
    if (depth := value(element, "pPr", "numPr", "ilvl")) is not None:
        style = replace(style, depth=number(depth, 0))
    return replace(style, contents=style.contents or bool(_CONTENTS.fullmatch(name)))


def heading_level(outline: str) -> int:
    """The level of a heading from 1 for Word's outline level from 0; 9 there means text."""
    level = number(outline, 9)
    return level + 1 if 0 <= level < 9 else 0
