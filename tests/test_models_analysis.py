"""The analyses on ledgers whose truth is known because the test made them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import ledger_of
from scipy.stats import binomtest, fisher_exact

from corpus.analysis_rules import load_analysis_rules, load_risk_rules
from corpus.errors import FenbanError
from corpus.units import demo_county
from corpus.written import written_petitions
from models.analysis.agreement import agreement, disagreements
from models.analysis.chinese import in_chinese
from models.analysis.common import COMMON, INDIVIDUAL, SCATTERED, common_problems
from models.analysis.drift import ACT, STEADY, drift, new_words
from models.analysis.heat import heat, hot_issues
from models.analysis.issues import by_issue
from models.analysis.ledger import make_ledger
from models.analysis.periods import parse_period
from models.analysis.recurrence import recurrences
from models.analysis.risk import FIGURES, judge, village_risk
from models.analysis.themes import FALLING, LEVEL, RISING, theme_changes
from models.suggester import Suggester
from nlp.tokenise import Tokeniser

RULES = load_analysis_rules()
RISK = load_risk_rules()
QUARTER = parse_period("2025Q2")


def test_common_and_individual_problems_are_told_apart() -> None:
    """Twenty villages with one case of B1.1 each; one of them with eight of the ten cases of B5.1; B7.1 is rare."""
    villages = [unit.code for unit in demo_county().units.values() if unit.kind == "village"][:20]
    rows = [{"primary": "B1.1", "subject_unit_code": code} for code in villages]
    rows += [{"primary": "B5.1", "subject_unit_code": villages[0]}] * 8
    rows += [{"primary": "B5.1", "subject_unit_code": code} for code in villages[1:3]]
    rows += [{"primary": "B7.1", "subject_unit_code": villages[4]}] * 2
    table = common_problems(ledger_of(*rows), RULES.common).set_index("code")
    assert dict(table["type"]) == {"B1.1": COMMON, "B5.1": INDIVIDUAL, "B7.1": SCATTERED}
    worst = table.loc["B5.1"]
    assert (worst["unit"], worst["unit_cases"], worst["units"]) == (villages[0], 8, 3)
    assert worst["lift"] == pytest.approx(8 / (10 * 9 / 32))
    assert worst["p"] == pytest.approx(fisher_exact([[8, 1], [2, 21]], alternative="greater").pvalue)
    assert worst["q"] >= worst["p"]
    assert table.loc["B1.1", "spread"] > 1.2
    assert worst["spread"] < 0.6


def test_problems_dealt_out_by_chance_are_no_individual_ones() -> None:
    """At a false discovery rate of 0.05, of forty counties without any tie at most a few have a find."""
    generator = np.random.default_rng(0)
    villages = [unit.code for unit in demo_county().units.values() if unit.kind == "village"][:12]
    finds = 0
    for _ in range(40):
        problems = generator.choice(["B1.1", "B5.1", "B6.1", "C1.1"], 120)
        units = generator.choice(villages, 120)
        ledger = ledger_of(*[{"primary": p, "subject_unit_code": u} for p, u in zip(problems, units, strict=True)])
        finds += bool((common_problems(ledger, RULES.common)["q"] <= RULES.common.level).any())
    assert finds <= 4


def themed(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Letters of themes before and in the quarter."""
    rows = [
        {"content_label": theme, "received": day}
        for theme, pair in counts.items()
        for day, count in zip(("2025-02-02", "2025-05-05"), pair, strict=True)
        for _ in range(count)
    ]
    return ledger_of(*rows)


def test_themes_that_rise_and_fall() -> None:
    ledger = themed(
        {"交通运输/建设管理": (10, 60), "国土资源/土地征收": (60, 10), "城乡建设": (130, 130), "民政": (1, 2)}
    )
    table = theme_changes(ledger, QUARTER, RULES.themes).set_index("theme")
    assert dict(table["direction"]) == {"交通运输/建设管理": RISING, "国土资源/土地征收": FALLING, "城乡建设": LEVEL}
    row = table.loc["交通运输/建设管理"]
    assert row["p"] == pytest.approx(binomtest(60, 70, 202 / 403).pvalue)
    assert row["ratio"] == pytest.approx(60 / 202 / (10 / 201))
    assert row["low"] < row["ratio"] < row["high"]


