from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.decisions import PastDecision, day_of, read_decisions, split_by_time
from corpus.records import Petition, RowProblem


@pytest.mark.parametrize(
    ("received", "day"),
    [
        ("2023-04-06", date(2023, 4, 6)),
        ("2019/4/25 9:32:09", date(2019, 4, 25)),
        ("2023年4月6日", date(2023, 4, 6)),
        ("2023.12.31", date(2023, 12, 31)),
        ("2023-13-01", None),
        ("上周", None),
        ("", None),
    ],
)
def test_days_are_read_as_tables_write_them(received: str, day: date | None) -> None:
    assert day_of(received) == day


def test_chinese_headers_and_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "past.csv"
    long = "这是一封写错了列的信" * 10
    path.write_text(
        f"内容,标题,来信时间,承办单位,属地\n路灯坏了,灯,2023-04-06,东区城管局,东区\n停水,水,,,东区\n停电,电,,{long},\n",
        "utf-8",
    )
    found = list(read_decisions([path]))
    assert isinstance(found[0], PastDecision)
    assert (found[0].unit, found[0].district, found[0].day) == ("东区城管局", "东区", date(2023, 4, 6))
    assert found[0].petition.title == "灯"
    problems = [item for item in found if isinstance(item, RowProblem)]
    assert [problem.row for problem in problems] == [3, 4]
    assert not any("这是一封" in str(problem) for problem in problems)


def test_rows_without_a_group_are_joined_by_their_text(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    rows = [
        '{"text": "路灯坏了", "unit": "甲"}',
        '{"text": "路灯 坏了", "unit": "甲"}',
        '{"text": "停水", "unit": "甲"}',
    ]
    path.write_text("\n".join(rows), "utf-8")
    groups = [item.group for item in read_decisions([path]) if isinstance(item, PastDecision)]
    assert groups[0] == groups[1] != groups[2]


def decision(number: int, group: str, day: date | None) -> PastDecision:
    return PastDecision(Petition(text=f"信{number}"), "甲", "", group, day)


days = st.none() | st.integers(0, 40).map(lambda number: date(2023, 1, 1) + timedelta(number))


@given(st.lists(st.tuples(st.integers(0, 12), days), min_size=1, max_size=60))
def test_no_group_stands_on_both_sides_and_the_test_is_later(rows: list[tuple[int, date | None]]) -> None:
    decisions = [decision(number, str(group), day) for number, (group, day) in enumerate(rows)]
    train, test = split_by_time(decisions)
    assert {one.group for one in train}.isdisjoint(one.group for one in test)
    assert len(train) + len(test) <= len(decisions)
    if any(one.day for one in decisions) and test:
        assert max(one.day or date.min for one in train) <= min(one.day or date.min for one in test)
