"""The numbers that Word generates in front of paragraphs: numbering.xml with the styles that point into it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from corpus.docx_package import W
from corpus.numerals import numeral

LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_VAL = f"{W}val"


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    style: str = ""


def value(parent: etree._Element | None, *names: str) -> str | None:
    """The `w:val` at the end of a path of child elements; None where the path breaks off."""
    for name in names:
        parent = parent.find(W + name) if parent is not None else None
    return parent.get(_VAL) if parent is not None else None


def number(text: str | None, otherwise: int) -> int:
    """An attribute as a number."""
    try:
        return int(text) if text is not None else otherwise
    except ValueError:
        return otherwise


def is_on(parent: etree._Element | None, name: str) -> bool:
    """Whether a switch (an element without value, or with a true one) is set."""
    element = parent.find(W + name) if parent is not None else None
    return element is not None and element.get(_VAL) not in ("0", "false", "off")


class Numbering:
    """Counts the numbered paragraphs of one document, which must be asked for in their order.

    Lists that share their definition count on together, unless a list says where it starts (`w:startOverride`).
    """

    def __init__(self, root: etree._Element | None, style_lists: dict[str, str]) -> None:
        """Takes numbering.xml and, for list styles, the list each refers to."""
        self._levels: dict[str, dict[int, _Level]] = {}
        self._linked: dict[str, str] = {}
        self._lists: dict[str, str] = {}
        self._own: dict[str, dict[int, _Level]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._style_lists = style_lists
        for element in root if root is not None else ():
            if element.tag == f"{W}abstractNum":
                key = element.get(f"{W}abstractNumId", "")
                self._levels[key] = dict(map(_level, element.findall(f"{W}lvl")))
                self._linked[key] = value(element, "numStyleLink") or ""
            elif element.tag == f"{W}num":
                self._add_list(element)

    def _add_list(self, element: etree._Element) -> None:
        key = element.get(f"{W}numId", "")
        self._lists[key] = value(element, "abstractNumId") or ""
        self._own[key], self._starts[key] = {}, {}
        for override in element.findall(f"{W}lvlOverride"):
            depth = number(override.get(f"{W}ilvl"), 0)
            if (own := override.find(f"{W}lvl")) is not None:
                self._own[key][depth] = _level(own)[1]
            if (start := value(override, "startOverride")) is not None:
                self._starts[key][depth] = number(start, 1)

    def _definition(self, list_id: str) -> str:
        """The abstract definition of a list, list styles followed."""
        definition = self._lists.get(list_id, "")
        linked = self._style_lists.get(self._linked.get(definition, ""), "")
        return self._lists.get(linked, definition)

    def level_of_style(self, list_id: str, style: str) -> int:
        """The level that names a paragraph style; 0 where none does."""
        levels = self._levels.get(self._definition(list_id), {})
        return next((depth for depth, level in levels.items() if level.style == style), 0)

    def next(self, list_id: str, depth: int) -> str:
        """The number of the next paragraph of a list on a level (from 0), as it is seen; "" for bullets and no list."""
        definition = self._definition(list_id)
        if definition not in self._levels or not 0 <= depth < LEVELS:
            return ""
        levels = {**self._levels[definition], **self._own[list_id]}
        starts = {one: levels[one].start for one in levels} | self._starts[list_id]
        counters = self._counters.setdefault(definition, [None] * LEVELS)
        before = counters[depth]
        begins = depth in self._starts[list_id] and (list_id, depth) not in self._begun
        counters[depth] = starts.get(depth, 1) if before is None or begins else before + 1
        self._begun.add((list_id, depth))
        for deeper in range(depth + 1, LEVELS):
            restart = levels.get(deeper, _Level()).restart
            if restart is None or depth < restart:
                counters[deeper] = None
        for upper in range(depth):
            if counters[upper] is None:
                counters[upper] = starts.get(upper, 1)
        return _written(levels, depth, counters)


def _written(levels: dict[int, _Level], depth: int, counters: list[int | None]) -> str:
    level = levels.get(depth, _Level())
    if level.form == "bullet":
        return ""

    def one(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        form = "decimal" if level.legal and at < depth else levels.get(at, _Level()).form
        return numeral(counters[at] or 0, form)

    return _PLACEHOLDER.sub(one, level.text).strip()


def _level(element: etree._Element) -> tuple[int, _Level]:
    restart = value(element, "lvlRestart")
    return number(element.get(f"{W}ilvl"), 0), _Level(
        start=number(value(element, "start"), 0),
        form=value(element, "numFmt") or "decimal",
        text=value(element, "lvlText") or "",
        restart=number(restart, LEVELS) if restart is not None else None,
        legal=is_on(element, "isLgl"),
        style=value(element, "pStyle") or "",
    )
