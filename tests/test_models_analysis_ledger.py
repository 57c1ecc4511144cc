"""Periods, ledgers and the tables that count them."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import ledger_of

from corpus.errors import FenbanError
from models.analysis.chinese import in_chinese
from models.analysis.ledger import cases, make_ledger
from models.analysis.periods import parse_period, period_name, year_before
from models.analysis.tables import daily_intake, monthly_screening, quarterly_problems, weekly_summary
from models.suggester import Suggester

QUARTER = parse_period("2025Q2")


@pytest.mark.parametrize(
    ("name", "first", "last", "chinese"),
    [
        ("2025Q2", "2025-04-01", "2025-06-30", "2025年第二季度"),
        ("2025-02", "2025-02-01", "2025-02-28", "2025年2月"),
        ("2025W01", "2024-12-30", "2025-01-05", "2025年第1周"),
        ("2025-06-03", "2025-06-03", "2025-06-03", "2025年6月3日"),
        (" 2025 ", "2025-01-01", "2025-12-31", "2025年"),
    ],
)
def test_periods(name: str, first: str, last: str, chinese: str) -> None:
    period = parse_period(name)
    assert (str(period.start_time.date()), str(period.end_time.date())) == (first, last)
    assert period_name(period) == chinese
    assert year_before(period).start_time.year in (period.start_time.year - 1, period.start_time.year)
    assert year_before(period) < period


@pytest.mark.parametrize("name", ["2025Q5", "2025W54", "2025-13", "2025-02-30", "last month", "", "0000"])
def test_what_is_no_period_is_told(name: str) -> None:
    with pytest.raises(FenbanError, match="2025Q2"):
        parse_period(name)


@given(day=st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_day_lies_in_its_week_and_quarter(day: date) -> None:
    year, week, _ = day.isocalendar()
    for name in (f"{year}W{week:02}", f"{day.year}Q{(day.month + 2) // 3}", f"{day.year}-{day.month}"):
        period = parse_period(name)
        assert period.start_time <= pd.Timestamp(day) <= period.end_time


def test_a_ledger_is_the_same_from_memory_and_from_a_file(suggester: Suggester, tmp_path: object) -> None:
    letters = pd.DataFrame(
        {"来信时间": ["2025/4/3 9:05", "20250611", "去年冬天"], "内容": ["村主任领了低保", "路灯坏了", "谢谢"]}
    )
    tagged = suggester.tag(letters)
    ledger = make_ledger(tagged, suggester.units.registry)
    assert list(ledger["received"].dt.strftime("%Y-%m-%d").fillna("")) == ["2025-04-03", "2025-06-11", ""]
    text = tagged.drop(columns=["kind", "content"]).to_csv(index=True)
    again = pd.read_csv(pd.io.common.StringIO(text), index_col=0, dtype=str)
    pd.testing.assert_frame_equal(make_ledger(again, suggester.units.registry), ledger, check_dtype=False)


def test_what_a_clerk_decided_comes_before_the_suggestion() -> None:
    ledger = ledger_of(
        {"primary": "B1.1", "discipline_accepted": False, "decided_primary": "B1.5"}, {"primary": "B1.1"}
    )
    assert list(ledger["problem"]) == ["B1.5", "B1.1"]
    assert ledger["sure"].all()
    assert list(ledger["point"]) == ["B1", "B1"]


def test_a_source_column_with_our_name_is_not_taken_for_ours(suggester: Suggester) -> None:
    tagged = suggester.tag(pd.DataFrame({"text": ["路灯坏了没人修"], "primary": ["B9.9"]}))
    assert make_ledger(tagged)["problem"].item() == ""
    with pytest.raises(ValueError, match="not a tagged table, it lacks kind_label"):
        make_ledger(pd.DataFrame({"text": ["x"]}))


def test_ten_letters_of_one_matter_are_one_case() -> None:
    row = {"primary": "B1.1", "subject_unit_code": "T01V01", "matter": "m1"}
    ledger = ledger_of(*[row] * 10, {**row, "matter": ""}, {**row, "matter": ""})
    assert len(cases(ledger)) == 3


def test_the_tables_add_up() -> None:
    ledger = ledger_of(
        {"received": "2025-04-01", "primary": "B1.1", "subject_unit_code": "T01V01", "matter": "m"},
        {"received": "2025-06-30", "primary": "B1.1", "subject_unit_code": "T01V01", "matter": "m", "channel": "call"},
        {"received": "2025-06-30", "primary": "B1.5", "subject_unit_code": "T01V02", "urgent_flag": True},
        {"received": "2025-03-31", "primary": "B1.2", "subject_unit_code": "T01V02"},
        {"received": "2024-05-05", "primary": "C1.1", "subject_unit_code": "T02"},
        {"received": "", "primary": "C1.1", "subject_unit_code": "T02"},
    )
    daily = daily_intake(ledger, QUARTER)
    assert len(daily) == 91
    assert daily["total"].sum() == 3
    assert daily.loc["2025-06-30", ["letter", "call", "urgent"]].tolist() == [1, 1, 1]
    weekly = weekly_summary(ledger, QUARTER)
    assert (weekly["total"].sum(), weekly["repeated"].sum(), weekly["total"].iloc[-1]) == (3, 1, 2)
    towns = monthly_screening(ledger, QUARTER)
    assert towns.to_dict("records") == [
        {
            "town": "青石镇",
            "letters": 3,
            "cases": 2,
            "change": 1,
            "villages": 2,
            "most_frequent": "虚报冒领补贴资金",
            "urgent": 1,
        }
    ]
    table = quarterly_problems(ledger, QUARTER).set_index("code")
    assert table.loc["B1", ["cases", "before", "year_ago", "change"]].tolist() == [2, 1, 0, 1]
    assert table.loc["C1", ["cases", "year_ago", "change_year"]].tolist() == [0, 1, -1]
    assert "第" not in str(in_chinese(weekly).columns)
    assert in_chinese(table.reset_index())["占比"].iloc[0] == "100.0%"
