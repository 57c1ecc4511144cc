from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.dates import find_dates

RECEIVED = date(2024, 3, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年5月12日至14日", [("2023年5月12日", "2023-05-12")]),
        ("2021、2022两年", [("2021", "2021"), ("2022", "2022")]),
        ("2021—2023年", [("2021", "2021"), ("2023年", "2023")]),
        ("去年八月交的", [("去年八月", "2023-08")]),
        ("22年5月，打工22年", [("22年5月", "2022-05")]),
        ("八七年入的党", [("八七年", "1987")]),
        ("二〇二三年十月", [("二〇二三年十月", "2023-10")]),
        ("2023-05-06 2021.5", [("2023-05-06", "2023-05-06"), ("2021.5", "2021-05")]),
        ("前年腊月二十八", [("前年腊月二十八", "2022")]),
        ("5月3日来过", [("5月3日", None)]),
        ("2021年12月开工，次年1月停", [("2021年12月", "2021-12"), ("次年1月", "2022-01")]),
        ("2021年3月交。同年5月退，6月又收", [("2021年3月", "2021-03"), ("同年5月", "2021-05"), ("6月", "2021-06")]),
        ("2021年3月交。5月退", [("2021年3月", "2021-03"), ("5月", None)]),
        ("去年农历二月初九", [("去年农历二月初九", "2023")]),
        ("上个月和昨天", [("上个月", "2024-02"), ("昨天", "2024-02-29")]),
        ("一个月三百，干了三四年，月亮，今年级", []),
    ],
)
def test_dates_and_their_values(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(one.text, one.value) for one in find_dates(text, RECEIVED)] == expected


def test_without_the_day_of_receipt_relative_dates_have_no_value() -> None:
    assert [(one.text, one.value) for one in find_dates("去年八月，上个月，今天")] == [
        ("去年八月", None),
        ("上个月", None),
        ("今天", None),
    ]


@given(st.text(st.sampled_from("0123456789一二三十廿正腊今去前当次同大明年月日号天个上初-./、至农历。"), max_size=40))
def test_spans_are_in_order_and_values_are_dates(text: str) -> None:
    last = 0
    for one in find_dates(text, RECEIVED):
        assert last <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.text
        if one.value is not None:
            year, *rest = map(int, one.value.split("-"))
            assert 1900 <= year < 2100
            assert not rest or 1 <= rest[0] <= 12
        last = one.end


RELATIVE = (
    *("今天", "昨天", "前天", "今年", "本年", "去年", "前年", "大前年", "明年", "明年12月，次年1月"),
    *("本月", "上个月", "上上个月"),
)


@given(received=st.dates() | st.sampled_from([date.min, date.max, date(1, 2, 1)]), word=st.sampled_from(RELATIVE))
def test_a_relative_date_is_a_day_of_the_calendar_or_has_no_value(received: date, word: str) -> None:
    for one in find_dates(f"{word}来过", received):
        if one.value is not None:
            assert date.fromisoformat((one.value + "-01-01")[:10]).year == int(one.value[:4])


@pytest.mark.parametrize(
    ("received", "text"),
    [(date.min, "昨天"), (date.min, "去年"), (date.min, "上个月"), (date(2, 1, 1), "大前年5月"), (date.max, "明年")],
)
def test_a_day_outside_the_calendar_is_no_value(received: date, text: str) -> None:
    assert [(one.text, one.value) for one in find_dates(text, received)] == [(text, None)]
