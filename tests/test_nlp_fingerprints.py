from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.fingerprints import figures, groups, petitioner_names, phone_digits


@pytest.mark.parametrize(
    ("text", "found"),
    [("一共18.4万元，23户", ["18.4万元", "23户"]), ("2021年修的", []), ("3户", []), ("二十三户", ["二十三户"])],
)
def test_figures(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in figures(text)] == found


def test_groups_in_either_numerals() -> None:
    assert groups("三组和3组、5队") == {"3", "5"}


@given(st.text(st.sampled_from("三十一3 组队社区的"), max_size=20))
def test_groups_are_all_numbers_right_before_their_word(text: str) -> None:
    found = re.findall(r"([一二三四五六七八九十]+|\d+)(?:组|队|社)", text)
    assert groups(text) == {one.translate(str.maketrans("一二三四五六七八九", "123456789")) for one in found}


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
