from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.repeat_words import repeat_words
from nlp.fingerprints import PeopleFinder, figures, groups, petitioner_names, phone_digits, years


@pytest.fixture(scope="module")
def people() -> PeopleFinder:
    words = repeat_words()
    return PeopleFinder(words.surnames, words.posts, words.not_in_names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("去问村会计满先进，他不讲", [("满", "满先进")]),
        ("满会计今天说", [("满", "")]),
        ("支书利国安在验收表上签的字", [("利", "利国安")]),
        ("邝有财的儿子领了", [("邝", "邝有财")]),
        ("覃某签的字", [("覃", "")]),
        ("路灯坏了没人修", []),
    ],
)
def test_people_beside_posts(people: PeopleFinder, text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.surname, one.name) for one in people.find(text)] == found


@given(st.text(alphabet="支书王大明满会计的了，1aé", max_size=30))
def test_people_are_spans_of_the_text(people: PeopleFinder, text: str) -> None:
    for one in people.find(text):
        assert text[one.start] == one.surname
        assert one.name in ("", text[one.start : one.end])


@pytest.mark.parametrize(
    ("text", "found"),
    [("一共18.4万元，23户", ["18.4万元", "23户"]), ("2021年修的", []), ("3户", []), ("二十三户", ["二十三户"])],
)
def test_figures(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in figures(text)] == found


def test_years_are_four_digits_by_themselves() -> None:
    text = "2021年、120215号、1998"
    assert [text[start:end] for start, end in years(text)] == ["2021", "1998"]


def test_groups_in_either_numerals() -> None:
    assert groups("三组和3组、5队") == {"3", "5"}


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("融金莲等八户", ["融金莲"]),
        ("艾世平等27户", ["艾世平"]),
        ("满女士", ["满"]),
        ("张三、李四", ["张三", "李四"]),
        ("", []),
    ],
)
def test_petitioner_names(field: str, names: list[str]) -> None:
    assert petitioner_names(field) == names


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("154 3661 7817", "15436617817"),
        ("+86-15436617817", "15436617817"),
        ("008615436617817", "15436617817"),
        ("无", ""),
        ("110", ""),
    ],
)
def test_phone_digits(phone: str, digits: str) -> None:
    assert phone_digits(phone) == digits
