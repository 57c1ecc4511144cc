from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpus.analysis_rules import load_analysis_rules, load_risk_rules
from corpus.errors import DataFileError
from corpus.paths import DATA


def test_the_shipped_rules_are_whole() -> None:
    assert load_risk_rules().names == ["重点关注", "风险隐患", "一般普通"]
    assert load_analysis_rules().heat.half_life > 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"grave": ["B1.1", "X9"]}, "grave: entry 2 is not in the discipline scheme"),
        ({"otherwise": None}, "otherwise"),
        ({"otherwise": "重点关注"}, "a name stands twice"),
        ({"classes": []}, "classes"),
        ({"classes": [{"name": "重", "any": [{"anger": 1}]}]}, "classes.0.any.0.anger"),
        ({"classes": [{"name": "重", "any": [{"cases": 0}]}]}, "classes.0.any.0.cases"),
        ({"classes": [{"name": "重", "any": [{}]}]}, "classes.0.any.0"),
        ({"more": 1}, "more: Extra inputs are not permitted"),
    ],
)
def test_faults_of_risk_rules_are_told_with_their_place(change: dict[str, object], told: str, tmp_path: Path) -> None:
    content = yaml.safe_load((DATA / "risk.yaml").read_text("utf-8")) | change
    path = tmp_path / "risk.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with pytest.raises(DataFileError, match=told):
        load_risk_rules(path)


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [("common", "level", 1.5), ("heat", "half_life", 0), ("themes", "least_ratio", 1), ("drift", "act", "much")],
)
def test_faults_of_thresholds_are_told_with_their_place(
    section: str, field: str, value: object, tmp_path: Path
) -> None:
    content = yaml.safe_load((DATA / "analysis.yaml").read_text("utf-8"))
    content[section][field] = value
    path = tmp_path / "analysis.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(DataFileError, match=f"{section}.{field}"):
        load_analysis_rules(path)


@pytest.mark.parametrize("text", ["", "[1]", "a: [", "\x00"])
def test_what_is_no_rules_file_is_told(text: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(DataFileError):
        load_analysis_rules(path)
