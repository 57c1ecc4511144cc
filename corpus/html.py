"""Web pages: the main text, without menus, advertisements and what else surrounds it; tables row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree, html

from corpus.composing import Composer, TooLongError
from corpus.documents import MOST_CHARACTERS, Document
from corpus.encoding import detect_encoding
from corpus.errors import InputError
from corpus.html_rules import MOST_INFORMATION, WebPageRules, web_page_rules
from corpus.html_tables import grid, is_data_table

MOST_BYTES = 64 << 20
KEPT_SHARE = 0.3
"""Share of the page's text from which on an element is kept, whatever it is called."""
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_CHINESE = ("gb2312", "gbk", "gb_2312-80", "x-gbk", "hz-gb-2312")
_UNREAD = (
    "script", "style", "noscript", "template", "nav", "aside", "footer", "iframe", "object", "embed", "svg", "canvas",
    "button", "select", "input", "textarea", "head", "audio", "video", "map",
)  # fmt: skip
_BLOCKS = frozenset((
    "address", "article", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "ol", "p",
    "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_MAIN = ".//main | .//article | .//*[@role='main']"
_SOURCE_BREAK = re.compile(r"(?<=[^\x00-\x7f])[ \t\r\f\v]*\n\s*|[ \t\r\f\v]*\n\s*(?=[^\x00-\x7f])")
"""A line break of the source beside a Chinese character; between Latin words it stands for a blank."""
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(slots=True)
class _Line:
    """A line of the page as it is seen, or a table; `linked` counts its characters that are links."""

    text: str = ""
    level: int = 0
    linked: int = 0
    table: html.HtmlElement | None = None


def read_html(path: Path) -> Document:
    """An html file; places are paragraphs that hold text (第12段) and table rows (表2第4行).

    Raises:
        InputError: larger than MOST_BYTES, or no markup that can be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InputError(path, f"larger than {MOST_BYTES >> 20} MB; save the page without its pictures")
    root = _parsed(_decoded(path))
    if root is None:
        raise InputError(path, "there is no text in it")
    try:
        return _document(_text_lines(root))
    except TooLongError as error:
        raise InputError(path, f"longer than {MOST_CHARACTERS:,} characters; split it") from error


def _decoded(path: Path) -> str:
    """The page in the encoding that it declares, or, where that leaves more damage, in the one its bytes look like."""
    data = path.read_bytes()
    found = detect_encoding(path)
    text = data.decode(found, errors="replace")
    declared = _DECLARED.search(data[:4096])
    if declared is None or found.startswith("utf-16") or found == "utf-8-sig":
        return text
    name = declared[1].decode("ascii", errors="replace").lower()
    try:
        other = data.decode("gb18030" if name in _CHINESE else name, errors="replace")
    except (LookupError, ValueError):
        return text
    return other if other.count("\ufffd") <= text.count("\ufffd") else text


def _parsed(text: str) -> html.HtmlElement | None:
    # Old pages nest unclosed elements deeper than the parser would take without huge_tree.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return html.document_fromstring(text.replace("\0", "\ufffd").encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _text_lines(root: html.HtmlElement) -> list[_Line]:
    """The lines of the page's text."""
    rules = web_page_rules()
    etree.strip_elements(root, *_UNREAD, with_tail=False)
    aside = _aside(root, rules)
    kept: list[_Line] = []
    for line in (line for part in _main_parts(root) for line in _lines(part, aside)):
        if line.table is None and _is_link_line(line):
            # The heading of a list of links goes with it.
            if kept and kept[-1].level > 1:
                kept.pop()
        elif line.table is not None or not rules.is_aside(line.text):
            kept.append(line)
    return kept


def _aside(root: html.HtmlElement, rules: WebPageRules) -> set[html.HtmlElement]:
    """The elements that are not shown or stand beside the text."""
    whole = _own_length(root)
    found = set()
    for element in root.iter(etree.Element):
        if "hidden" in element.attrib or _NOT_SHOWN.search(element.get("style", "")):
            found.add(element)
            continue
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if rules.names_aside(names) and _own_length(element) < KEPT_SHARE * whole:
            found.add(element)
    return found


def _own_length(element: html.HtmlElement) -> int:
    """Characters of an element that are no links, blanks aside."""
    linked = sum(len("".join(link.text_content().split())) for link in element.iterdescendants("a"))
    return len("".join(element.text_content().split())) - linked


def _main_parts(root: html.HtmlElement) -> list[html.HtmlElement]:
    """The main part that the page names, with its title, where that holds most of the text; else all of the page."""
    whole = _own_length(root)
    for main in root.xpath(_MAIN):
        if _own_length(main) * 2 >= whole:
            title = next(root.iter("h1"), None)
            return [main] if title is None or main in title.iterancestors() else [title, main]
    return [root]


def _lines(root: html.HtmlElement, aside: set[html.HtmlElement]) -> Iterator[_Line]:
    """The lines of an element as they are seen, from the top, without those elements."""
    pieces: list[str] = []
    linked = links = level = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        starts = event == "start"
        if tag in _BLOCKS or (tag == "br" and starts):
            yield from _line(pieces, level, linked)
            pieces, linked = [], 0
            if heading := _HEADING.fullmatch(tag):
                level = int(heading[1]) if starts else 0
        elif tag == "a":
            links += 1 if starts else -1
        if starts and element in aside:
            walk.skip_subtree()
        elif starts and tag == "table" and is_data_table(element):
            yield _Line(table=element)
            walk.skip_subtree()
        elif (starts or element is not root) and (text := element.text if starts else element.tail):
            pieces.append(text)
            linked += len("".join(text.split())) if links else 0
    yield from _line(pieces, level, linked)


def _line(pieces: Sequence[str], level: int, linked: int) -> Iterator[_Line]:
    text = " ".join(_SOURCE_BREAK.sub("", "".join(pieces)).split())
    if text:
        yield _Line(text, level, linked)


def _is_link_line(line: _Line) -> bool:
    """Whether a line is mostly links, as in a menu."""
    return line.linked * 2 > len(line.text) and len(line.text) <= MOST_INFORMATION


def _document(lines: Sequence[_Line]) -> Document:
    composer = Composer()
    paragraphs = 0
    for line in lines:
        if line.table is not None:
            composer.table(*grid(line.table))
            continue
        paragraphs += 1
        composer.mark(f"第{paragraphs}段")
        composer.paragraph(line.text, "heading" if line.level else "paragraph", line.level)
    return composer.document()