def test_no_theme_rises_because_everything_does() -> None:
    table = theme_changes(themed({f"民政/{n}": (20, 60) for n in range(8)}), QUARTER, RULES.themes)
    assert set(table["direction"]) == {LEVEL}
    assert table["ratio"].tolist() == pytest.approx([1.0] * 8)


def test_themes_of_an_empty_period_are_not_compared() -> None:
    assert theme_changes(themed({"民政": (20, 0)}), QUARTER, RULES.themes).empty


@pytest.mark.parametrize(
    ("status", "closed", "again", "days"),
    [
        ("rectified", "2025-03-01", "2025-04-01", 31),
        ("rectified", "", "2025-04-01", 59),
        ("rectified", "2025-05-01", "2025-04-01", None),
        ("in_progress", "2025-03-01", "2025-04-01", None),
    ],
)
def test_the_same_problem_after_rectification(status: str, closed: str, again: str, days: int | None) -> None:
    first = {
        "received": "2025-02-01",
        "primary": "B1.1",
        "subject_unit_code": "T01V01",
        "status": status,
        "closed": closed,
    }
    later = {**first, "received": again, "status": "", "closed": ""}
    found = recurrences(ledger_of(first, later, {**later, "subject_unit_code": "T01V02"}, {**later, "primary": "B1.2"}))
    assert found["days"].tolist() == ([] if days is None else [days])
    assert len(recurrences(ledger_of(first, {**later, "primary": "B1.2"}), level="point")) == (days is not None)


def test_villages_by_risk_with_the_figures_behind() -> None:
    ledger = ledger_of(
        *[{"subject_unit_code": "T01V01", "primary": code} for code in ("B8.4", "B1.5", "A1.1")],
        {"subject_unit_code": "T01V02", "primary": "A1.1"},
        {"subject_unit_code": "T01V02", "primary": "A1.1"},
        {"subject_unit_code": "T01V03", "primary": "A1.1", "received": "2025-01-01"},
    )
    table = village_risk(ledger, QUARTER, RISK, demo_county()).set_index("unit")
    assert table.loc["T01V01", ["risk", "reason", "grave", "kinds", "growth"]].tolist() == [
        "重点关注", "严重问题2（≥2）", 2, 3, 3,
    ]  # fmt: skip
    assert table.loc["T01V02", ["risk", "cases"]].tolist() == ["风险隐患", 2]
    assert table.loc["T01V03", ["risk", "reason", "growth"]].tolist() == ["一般普通", "", -1]
    assert len(table) == sum(unit.kind == "village" for unit in demo_county().units.values())


@given(
    figures=st.fixed_dictionaries({name: st.integers(0, 6) for name in FIGURES}), more=st.sampled_from(list(FIGURES))
)
def test_a_larger_figure_never_makes_a_village_safer(figures: dict[str, int], more: str) -> None:
    rank = RISK.names.index
    assert rank(judge({**figures, more: figures[more] + 1}, RISK)[0]) <= rank(judge(figures, RISK)[0])


@given(
    size=st.integers(2, 99), likes=st.integers(0, 999), dislikes=st.integers(0, 99), days=st.integers(0, 900),
    more=st.sampled_from(["size", "likes", "dislikes", "days"]), age=st.integers(0, 300),
)  # fmt: skip
def test_heat_grows_with_attention_and_halves_with_time(
    size: int, likes: int, dislikes: int, days: int, more: str, age: int
) -> None:
    today = pd.Timestamp("2025-06-30")
    one = {"size": size, "likes": likes, "dislikes": dislikes, "days": days, "last": today - pd.Timedelta(days=age)}
    older = {**one, "last": one["last"] - pd.Timedelta(days=int(RULES.heat.half_life))}
    base, hotter, half = heat(pd.DataFrame([one, {**one, more: one[more] + 1}, older]), RULES.heat, today)
    assert hotter > base
    assert half == pytest.approx(base / 2)


def test_hot_issues_are_matters_of_several_letters() -> None:
    ledger = ledger_of(
        *[{"matter": "old", "received": "2023-01-01"}] * 5,
        *[{"matter": "hot", "received": "2025-06-01", "title": "噪音"}] * 5,
        {"matter": "alone", "likes": 5000, "received": "2025-06-02"},
    )
    table = hot_issues(ledger, RULES.heat)
    assert table["matter"].tolist() == ["hot", "old"]
    assert table.loc[0, ["rank", "size", "title"]].tolist() == [1, 5, "噪音"]
    assert hot_issues(ledger_of({}), RULES.heat).empty


