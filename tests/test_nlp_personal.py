from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.personal import KINDS, find_personal, mask

WIDE = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话15438216077，随时可以打", "电话154****6077，随时可以打"),
        ("154 3821 6077", "154 **** 6077"),
        ("座机0710-3345678", "座机071*-***5678"),
        ("身份证99012319800101123X", "身份证******************"),
        ("卡号6222021234567890", "卡号************7890"),
        ("邮箱duzi@example.cn", "邮箱****@*******.**"),
        ("微信号abc12345", "微信号********"),
        ("车牌鄂A12345", "车牌*******"),
        ("家在翠园社区6栋402室", "家在翠园社区*栋***室"),
        ("杜守田，双桥镇人，杜 守 田签名", "杜**，双桥镇人，杜 * *签名"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text, find_personal(text, petitioner="杜守田")) == masked


@pytest.mark.parametrize(
    "text",
    ["2023年5月12日收了28716.50元", "2023-05-06到2023-06-07", "合计1234567890元", "三组12户共380米", "〔2021〕12号"],
)
def test_dates_sums_and_counts_are_left_alone(text: str) -> None:
    assert find_personal(text) == []


def test_a_date_before_a_number_stays() -> None:
    text = "2023-05-06 15438216077"
    assert mask(text, find_personal(text)) == "2023-05-06 154****6077"


@given(
    st.one_of(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.from_regex(r"99\d{15}[\dX]", fullmatch=True)),
    st.lists(st.sampled_from(["", "", " ", "-", "\u3000", "－", "  "]), min_size=17, max_size=17),
    st.booleans(),
    st.text(st.sampled_from("我的电话是号码，。 年找人"), max_size=8),
)
def test_no_number_survives_in_any_way_of_writing(digits: str, gaps: list[str], wide: bool, around: str) -> None:
    written = digits[0] + "".join(gap + digit for gap, digit in zip(gaps, digits[1:], strict=False))
    text = around + (written.translate(WIDE) if wide else written) + around
    hidden = mask(text, find_personal(text))
    left = "".join(str(int(character)) for character in hidden if character.isdecimal())
    assert digits[:-1] not in left
    assert len(left) <= 7
    assert len(hidden) == len(text)


@given(st.text(st.sampled_from("0123456789１ -－.@a杜守田微信号元年"), max_size=40))
def test_spans_are_in_order_and_masking_twice_changes_nothing(text: str) -> None:
    spans = find_personal(text, petitioner="杜守田", phone="15438216077")
    last = 0
    for span in spans:
        assert last <= span.start < span.end <= len(text)
        assert span.kind in KINDS
        last = span.end
    once = mask(text, spans)
    assert mask(once, spans) == once
