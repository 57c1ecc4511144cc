"""Hot issues (热点问题): matters ranked by a heat score."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corpus.analysis_rules import HeatRules

COLUMNS = (
    "rank",
    "matter",
    "heat",
    "size",
    "first",
    "last",
    "days",
    "likes",
    "dislikes",
    "unit_name",
    "theme",
    "title",
)


def hot_issues(ledger: pd.DataFrame, rules: HeatRules, today: pd.Timestamp | None = None) -> pd.DataFrame:
    """A row a matter of `least_size` letters or more, the hottest first.

    heat = (size·log₂(letters) + likes·log₂(1 + likes) + dislikes·log₂(1 + dislikes) + span·log₂(1 + weeks between the
    first letter and the last)) · ½^(days since the last letter ÷ half_life), with the weights of the rules. Logarithms,
    since the hundredth voice says less than the second; a half-life, since what nobody writes about any more is no
    longer hot (so are news ranked by votes and age). The title is that of the first letter, unit and theme the most
    frequent.

    Args:
        ledger: with `matter` filled (`fenban repeats`, or the repeat finder); letters without one stand alone.
        rules: from `corpus.analysis_rules`.
        today: the day of the ranking; None takes that of the last letter.
    """
    sizes = ledger["matter"].map(ledger["matter"].value_counts())
    rows = ledger[sizes >= rules.least_size].sort_values("received", kind="stable")
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    day = ledger["received"].max() if today is None else today
    groups = rows.groupby("matter", sort=False)
    table = groups.agg(
        size=("id", "size"),
        first=("received", "min"),
        last=("received", "max"),
        likes=("likes", "sum"),
        dislikes=("dislikes", "sum"),
        unit_name=("unit_name", _most_frequent),
        theme=("theme", _most_frequent),
        title=("title", "first"),
    )
    table["days"] = (table["last"] - table["first"]).dt.days.fillna(0).astype(int)
    table["heat"] = heat(table, rules, day)
    table = table.sort_values(["heat", "size"], ascending=False, kind="stable").reset_index()
    table["rank"] = np.arange(1, len(table) + 1)
    return table[list(COLUMNS)]


def heat(matters: pd.DataFrame, rules: HeatRules, today: pd.Timestamp) -> pd.Series:
    """The heat of matters with columns size, likes, dislikes, days (first to last letter) and last."""
    attention = (
        rules.size * np.log2(matters["size"])
        + rules.likes * np.log2(1 + matters["likes"])
        + rules.dislikes * np.log2(1 + matters["dislikes"])
        + rules.span * np.log2(1 + matters["days"] / 7)
    )
    age = (today - matters["last"]).dt.days.clip(lower=0)
    cooling: pd.Series = 0.5 ** (age.fillna(age.max() if age.notna().any() else 0) / rules.half_life)
    return cooling.mul(attention)


def _most_frequent(column: pd.Series) -> str:
    filled = column[column != ""].mode()
    return str(filled.iloc[0]) if len(filled) else ""
