from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.features import BITS, FeatureSpace, Occurrences, occurrences
from models.reading import read_texts
from nlp.tokenise import Tokeniser


def read_occurrences(texts: list[str], tokeniser: Tokeniser) -> Occurrences:
    return occurrences(read_texts(texts, tokeniser))


TEXTS = ["路灯坏了没人修", "小区路灯不亮", "学校收费太高", "学校乱收费"]


def test_occurrences_are_words_and_ngrams_with_their_spans(tokeniser: Tokeniser) -> None:
    found = read_occurrences(["路灯，坏了"], tokeniser)
    spans = sorted(set(zip(found.start.tolist(), found.end.tolist(), strict=True)))
    # No n-gram crosses the comma; words and single characters share spans.
    assert spans == [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)]


@given(st.lists(st.text(st.sampled_from("路灯坏了a1，\U00020000 \n"), max_size=12), min_size=1, max_size=6))
def test_a_batch_gives_what_its_texts_give_alone(tokeniser: Tokeniser, texts: list[str]) -> None:
    together = read_occurrences(texts, tokeniser)
    for number, text in enumerate(texts):
        alone = read_occurrences([text], tokeniser)
        mine = together.text == number
        assert sorted(together.bucket[mine].tolist()) == sorted(alone.bucket.tolist())


@given(st.lists(st.text(st.sampled_from("路灯坏了a1，\n"), max_size=12), min_size=1, max_size=6))
def test_distinct_holds_every_bucket_of_every_text_once(tokeniser: Tokeniser, texts: list[str]) -> None:
    found = read_occurrences(texts, tokeniser)
    distinct = found.distinct
    places = list(zip(distinct.text.tolist(), distinct.bucket.tolist(), strict=True))
    assert places == sorted(set(zip(found.text.tolist(), found.bucket.tolist(), strict=True)))
    for place, (text, bucket) in enumerate(places):
        mine = distinct.order[distinct.first[place] : distinct.first[place + 1]]
        assert set(zip(found.text[mine].tolist(), found.bucket[mine].tolist(), strict=True)) == {(text, bucket)}


def test_equal_words_share_a_bucket_wherever_they_stand(tokeniser: Tokeniser) -> None:
    found = read_occurrences(["学校，我们的学校"], tokeniser)
    words = found.bucket[(found.bucket >> BITS == 0) & (found.end - found.start == 2)]
    assert sorted(np.unique(words, return_counts=True)[1].tolist()) == [1, 2]


def test_rows_are_scaled_by_block(tokeniser: Tokeniser) -> None:
    found = read_occurrences(TEXTS, tokeniser)
    space = FeatureSpace.fit(found, min_documents=1)
    rows = space.rows(found)
    for block in range(3):
        mine = np.flatnonzero(space.buckets >> BITS == block)
        norms = np.sqrt(rows[:, mine].multiply(rows[:, mine]).sum(axis=1))
        assert np.allclose(norms, 1, atol=1e-5)


def test_a_text_without_known_features_gets_an_empty_row(tokeniser: Tokeniser) -> None:
    space = FeatureSpace.fit(read_occurrences(TEXTS, tokeniser))
    rows = space.rows(read_occurrences(["！！！", "", "龘"], tokeniser))
    assert rows.nnz == 0
    assert np.isfinite(rows.data).all()
