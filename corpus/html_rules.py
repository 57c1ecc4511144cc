"""What on a web page is not its text: names of elements, beginnings of lines, words of the information bar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

MOST_INFORMATION = 160
"""Characters of the longest line that can be an information bar or a link line."""
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_BRACKETS = "【[〖（(「 "


@dataclass(frozen=True, slots=True)
class WebPageRules:
    """The three lists of web_pages.yaml."""

    elements: frozenset[str]
    beginnings: tuple[str, ...]
    information: tuple[str, ...]

    def names_aside(self, names: str) -> bool:
        """Whether the class or id of an element says that it holds something beside the text."""
        parts = [part.lower() for part in _NAME_PARTS.findall(names)]
        return any(part in self.elements or part.endswith(self._long_names()) for part in parts)

    def _long_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.elements if len(name) > 2)

    def is_aside(self, line: str) -> bool:
        """Whether a line belongs to the page and not to its text."""
        if len(line) > MOST_INFORMATION:
            return False
        return line.lstrip(_BRACKETS).startswith(self.beginnings) or sum(one in line for one in self.information) > 1


@cache
def web_page_rules(path: Path = DATA / "web_pages.yaml") -> WebPageRules:
    """The rules of a file.

    Raises:
        DataFileError: a list is missing, or not one of words.
    """
    lists = yaml.safe_load(path.read_text("utf-8"))
    problems = []
    for name in WebPageRules.__slots__:
        words = lists.get(name) if isinstance(lists, dict) else None
        if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
            problems.append(f"{name}: a list of words is expected")
    if problems:
        raise DataFileError(path, problems)
    return WebPageRules(frozenset(lists["elements"]), tuple(lists["beginnings"]), tuple(lists["information"]))
