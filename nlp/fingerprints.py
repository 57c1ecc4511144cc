"""What two letters are told apart by, from plain text: people, figures, years, groups, and the keys of a petitioner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_HAN = "[\u4e00-\u9fff]"
_KIN = "儿子|老婆|弟弟|哥哥|侄|外甥|女婿|舅子|亲家|连襟|堂弟|表弟|媳妇"
_FIGURE = re.compile(
    r"(\d+(?:\.\d+)?|[一二三四五六七八九十百千万两零〇半]{2,})"
    r"\s?([万亿千]?[元块亩户米斤吨棵株人日号天套间根组台车条本公平栋楼倍%]?)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_GROUP = re.compile(r"([一二三四五六七八九十]+|\d+)(?:组|队|社)")
_TITLES = re.compile(r"(?:先生|女士|同志|老师|某某|某|等.*|代表|户|×+|\*+|[（(].*)$")
_FIGURES_OF = str.maketrans("一二三四五六七八九", "123456789")


@dataclass(frozen=True, slots=True)
class Person:
    """Characters [start, end) that name a person; `name` is empty where only the surname is told (满会计)."""

    start: int
    end: int
    surname: str
    name: str


class PeopleFinder:
    """Finds people beside their posts, kin or 某. Made once from word lists; safe to share between threads."""

    def __init__(self, surnames: str, posts: Sequence[str], not_in_names: str) -> None:
        family, post = f"([{surnames}])", "|".join(sorted(map(re.escape, posts), key=len, reverse=True))
        given = f"({_HAN}{{0,2}}?)"
        self._ends = frozenset(not_in_names)
        self._after = re.compile(rf"(?:{post})(?:叫|是|姓)?{family}({_HAN}{{0,2}})")
        self._before = re.compile(rf"{family}{given}(?:{post}|某|姓|的?(?:{_KIN}))")

    def find(self, text: str) -> list[Person]:
        """People in the order of the text; one may be found twice where posts stand on both sides."""
        found = []
        for pattern in (self._after, self._before):
            for match in pattern.finditer(text):
                start = match.start(1)
                given = match[2]
                while given and given[-1] in self._ends:
                    given = given[:-1]
                name = match[1] + given if given else ""
                found.append(Person(start, start + 1 + len(given), match[1], name))
        return sorted(found, key=lambda person: (person.start, person.end))


def figures(text: str) -> list[tuple[int, int]]:
    """Spans of numbers of two characters or more with the unit behind them, years left out."""
    return [match.span() for match in _FIGURE.finditer(text) if len(match[1]) > 1 and not _YEAR.fullmatch(match[1])]


def years(text: str) -> list[tuple[int, int]]:
    """Spans of years written with four digits."""
    return [match.span(1) for match in _YEAR.finditer(text)]


def groups(text: str) -> set[str]:
    """Numbers of the villagers' groups that the text names (三组, 3组)."""
    return {match[1].translate(_FIGURES_OF) for match in _GROUP.finditer(text)}


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
