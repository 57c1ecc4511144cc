"""The words by which reports show what a sentence is: `data/report_words.yaml`, checked and compiled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

STATUSES = ("unrectified", "in_progress", "rectified")
ANSWERED = "answered"
"""Words that tell rectification only where a sentence is known to answer a problem."""
GROUPED = ("sentences", "headings", "status")
LISTED = ("afterwards", "turn", "another", "listed", "not_listed", "recurring")
RULES = {
    "sentences": ("denial", "in_order", "mechanism", "negation", "outcome", "wrong"),
    "headings": ("measures", "progress"),
    "status": (*STATUSES, ANSWERED),
}
"""The groups that rules of the program use by name."""

Patterns = dict[str, re.Pattern[str]]


@dataclass(frozen=True)
class ReportWords:
    """Compiled patterns: groups for sentences and headings, statuses in the order they are tried, endings and turns."""

    sentences: Patterns
    headings: Patterns
    status: Patterns
    afterwards: re.Pattern[str]
    turn: re.Pattern[str]
    another: re.Pattern[str]
    listed: re.Pattern[str]
    not_listed: re.Pattern[str]
    recurring: re.Pattern[str]

    @cached_property
    def harmless(self) -> re.Pattern[str]:
        """What is denied or in order."""
        return re.compile(f"{self.sentences['denial'].pattern}|{self.sentences['in_order'].pattern}")


def report_words(path: Path = DATA / "report_words.yaml") -> ReportWords:
    """The words of a file.

    Raises:
        DataFileError: with every part that is missing, unknown or no list of regular expressions.
    """
    try:
        tree = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise DataFileError(path, [f"cannot be read: {error}"]) from error
    problems: list[str] = []
    if not isinstance(tree, dict):
        raise DataFileError(path, ["must have the parts " + ", ".join((*GROUPED, *LISTED))])
    problems += [f"{name!r}: unknown part" for name in tree if name not in (*GROUPED, *LISTED)]
    grouped: dict[str, Any] = {name: _groups(name, tree.get(name), problems) for name in GROUPED}
    listed: dict[str, Any] = {name: _pattern(name, tree.get(name), problems) for name in LISTED}
    for part, names in RULES.items():
        problems += [f"{part}: group {name!r} is missing" for name in names if name not in grouped[part]]
    if problems:
        raise DataFileError(path, problems)
    grouped["status"] = {name: grouped["status"][name] for name in (*STATUSES, ANSWERED)}
    return ReportWords(**grouped, **listed)


def _groups(part: str, content: object, problems: list[str]) -> Patterns:
    if not isinstance(content, dict):
        problems.append(f"{part}: must be groups with lists of words")
        return {}
    return {str(name): _pattern(f"{part}: {name}", words, problems) for name, words in content.items()}


def _pattern(place: str, words: object, problems: list[str]) -> re.Pattern[str]:
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        problems.append(f"{place}: must be a list of words")
        return re.compile(r"(?!)")
    for word in words:
        try:
            re.compile(word)
        except re.error as error:
            problems.append(f"{place}: entry {words.index(word) + 1} is no regular expression ({error.msg})")
            return re.compile(r"(?!)")
    return re.compile("|".join(words))
