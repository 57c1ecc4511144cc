"""What two letters are told apart by, from plain text: figures, groups, and the names and phone of a petitioner."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FIGURE = re.compile(
    r"(\d+(?:\.\d+)?|[一二三四五六七八九十百千万两零〇半]{2,})"
    r"\s?([万亿千]?[元块亩户米斤吨棵株人日号天套间根组台车条本公平栋楼倍%]?)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_GROUP = re.compile(r"[组队社](?<=[一二三四五六七八九十\d].)")
_NUMBER = re.compile(r"(?:[一二三四五六七八九十]+|\d+)\Z")
_LONGEST_NUMBER = 40
_TITLES = re.compile(r"(?:先生|女士|同志|老师|某某|某|等.*|代表|户|×+|\*+|[（(].*)$")
_FIGURES_OF = str.maketrans("一二三四五六七八九", "123456789")


def figures(text: str) -> list[tuple[int, int]]:
    """Spans of numbers of two characters or more with the unit behind them, years left out."""
    return [match.span() for match in _FIGURE.finditer(text) if len(match[1]) > 1 and not _YEAR.fullmatch(match[1])]


def groups(text: str) -> set[str]:
    """Numbers of the villagers' groups that the text names (三组, 3组)."""
    ends = [match.start() for match in _GROUP.finditer(text)]
    found = (_NUMBER.search(text, max(0, end - _LONGEST_NUMBER), end) for end in ends)
    return {match[0].translate(_FIGURES_OF) for match in found if match}


def petitioner_names(petitioner: str) -> list[str]:
    """The names in a petitioner field without forms of address, 等27户 and the like; surnames stay alone (满女士)."""
    return [name for part in re.split(r"[、，,;；/\s]+", petitioner) if (name := _TITLES.sub("", part))]


def phone_digits(phone: str) -> str:
    """The digits of a phone number without country code; empty where there are fewer than seven."""
    digits = re.sub(r"\D", "", phone).removeprefix("0086")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    return digits if len(digits) >= 7 else ""


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words, longest first."""
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
