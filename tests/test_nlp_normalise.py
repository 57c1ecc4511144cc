from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.clauses import LONGEST, clauses
from nlp.normalise import normalise

mixed = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("我们村的路灯坏了。，ＡＢ１２　 \n\r\t\u200b\ufeff㎡㈱\ud800豈"),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("我们 村　的路", "我们村的路"),
        ("wifi  密码 ABC", "wifi 密码 abc"),
        ("垃\u200b圾", "垃圾"),
        ("一\r\n\r\n二\r三", "一\n二\n三"),
        ("80㎡", "80m2"),
        ("  头尾 \n", "头尾"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_one_form(text: str, expected: str) -> None:
    assert normalise(text).text == expected


@given(mixed)
def test_every_span_leads_back_into_the_original(text: str) -> None:
    result = normalise(text)
    last = 0
    for index in range(len(result.text)):
        start, end = result.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last or result.span(index - 1, index) == (start, end)
        assert result.text[index] in normalise(text[start:end]).text or result.text[index] in " \n"
        last = start


@given(mixed)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(mixed)
def test_clauses_are_ordered_short_and_lose_no_word(text: str) -> None:
    spans = clauses(text)
    assert all(end - start <= LONGEST for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert [c for c in text if c.isalnum()] == [c for c in covered if c.isalnum()]


def test_a_long_clause_is_cut_at_a_words_end() -> None:
    words = ["村支书", "把", "补贴款", "全部", "拿走"] * 4
    text = "".join(words)
    ends = {sum(map(len, words[: n + 1])) for n in range(len(words))}
    assert all(end in ends for _, end in clauses(text, words))
