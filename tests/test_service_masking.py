from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.masking import complainants, masked_text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("我叫欧阳孔方，是高峰村人。", "欧阳孔方"),
        ("反映人：诸葛孔方\n2025年3月", "诸葛孔方"),
        ("举报人 万俟雪 电话13912345678", "万俟雪"),
        ("我叫羊舌白。昨天羊舌白又去了镇里。", "羊舌白"),
        ("联系人：司徒小电话13912345678", "13912345678"),
    ],
)
def test_a_name_that_is_announced_is_hidden_wherever_it_stands(text: str, hidden: str) -> None:
    assert hidden not in masked_text(text)
    assert len(masked_text(text)) == len(text)


def test_what_is_no_name_stays() -> None:
    text = "我是高峰村村民。村会计刘大志代领了补贴3000元，反映了多次没有结果。"
    assert masked_text(text) == text


@given(st.text(max_size=60), st.sampled_from(["赵建国", "", " "]), st.sampled_from(["13912345678", ""]))
def test_masking_keeps_the_length_and_hides_the_petitioner(text: str, name: str, phone: str) -> None:
    whole = f"{text}{name}{text}{phone}"
    masked = masked_text(whole, name, phone)
    assert len(masked) == len(whole)
    for word in (name.strip(), phone):
        assert not word or word not in masked


def test_complainants_are_those_who_wrote() -> None:
    people = [
        {"text": "赵建国", "role": "complainant"},
        {"text": "我", "role": "complainant"},
        {"text": "刘大志", "role": "accused"},
    ]
    assert complainants({"facts": {"people": people}}) == ("赵建国",)