def test_agreement_of_clerks_and_program() -> None:
    """Ninety of a hundred kept, all of those over the threshold; labels balanced, so that kappa is 0.8."""
    suggested = ["B1.1", "B1.5"] * 50
    decided = [("B1.5" if one == "B1.1" else "B1.1") if n < 10 else one for n, one in enumerate(suggested)]
    tagged = pd.DataFrame(
        {"primary": suggested, "decided_primary": decided, "discipline_accepted": [n >= 10 for n in range(100)]}
    )
    row = agreement(tagged).iloc[0]
    assert (row["field"], row["decided"], row["agreed"], row["kappa"]) == ("problem", 100, 0.9, pytest.approx(0.8))
    assert row["low"] == pytest.approx(0.8256, abs=1e-3)
    assert (row["agreed_accepted"], row["agreed_others"]) == (1.0, 0.0)
    assert disagreements(tagged, "problem")["letters"].tolist() == [5, 5]
    assert agreement(tagged.assign(decided_primary="")).empty


def test_drift_is_told_from_chance(tokeniser: Tokeniser) -> None:
    generator = np.random.default_rng(0)
    labels = [generator.choice(list("abcdef"), 400) for _ in range(2)]
    texts = [["长" * length for length in generator.integers(50, 90, 400)] for _ in range(2)]
    first, same = (pd.DataFrame({"content_label": a, "text": b}) for a, b in zip(labels, texts, strict=True))
    other = first.assign(content_label=first["content_label"].replace("a", "g"), text=first["text"] * 2)
    assert set(drift(first, same, RULES.drift)["verdict"]) == {STEADY}
    changed = drift(first, other, RULES.drift).set_index("feature")
    assert changed.loc["content_label", "verdict"] == ACT
    assert changed.loc["length", "verdict"] == ACT
    unknown, words = new_words(["路灯坏了"] * 5, ["充电桩坏了"] * 4, tokeniser)
    assert 0 < unknown < 1
    assert "充电" in words["word"][0]


def test_the_written_corpus_goes_through_every_analysis(suggester: Suggester) -> None:
    rows = written_petitions("dev")[:60]
    frame = pd.DataFrame(
        [{"id": r.petition.id, "received": r.petition.received, "text": r.petition.text} for r in rows]
    )
    ledger = make_ledger(suggester.tag(frame), suggester.units.registry)
    assert len(in_chinese(common_problems(ledger, RULES.common, "point"))) > 5
    assert in_chinese(village_risk(ledger, parse_period("2024"), RISK, demo_county())).isna().sum().sum() == 0


COMPLAINTS = (
    "公园路灯不亮", "学校招生政策咨询", "河水发黑发臭", "公交站牌损坏", "物业乱收费", "拆迁补偿何时到位", "电梯故障",
    "医保报销比例", "工地拖欠工资", "占道经营", "自来水浑浊", "停车位不足", "幼儿园收费", "燃气开通", "垃圾清运不及时",
)  # fmt: skip


def test_messages_of_many_writers_about_one_thing_are_an_issue() -> None:
    plants = ["丽湖小区搅拌站噪音扰民", "投诉丽湖小区搅拌站粉尘", "丽湖小区搅拌站何时搬走", "反映丽湖小区搅拌站污染"]
    others = [
        f"{place}{thing}" for place in "东西南北" for thing in ("门公园路灯不亮", "街学校招生政策咨询", "河水发黑发臭")
    ]
    alone = ["", "医保卡丢失怎么补办"]
    ledger = ledger_of(*[{"title": title} for title in [*plants, *others, *alone]])
    grouped = by_issue(ledger, RULES.issues)["matter"].tolist()
    assert len(set(grouped[:4])) == 1
    assert grouped[0] not in grouped[4:]
    assert grouped[-2] == ledger["matter"].iloc[-2]
    assert hot_issues(by_issue(ledger, RULES.issues), RULES.heat)["size"].max() >= 4
    with pytest.raises(FenbanError, match="cut the ledger"):
        by_issue(ledger, RULES.issues.model_copy(update={"most_messages": 3}))


@pytest.mark.parametrize("titles", [[], ["路灯"], ["", ""], ["一", "二"], ["同", "同", "同"]])
def test_titles_that_say_nothing_are_no_issue(titles: list[str]) -> None:
    ledger = ledger_of(*[{"title": title} for title in titles], {})
    assert by_issue(ledger, RULES.issues)["matter"].nunique() == len(titles) + 1
