from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Petition
from models.display import AGREES, CONTRADICTS, evidence_html, matter_html, pair_html, suggestion_html
from models.repeat_evidence import Reason
from models.suggester import Suggester
from models.suggestions import Evidence, LabelSuggestion, Suggestion, UnitSuggestion

LETTER = "青石镇石桥村会计<script>alert(1)</script>把低保金三千元装进自己口袋，再不处理我就上吊自杀。"


def test_a_suggestion_shows_labels_scores_and_evidence(suggester: Suggester) -> None:
    suggestion = suggester.suggest(LETTER)
    shown = suggestion._repr_html_()
    for words in ("检举控告", "石桥村", suggestion.discipline[0].label, f"{suggestion.discipline[0].score:.0%}"):
        assert words in shown
    assert suggestion_html(Suggestion(id="", version="")).count("<tr>") == 1


def test_markup_of_a_letter_is_shown_not_run(suggester: Suggester) -> None:
    suggestion = suggester.suggest(LETTER)
    for shown in (suggestion_html(suggestion), evidence_html(LETTER, suggestion)):
        assert "<script>" not in shown
    assert "石桥村" in evidence_html(LETTER, suggestion)


spans = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=3)


@given(problem=spans, content=spans, unit=spans)
def test_marked_text_is_the_whole_text_whatever_overlaps(
    problem: list[tuple[int, int]], content: list[tuple[int, int]], unit: list[tuple[int, int]]
) -> None:
    text = "村主任李某把低保金三千元装进自己的口袋里一年多"

    def found(pairs: list[tuple[int, int]]) -> tuple[Evidence, ...]:
        return tuple(Evidence(a, min(len(text), a + n), text[a : a + n]) for a, n in pairs)

    suggestion = Suggestion(
        id="",
        version="",
        content=(LabelSuggestion("民政", "民政", 0.5, False, found(content)),),
        discipline=(LabelSuggestion("B2.3", "克扣", 0.5, False, found(problem)),),
        subject_unit=UnitSuggestion("T01", "镇", 0.5, "", found(unit)),
    )
    shown = evidence_html(text, suggestion)
    plain = unescape(re.sub(r"<span.*?</span>|<[^>]+>|\s", "", shown, flags=re.DOTALL))
    assert plain == text
    assert ("单位</span>" in shown) == bool(unit)


def test_a_matter_and_a_pair_show_their_letters() -> None:
    a = Petition(id="1", received="2025-05-02", title="<i>路灯</i>", text="石桥村路灯坏了三年没人修", petitioner="张三")
    b = Petition(id="2", received="2025-04-01", text="石桥村的路灯坏了，去年就报过")
    shown = matter_html([a, b])._repr_html_()
    assert shown.index("2025-04-01") < shown.index("2025-05-02")
    assert "<i>" not in shown
    assert "张三" not in shown
    same = Reason("同村", True, (Evidence(0, 3, "石桥村"),), (Evidence(0, 3, "石桥村"),))
    other = Reason("年份不同", False, (), (Evidence(10, 12, "去年"),))
    side_by_side = pair_html(a, b, [same, other])
    assert "同村，年份不同" in side_by_side
    assert side_by_side.count(AGREES) == 2
    assert side_by_side.count(CONTRADICTS) == 1


def test_a_finding_shows_its_words_and_where_they_stand(suggester: Suggester) -> None:
    report = "二、发现的主要问题\n石桥村会计把三户的低保金共八千元装进自己口袋，至今未整改。"
    findings = suggester.findings(report)
    shown = findings[0]._repr_html_()
    for words in ("八千元", findings[0].primary, "石桥村"):
        assert words in shown
