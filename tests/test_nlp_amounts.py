from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.amounts import LARGEST, find_amounts
from nlp.numerals import read_number


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("两万一", 21_000),
        ("3万2", 32_000),
        ("18万6千", 186_000),
        ("2万4千5", 24_500),
        ("一百二", 120),
        ("一百零五", 105),
        ("一万零八百", 10_800),
        ("一百三十一万二", 1_312_000),
        ("三亿两千万", 320_000_000),
        ("十几万", 100_000),
        ("二三十", 20),
        ("一千五六", 1_500),
        ("4.62万余", 46_200),
        ("1,200.50", 1_200.5),
        ("１２．５", 12.5),
        ("叁万贰仟", 32_000),
        ("二〇二三", 2_023),
        ("元月", None),
    ],
)
def test_numerals_are_read_as_people_write_them(written: str, value: float | None) -> None:
    assert read_number(written) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("追回资金4.62万余元。", [("4.62万余元", 46_200)]),
        ("收了三千块，又要两万一。", [("三千块", 3_000), ("两万一", 21_000)]),
        ("一个月一百二，两百四也有", [("一百二", 120), ("两百四", 240)]),
        ("罚款1,200.50元", [("1,200.50元", 1_200.5)]),
        ("押金￥300，不退", [("￥300", 300)]),
        ("今收到人民币叁万贰仟元整", [("人民币叁万贰仟元", 32_000)]),
        ("每户补3至5万元", [("3至5万元", 30_000)]),
        ("单笔188元至1288元不等", [("188元", 188), ("1288元", 1_288)]),
        ("路费已经贴进去快三千块。", [("快三千块", 3_000)]),
        ("每亩120元，五年", [("120元", 120)]),
        ("讲好三块八一斤", [("三块八", 3.8)]),
        ("打到卡上只有三百三十块零五毛", [("三百三十块零五毛", 330.5)]),
        ("转188、288、520的红包", [("188", 188), ("288", 288), ("520", 520)]),
        ("一共花了好几万", [("好几万", 30_000)]),
        ("四百六一亩", [("四百六", 460)]),
        ("几十万的大屏", [("几十万", 100_000)]),
        ("单价ＡＢ，共１２００元", [("１２００元", 1_200)]),
    ],
)
def test_sums_of_money(text: str, expected: list[tuple[str, float]]) -> None:
    assert [(amount.text, amount.yuan) for amount in find_amounts(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "一百二十亩山林、三百户、1.2万人",
        "2021年3月15日，15438216077",
        "云政发〔2021〕12号，长380米",
        "一分钱没收，一块牌子，三元村",
        "今年七十三，血压高，家里两口人",
        "千万别去，万一出事",
        "管子是DN200的",
    ],
)
def test_other_numbers_are_no_money(text: str) -> None:
    assert find_amounts(text) == []


@given(
    st.text(st.sampled_from("0123456789.,，一二两三十百千万亿几余多元块毛角分钱￥人民币至到收了个 亩。"), max_size=40)
)
def test_spans_are_in_order_and_hold_their_text(text: str) -> None:
    last = 0
    for amount in find_amounts(text):
        assert last <= amount.start < amount.end <= len(text)
        assert text[amount.start : amount.end] == amount.text
        assert amount.yuan > 0
        last = amount.end


@given(st.integers(1, 10**8))
def test_a_sum_in_figures_is_read_as_it_stands(yuan: int) -> None:
    for written in (f"{yuan}元", f"{yuan:,}元", f"￥{yuan}"):
        assert [amount.yuan for amount in find_amounts(f"共收{written}。")] == [yuan]


@given(
    digits=st.sampled_from(["1", "9", "九", "１", "0", "9亿", "万"]),
    count=st.integers(1, 6_000),
    behind=st.sampled_from(["元", "万元", "亿元", "元5角", ".5万元", "至3亿元", "毛"]),
)
def test_a_sum_beyond_all_money_is_none(digits: str, count: int, behind: str) -> None:
    for amount in find_amounts(f"共收{digits * count}{behind}，没有发票。"):
        assert 0 < amount.yuan < LARGEST


def test_the_largest_sum_is_read_and_the_next_is_not() -> None:
    assert [amount.yuan for amount in find_amounts("共计999999999999999元。")] == [LARGEST - 1]
    assert find_amounts(f"共计{'9' * 16}元，{'9' * 309}元。") == []
