"""Villages by class of risk (重点关注、风险隐患、一般普通), with the figures and the rule behind each class."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from corpus.analysis_rules import RiskRules
from corpus.units import UnitRegistry
from models.analysis.ledger import cases, in_period
from models.analysis.recurrence import recurrences

FIGURES = {
    "letters": "来信",
    "cases": "问题事项",
    "grave": "严重问题",
    "kinds": "问题种类",
    "repeated": "重复事项",
    "urgent": "紧急来信",
    "recurred": "整改后再现",
    "growth": "较上期增加",
}
"""Figure → what it is called, in the order of the table."""


def village_risk(ledger: pd.DataFrame, period: pd.Period, rules: RiskRules, registry: UnitRegistry) -> pd.DataFrame:
    """A row a village of the registry, the gravest class first: `unit`, `unit_name`, `town`, `risk`, `reason`, figures.

    `reason` is the first rule of the class that holds, with the village's figures; "" for the class of all others.

    Args:
        ledger: with the period before, and with whatever rectifications are known.
        period: the period that is judged.
        rules: from `corpus.analysis_rules`.
        registry: whose villages are judged; one without any letter is listed too.
    """
    figures = village_figures(ledger, period, rules, registry)
    judged = [
        judge(dict(zip(FIGURES, row, strict=True)), rules) for row in figures[list(FIGURES)].itertuples(index=False)
    ]
    figures.insert(3, "risk", [risk for risk, _ in judged])
    figures.insert(4, "reason", [reason for _, reason in judged])
    rank = figures["risk"].map({name: place for place, name in enumerate(rules.names)})
    order = figures.assign(rank=rank).sort_values(
        ["rank", "cases", "letters"], ascending=[True, False, False], kind="stable"
    )
    return order.drop(columns="rank").reset_index(drop=True)


def village_figures(ledger: pd.DataFrame, period: pd.Period, rules: RiskRules, registry: UnitRegistry) -> pd.DataFrame:
    """The figures of every village of the registry in its order."""
    rows, alleged = in_period(ledger, period), in_period(cases(ledger), period)
    before = in_period(cases(ledger), period - 1)
    grave = alleged[alleged["problem"].isin(rules.grave) | alleged["point"].isin(rules.grave)]
    sizes = rows.groupby(["unit", "matter"]).size()
    again = recurrences(ledger[ledger["received"] <= period.end_time])
    again = again[again["last_on"] >= period.start_time]
    count = alleged["unit"].value_counts()
    columns = {
        "letters": rows["unit"].value_counts(),
        "cases": count,
        "grave": grave["unit"].value_counts(),
        "kinds": alleged.groupby("unit")["problem"].nunique(),
        "repeated": sizes[sizes >= 2].groupby("unit").size(),
        "urgent": rows.groupby("unit")["urgent"].sum(),
        "recurred": again["unit"].value_counts(),
        "growth": count.sub(before["unit"].value_counts(), fill_value=0),
    }
    villages = [unit for unit in registry.units.values() if unit.kind == "village"]
    table = pd.DataFrame(columns, index=[unit.code for unit in villages]).fillna(0).astype(int)
    towns = [registry[unit.parent].name if unit.parent else "" for unit in villages]
    about = pd.DataFrame({"unit": table.index, "unit_name": [unit.name for unit in villages], "town": towns})
    return pd.concat([about, table.reset_index(drop=True)], axis=1)


def judge(figures: Mapping[str, int], rules: RiskRules) -> tuple[str, str]:
    """The class of these figures, and the rule that makes it so."""
    for risk in rules.classes:
        for rule in risk.any:
            if all(figures[name] >= least for name, least in rule.items()):
                return risk.name, "，".join(
                    f"{FIGURES[name]}{figures[name]}（≥{least}）" for name, least in rule.items()
                )
    return rules.otherwise, ""
