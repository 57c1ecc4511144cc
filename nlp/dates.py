"""Dates in a text, with their value where the text, or the day on which it was received, tells it."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import NamedTuple

from nlp.numerals import FIGURES, read_number


class Date(NamedTuple):
    """Characters [start, end) of the text, those characters, and the value: 2023, 2023-05, 2023-05-12 or None."""

    start: int
    end: int
    text: str
    value: str | None


# Every date begins with at most five of these, so that one quick scan finds the few places to look at.
_HEAD = rf"[\d{FIGURES}十廿今去前大本当同次明正腊冬昨上这个]"
_NUMBER = rf"(?:\d{{1,2}}|[{FIGURES}十廿]{{1,3}})"
_DAY = rf"初[{FIGURES}十]|{_NUMBER}"
_DAY_ENDS = rf"(?:[日号]|(?![\d{FIGURES}个]))"
_SCAN = re.compile(
    rf"""(?P<head>{_HEAD}{{1,5}}+)(?:
        (?P<year>年)(?![级轻纪龄货前后画代]|终奖)
          (?:农历|阴历)?(?:(?P<month>{_NUMBER}|正|冬|腊)月份?(?:(?P<day>{_DAY}){_DAY_ENDS})?)?
      | (?P<month_only>月)份?(?![饼球亮租薪])(?:(?P<day_only>{_DAY}){_DAY_ENDS})?
      | (?P<near>天)
      | (?P<mark>[-./])(?P<full_month>1[0-2]|0?[1-9])(?:(?P=mark)(?P<full_day>[12]\d|3[01]|0?[1-9]))?(?![\d.万元%-])
      | (?=[、和至到—–-](?:19|20)\d\d(?!\d)|[两三四五]年)
    )""",
    re.VERBOSE,
)
_FIGURES = r"(?P<figures>(?:19|20)\d\d)$"
_WHOLE_YEAR = re.compile(rf"(?<!\d){_FIGURES}")
_YEAR = re.compile(
    rf"(?<!\d){_FIGURES}|(?P<chinese>[二一][{FIGURES}]{{3}})$|(?P<word>大前|[今去前本当同次明])$"
    rf"|(?<![\d{FIGURES}十])(?P<short>\d\d|七[〇零一二三四五六七九]|八[〇零一二三四五六七八]|九[〇零一二三四五六七八九]|[〇零][{FIGURES}])$"
)
_MONTH = re.compile(rf"(?<![\d个第几])(?:{_NUMBER}|正|冬|腊)$")
_NEAR_MONTH = re.compile("上上个?$|[上本这]个?$|当$")
_LUNAR = ("正", "冬", "腊")
_AGO = {"今": 0, "本": 0, "去": 1, "前": 2, "大前": 3, "明": -1}
_DAYS_AGO = {"今": 0, "昨": 1, "前": 2}
_SENTENCE_END = re.compile("[。！？\n]")


def find_dates(text: str, received: date | None = None) -> list[Date]:
    """Every date in the order of the text.

    `received` gives words such as 去年 and 上个月 their value. A month without a year takes the year of the date before
    it in the same sentence, 同年 that of the date before it; dates of the farmers' calendar (正月, 腊月, 农历) tell the
    year only.
    """
    found: list[Date] = []
    year: int | None = None
    last = 0
    for match in _SCAN.finditer(text):
        if match["month_only"] and year is not None and _SENTENCE_END.search(text, last, match.start()):
            read = _read(match, None, received)
        else:
            read = _read(match, year, received)
        if read is None:
            continue
        offset, named, value = read
        year = named or year
        start, last = match.start() + offset, match.end()
        found.append(Date(start, last, text[start:last], value))
    return found


def _read(
    match: re.Match[str], earlier: int | None, received: date | None
) -> tuple[int, int | None, str | None] | None:
    """Where in the match the date begins, its year (that of the date before where it names none) and its value."""
    head = match["head"]
    if match["near"]:
        if head[-1] not in _DAYS_AGO:
            return None
        return len(head) - 1, earlier, _day_before(received, _DAYS_AGO[head[-1]])
    if match["month_only"]:
        return _read_month(match, earlier, received)
    found = (_YEAR if match["year"] else _WHOLE_YEAR).search(head)
    month = match["month"] or match["full_month"]
    if found is None or (not month and len(found[0]) == 2 and found[0].isdecimal()):
        return None  # 打工22年 is a span of time, 22年5月 is not
    year = _year(found, earlier, received)
    return found.start(), year, _value(year, month, match["day"] or match["full_day"], match[0])


def _read_month(
    match: re.Match[str], earlier: int | None, received: date | None
) -> tuple[int, int | None, str | None] | None:
    head = match["head"]
    if near := _NEAR_MONTH.search(head):
        if received is None or near[0] == "当":
            return near.start(), earlier, None
        months = received.year * 12 + received.month - 1 - near[0].count("上")
        year = _of_calendar(months // 12)
        return near.start(), year, None if year is None else f"{year:04d}-{months % 12 + 1:02d}"
    found = _MONTH.search(head)
    if found is None or (found[0] not in _LUNAR and not 1 <= (read_number(found[0]) or 0) <= 12):
        return None
    before = match.string[max(0, match.start() - 2) : match.start()]
    return found.start(), earlier, _value(earlier, found[0], match["day_only"], before + match[0])


def _year(found: re.Match[str], earlier: int | None, received: date | None) -> int | None:
    groups = found.groupdict()
    word = groups.get("word")
    if word is None:
        figures = groups["figures"] or groups["chinese"] or groups["short"]
        year = int("".join(str(int(read_number(figure) or 0)) for figure in figures))
        return year if year > 99 else year + (1900 if year >= 50 else 2000)
    if word in ("同", "当"):
        return earlier
    if word == "次":
        return None if earlier is None else _of_calendar(earlier + 1)
    return None if received is None else _of_calendar(received.year - _AGO[word])


def _day_before(received: date | None, days: int) -> str | None:
    if received is None or received.toordinal() <= days:
        return None
    return (received - timedelta(days=days)).isoformat()


def _of_calendar(year: int) -> int | None:
    """None where no calendar has the year: an empty cell of a ledger may come as the first day of the year 1."""
    return year if MINYEAR <= year <= MAXYEAR else None


def _value(year: int | None, month: str | None, day: str | None, written: str) -> str | None:
    if year is None:
        return None
    if month is None or month in _LUNAR or "农历" in written or "阴历" in written or (day or "").startswith("初"):
        return f"{year:04d}"
    number, days = int(read_number(month) or 0), int(read_number(day or "") or 0)
    if not 1 <= number <= 12:
        return f"{year:04d}"
    return f"{year:04d}-{number:02d}" + (f"-{days:02d}" if 1 <= days <= 31 else "")
