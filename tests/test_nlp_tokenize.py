from __future__ import annotations

import re
from pathlib import Path

import jieba
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from corpus.dictionary import domain_words
from corpus.records import Petition
from nlp.language import create_language
from nlp.tokenise import Tokeniser


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_the_words_joined_are_the_text(tokeniser: Tokeniser, text: str) -> None:
    assert "".join(tokeniser.cut(text)) == text


def test_words_of_the_field_stay_whole(tokeniser: Tokeniser) -> None:
    cut = tokeniser.cut("我们村支书虚报冒领低保，四议两公开走过场")
    assert {"村支书", "虚报冒领", "低保", "四议两公开", "走过场"} <= set(cut)


def test_two_tokenisers_do_not_share_a_dictionary() -> None:
    Tokeniser(["赵湾村会"])
    assert "赵湾村会" not in Tokeniser().cut("赵湾村会议")


def test_the_fingerprint_changes_with_the_words() -> None:
    assert Tokeniser(["甲乙"]).fingerprint != Tokeniser(["甲丙"]).fingerprint
    assert Tokeniser(["甲乙", "丙丁"]).fingerprint == Tokeniser(["丙丁", "甲乙"]).fingerprint


def test_cuts_are_those_of_jieba(letters: list[Petition]) -> None:
    """The one difference: rjieba keeps letters and digits joined by . or - together (2018.1.9), jieba parts some."""
    ours, reference = Tokeniser(), jieba.Tokenizer()
    reference.initialize()
    for letter in letters:
        assert joined_runs(ours.cut(letter.text)) == joined_runs(list(reference.cut(letter.text)))


RUN = re.compile(r"[A-Za-z0-9.%\-_+#&]+")


def joined_runs(words: list[str]) -> list[str]:
    """Neighbouring words of letters, digits and their signs joined to one."""
    result: list[str] = []
    for word in words:
        if result and RUN.fullmatch(word) and RUN.fullmatch(result[-1]):
            result[-1] += word
        else:
            result.append(word)
    return result


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_spacy_doc_has_the_offsets_of_the_text(text: str) -> None:
    doc = LANGUAGE(text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


LANGUAGE = create_language(domain_words())


def test_the_language_cuts_as_the_tokeniser_and_survives_saving(tokeniser: Tokeniser, tmp_path: Path) -> None:
    text = "村支书虚报冒领低保，农经站不作为。"
    expected = tokeniser.cut(text)
    LANGUAGE.to_disk(tmp_path)
    for language in (LANGUAGE, spacy.load(tmp_path)):
        assert [token.text for token in language(text)] == expected
    assert [len(doc) for doc in LANGUAGE.pipe([text, text])] == [len(expected)] * 2


@pytest.mark.parametrize("words", [(), ("赵湾村",)])
def test_a_language_can_be_made_with_or_without_words(words: tuple[str, ...]) -> None:
    assert create_language(words)("赵湾村").text == "赵湾村"
