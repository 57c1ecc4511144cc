"""Periods as offices name them: 2025-06-03, 2025W23, 2025-06, 2025Q2, 2025."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from corpus.errors import FenbanError

WEEK = "W-SUN"
"""Weeks from Monday to Sunday (ISO 8601)."""
_FORMS = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), "D"),
    (re.compile(r"(\d{4})-?[Ww](\d{1,2})"), WEEK),
    (re.compile(r"(\d{4})-(\d{1,2})"), "M"),
    (re.compile(r"(\d{4})-?[Qq]([1-4])"), "Q"),
    (re.compile(r"(\d{4})"), "Y"),
)


def parse_period(name: str) -> pd.Period:
    """The period of that name.

    Raises:
        FenbanError: it names no day, week, month, quarter or year.
    """
    for form, frequency in _FORMS:
        if found := form.fullmatch(name.strip()):
            numbers = [int(part) for part in found.groups()]
            try:
                return _period(numbers, frequency)
            except ValueError:
                break
    raise FenbanError("no such period; write it like 2025Q2, 2025-06, 2025W23, 2025-06-03 or 2025")


def _period(numbers: list[int], frequency: str) -> pd.Period:
    if frequency == WEEK:
        return pd.Period(date.fromisocalendar(numbers[0], numbers[1], 1), freq=WEEK)
    if frequency == "Q":
        return pd.Period(year=numbers[0], quarter=numbers[1], freq="Q")
    return pd.Period(date(*[*numbers, 1, 1][:3]), freq=frequency)


def period_name(period: pd.Period) -> str:
    """As it stands in a Chinese report."""
    start = period.start_time
    if period.freqstr.startswith("Q"):
        return f"{period.year}年第{'一二三四'[period.quarter - 1]}季度"
    if period.freqstr.startswith("W"):
        year, week, _ = start.isocalendar()
        return f"{year}年第{week}周"
    if period.freqstr.startswith("M"):
        return f"{period.year}年{period.month}月"
    if period.freqstr.startswith("D"):
        return f"{period.year}年{period.month}月{period.day}日"
    return f"{period.year}年"


def year_before(period: pd.Period) -> pd.Period:
    """The same period of the year before (同期)."""
    start = period.start_time
    if period.freqstr.startswith("W"):
        return pd.Period(start - pd.Timedelta(weeks=52), freq=WEEK)
    return pd.Period(start - pd.DateOffset(years=1), freq=period.freqstr.split("-")[0])
