"""The shipped discipline part on letters written for the tests."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.records import Petition
from corpus.written import NO_PROBLEM, written_petitions
from models.suggester import Suggester
from nlp.clauses import clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我妈死了三年了，折子上年年还有人把养老补贴取走，一问是村会计取的，钱进了他自己口袋。", "B1"),
        ("村里修那条路说是三公里，我拿皮尺量了才两公里多，工程款却按三公里结完了。", "B4"),
        ("支书把鱼塘一签三十年包给他舅子，一年才八百块，从来没有喊大家开过会。", "B5"),
        ("办个残疾证，窗口那个人说没有两条烟就莫想盖章。", "B"),
        ("请问退休人员异地看病报销要带哪些材料，在哪个窗口办？", NO_PROBLEM),
        ("小区楼上半夜打麻将，吵得睡不着，物业说管不了。", NO_PROBLEM),
    ],
)
def test_plain_letters(suggester: Suggester, text: str, expected: str) -> None:
    suggestion = suggester.suggest(Petition(text=text))
    assert suggestion.primary is not None
    assert suggestion.primary.startswith(expected)


@pytest.mark.parametrize(
    "text",
    [
        "经查，未发现村干部在低保评定中优亲厚友，群众反映的情况不属实。",
        "会议强调，要坚决防止截留挪用惠农补贴资金，严查虚报冒领。",
        "我们村的账目一直公开得很清楚，没有白条，大家都服气。",
    ],
)
def test_denials_requirements_and_praise_are_no_allegations(suggester: Suggester, text: str) -> None:
    assert suggester.suggest(Petition(text=text)).primary == NO_PROBLEM


def test_a_threat_of_suicide_is_urgent_with_its_words(suggester: Suggester) -> None:
    text = "补偿款拖了四年。我今天把药买好了，再没人管，我就死在镇政府门口。"
    urgent = suggester.suggest(Petition(text=text)).urgent
    assert urgent.flag
    assert any("死" in evidence.text or "药" in evidence.text for evidence in urgent.evidence)


def test_evidence_of_problems_meets_what_people_marked(suggester: Suggester) -> None:
    """On letters that no training saw, the shown clauses meet the labeller's clause far more often than others do."""
    met, by_chance = [], []
    for row in written_petitions("test"):
        best = suggester.suggest(row.petition).discipline[0]
        span = row.gold.evidence.get(best.label)
        if span is None or best.label not in row.gold.discipline or not best.evidence:
            continue
        places = clauses(row.petition.text)
        hits = [start < span.end and span.start < end for start, end in places]
        met.append(any(e.start < span.end and span.start < e.end for e in best.evidence))
        # As many clauses at random miss all of those that meet the labeller's span with this probability.
        missed = np.prod([max(0, len(hits) - sum(hits) - k) / (len(hits) - k) for k in range(len(best.evidence))])
        by_chance.append(1 - missed)
    assert len(met) > 100
    assert np.mean(met) > 1.5 * np.mean(by_chance)


def test_the_test_split_keeps_its_figures(suggester: Suggester) -> None:
    from models.evaluate import discipline_report

    metrics = discipline_report(suggester.discipline, written_petitions("test"), suggester.tokeniser).metrics
    assert metrics["point_accuracy"] >= 0.85
    assert metrics["top3"] >= 0.85
    assert metrics["micro_f1"] >= 0.75
    assert metrics["calibration_error_best"] <= 0.04
