"""Charts have their data and their Chinese labels, and load nothing from anywhere."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from corpus.analysis_rules import load_analysis_rules, load_risk_rules
from corpus.units import demo_county
from models import charts
from models.analysis.heat import hot_issues
from models.analysis.ledger import make_ledger
from models.analysis.periods import parse_period
from models.analysis.risk import village_risk
from models.analysis.tables import daily_intake, quarterly_problems
from models.analysis.themes import theme_changes

QUARTER = parse_period("2025Q2")
RULES = load_analysis_rules()
RISK = load_risk_rules()


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    rows = [
        {
            "id": str(number),
            "received": f"2025-{2 + 3 * (number % 3 > 0):02}-{number % 27 + 1:02}",
            "channel": "visit",
            "title": f"<b>标题</b>{number % 5}",
            "kind_label": "accusation",
            "content_label": ("民政/社会救助", "环境保护/噪音")[number % 2],
            "primary": ("B2.1", "B1.1", "Z0")[number % 3],
            "subject_unit_code": f"T01V0{number % 4 + 1}",
            "matter": f"m{number % 5}",
        }
        for number in range(60)
    ]
    return make_ledger(pd.DataFrame(rows))


@pytest.fixture(scope="module")
def figures(ledger: pd.DataFrame) -> dict[str, go.Figure]:
    generator = np.random.default_rng(0)
    probability = generator.uniform(size=300)
    return {
        "intake": charts.intake(daily_intake(ledger, QUARTER)),
        "problems": charts.problems(quarterly_problems(ledger, QUARTER)),
        "themes": charts.themes(theme_changes(ledger, QUARTER, RULES.themes)),
        "risk": charts.risk(village_risk(ledger, QUARTER, RISK, demo_county()), RISK.names),
        "hot": charts.hot(hot_issues(ledger, RULES.heat)),
        "timeline": charts.timeline(ledger, {"m1": "低保", "m2": "噪音"}),
        "reliability": charts.reliability(probability, generator.uniform(size=300) < probability),
        "confusion": charts.confusion(["甲", "乙", "甲"], ["甲", "甲", "丙"]),
        "curve": charts.curve([0.5, 0.6], {"事项": [3, 2]}, "阈值与事项", "阈值"),
    }


WORDS = {
    "intake": "来访", "problems": "社会救助", "themes": "噪音", "risk": "重点关注", "hot": "标题", "timeline": "低保",
    "reliability": "可靠性", "confusion": "混淆矩阵", "curve": "阈值与事项",
}  # fmt: skip


@pytest.mark.parametrize("name", list(WORDS))
def test_a_chart_is_json_with_its_data_and_labels(figures: dict[str, go.Figure], name: str) -> None:
    shown = json.dumps(json.loads(str(figures[name].to_json())), ensure_ascii=False)
    assert WORDS[name] in shown
    assert figures[name].data
    assert "Microsoft YaHei" in figures[name].layout.font.family


@pytest.mark.parametrize("name", list(WORDS))
def test_a_chart_asks_no_other_machine_for_anything(figures: dict[str, go.Figure], name: str) -> None:
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", charts.figure_html(figures[name]))


def test_bars_of_intake_add_up_to_the_letters(figures: dict[str, go.Figure], ledger: pd.DataFrame) -> None:
    drawn = sum(int(np.sum(bar.y)) for bar in figures["intake"].data)
    assert drawn == ledger["received"].between("2025-04-01", "2025-06-30").sum()


def test_confusion_counts_texts(figures: dict[str, go.Figure]) -> None:
    cells = figures["confusion"].data[0]
    assert dict(zip(zip(*np.nonzero(cells.z), strict=True), cells.z[np.nonzero(cells.z)], strict=True)) == {
        (list(cells.y).index("甲"), list(cells.x).index("甲")): 1,
        (list(cells.y).index("甲"), list(cells.x).index("丙")): 1,
        (list(cells.y).index("乙"), list(cells.x).index("甲")): 1,
    }
