from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import Petition
from models.suggester import Suggester

LAMP = Petition(
    id="1",
    title="路灯不亮",
    text="我是老粮站宿舍的住户。巷子口的路灯从去年入冬就不亮了，井盖也丢了，环卫不来清扫。谢谢领导！",
)


def test_one_suggestion_has_the_form_of_the_contract(suggester: Suggester) -> None:
    result = suggester.suggest(LAMP).to_dict()
    assert list(result) == [
        "id", "kind", "content", "discipline", "primary", "subject_unit", "handling_unit", "urgent", "facts", "version",
    ]  # fmt: skip
    assert result["id"] == "1"
    assert result["content"][0]["label"] == "城乡建设"
    assert list(result["content"][0]) == ["label", "name", "score", "accepted", "evidence"]
    assert result["urgent"] == {"flag": False, "evidence": []}
    assert list(result["facts"]) == ["people", "amounts", "dates", "places"]


def test_scores_are_ordered_and_at_most_five(suggester: Suggester, letters: list[Petition]) -> None:
    for suggestion in suggester.suggest_all(letters):
        scores = [label.score for label in suggestion.content]
        assert scores == sorted(scores, reverse=True)
        assert 1 <= len(scores) <= 5
        assert all(0 <= score <= 1 for score in scores)
        assert not any(label.accepted for label in suggestion.content[1:])


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.one_of(st.characters(), st.sampled_from("路灯坏了。 \r\n\u200b㎡Ａ")), min_size=1, max_size=120))
def test_evidence_is_an_exact_span_of_any_text(suggester: Suggester, text: str) -> None:
    for label in suggester.suggest(Petition(text=text, title="路灯")).content:
        for evidence in label.evidence:
            assert evidence.text == text[evidence.start : evidence.end] != ""


@pytest.mark.parametrize("scheme", ["content", "discipline"])
def test_evidence_drives_the_score(suggester: Suggester, letters: list[Petition], scheme: str) -> None:
    """Without the evidence the score falls more than without other text of the same length."""
    generator = np.random.default_rng(0)
    drops: list[float] = []
    others: list[float] = []
    for letter in letters:
        best = getattr(suggester.suggest(letter), scheme)[0]
        spans = [(evidence.start, evidence.end) for evidence in best.evidence]
        length = sum(end - start for start, end in spans)
        if not spans or length * 2 > len(letter.text):
            continue
        drops.append(best.score - score_of(suggester, letter, without(letter.text, spans), scheme, best.label))
        free = [i for i in range(len(letter.text)) if not any(start <= i < end for start, end in spans)]
        start = int(generator.integers(0, len(free) - length + 1))
        other = [(i, i + 1) for i in free[start : start + length]]
        others.append(best.score - score_of(suggester, letter, without(letter.text, other), scheme, best.label))
    assert len(drops) > 20
    assert np.mean(drops) > 2 * np.mean(others)


def without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def score_of(suggester: Suggester, letter: Petition, text: str, scheme: str, label: str) -> float:
    labels = getattr(suggester.suggest(Petition(text=text, title=letter.title)), scheme)
    return next((item.score for item in labels if item.label == label), 0.0)


def test_a_batch_gives_what_single_calls_give(suggester: Suggester, letters: list[Petition]) -> None:
    together = [item.to_dict() for item in suggester.suggest_all(letters * 8)][:40]
    alone = [suggester.suggest(letter).to_dict() for letter in letters]
    for one, other in zip(together, alone, strict=True):
        assert [s["label"] for s in one["content"]] == [s["label"] for s in other["content"]]
        assert [s["score"] for s in one["content"]] == pytest.approx([s["score"] for s in other["content"]], abs=2e-4)


def test_tag_takes_a_frame_and_keeps_its_columns(suggester: Suggester) -> None:
    frame = pd.DataFrame({"内容": ["路灯坏了没人修", "学校乱收费"], "content": ["a", "b"]}, index=[7, 9])
    tagged = suggester.tag(frame)
    assert list(tagged.index) == [7, 9]
    assert list(tagged["content"]) == ["a", "b"]
    assert tagged.loc[7, "content_label"] == tagged.loc[7, "suggested_content"][0]["label"]
    assert len(suggester.tag(["路灯坏了", "学校乱收费"])) == 2
    assert list(suggester.tag(pd.DataFrame({"text": pd.array(["停水", pd.NA], dtype="string")})).index) == [0, 1]
    assert len(suggester.tag(pd.DataFrame({"text": []}))) == 0
    with pytest.raises(ValueError, match="give a DataFrame"):
        suggester.tag("停水三天")
    with pytest.raises(ValueError, match="no text column"):
        suggester.tag(pd.DataFrame({"x": [1]}))
