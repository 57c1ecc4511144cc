"""Whose cases the office may not take in: posts of the level above and the office's own head, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

LEVEL_ABOVE, OWN_HEAD = "level_above", "own_head"


@dataclass(frozen=True)
class RankRule:
    """One of the two rules: the posts it is about, where such a petition goes, within how many working days.

    No number of days: at once.
    """

    name: str
    posts: re.Pattern[str]
    goes_to: str
    days: int | None


@dataclass(frozen=True)
class RankRules:
    """Both rules, the office's own head first, and the words beside a post that show that its holder is not accused.

    `before` is searched in what stands before the post, `after` is matched where it ends, `unless` is searched in what
    follows and outweighs both.
    """

    rules: tuple[RankRule, ...]
    before: re.Pattern[str]
    after: re.Pattern[str]
    unless: re.Pattern[str]

    def __getitem__(self, name: str) -> RankRule:
        return next(rule for rule in self.rules if rule.name == name)


def load_ranks(path: Path | None = None) -> RankRules:
    """The rules of a yaml file; the shipped ones where none is named.

    Raises:
        DataFileError: with every fault found.
    """
    path = path or DATA / "ranks.yaml"
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataFileError(path, [f"cannot be read ({type(error).__name__})"]) from error
    problems: list[str] = []
    content = content if isinstance(content, dict) else {}
    rules = tuple(
        RankRule(
            name,
            _pattern(content, (name, "posts"), "{}", problems),
            _text(content, name, problems),
            _days(content, name, problems),
        )
        for name in (OWN_HEAD, LEVEL_ABOVE)
    )
    before = _pattern(content, ("not_accused", "before"), r"(?:{})[^，。；！？\n]{{0,4}}$", problems)
    after = _pattern(content, ("not_accused", "after"), "(?:{})", problems)
    unless = _pattern(content, ("not_accused", "unless"), "(?:{})", problems)
    if problems:
        raise DataFileError(path, problems)
    return RankRules(rules, before, after, unless)


def _pattern(content: dict[str, Any], place: tuple[str, str], shape: str, problems: list[str]) -> re.Pattern[str]:
    where = ".".join(place)
    section = content.get(place[0])
    entries = section.get(place[1]) if isinstance(section, dict) else None
    if not isinstance(entries, list) or not entries or not all(isinstance(one, str) and one for one in entries):
        problems.append(f"{where}: a list of expressions is expected")
        return re.compile("(?!)")
    for number, entry in enumerate(entries, 1):
        try:
            re.compile(entry)
        except re.error as error:
            problems.append(f"{where}: entry {number} is no regular expression ({error.msg})")
            return re.compile("(?!)")
    return re.compile(shape.format("|".join(f"(?:{one})" for one in entries)))


def _text(content: dict[str, Any], name: str, problems: list[str]) -> str:
    section = content.get(name)
    value = section.get("goes_to") if isinstance(section, dict) else None
    if not isinstance(value, str) or not value:
        problems.append(f"{name}.goes_to: a text is expected")
        return ""
    return value


def _days(content: dict[str, Any], name: str, problems: list[str]) -> int | None:
    section = content.get(name)
    value = section.get("days") if isinstance(section, dict) else None
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        problems.append(f"{name}.days: a number of working days is expected, or nothing where there is no term")
        return None
    return value
