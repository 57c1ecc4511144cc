"""Themes that rise and fall from one period to the next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corpus.analysis_rules import ThemeRules
from models.analysis.ledger import in_period

RISING, FALLING, LEVEL = "上升", "下降", "平稳"
CONFIDENCE = 0.95
COLUMNS = ("theme", "direction", "before", "now", "share_before", "share_now", "ratio", "low", "high", "p", "q")


def theme_changes(
    ledger: pd.DataFrame, period: pd.Period, rules: ThemeRules, by: str = "theme", *, against: pd.Period | None = None
) -> pd.DataFrame:
    """A row a theme with its letters `before` and `now`, the clearest changes first.

    Compared are shares of all letters, so that a theme does not rise because everything does. `ratio` is the share now
    by the share before, with its exact 95 % interval `low` to `high`; `p` the two-sided exact binomial test of the
    letters now among those of both periods (conditional test of two rates: Przyborowski and Wilenski, 1940), `q` the
    false discovery rate over all themes (Benjamini and Hochberg, 1995). 上升 and 下降 need q and the ratio to reach
    the rules.

    Args:
        ledger: the ledger, not cut to the period.
        period: what is asked about.
        rules: from `corpus.analysis_rules`.
        by: a column of the ledger: theme, content, problem, point, town, unit_name.
        against: what it is compared with; None takes the period before of the same length.
    """
    rows, earlier = in_period(ledger, period), in_period(ledger, period - 1 if against is None else against)
    counts = pd.DataFrame({"before": earlier[by].value_counts(), "now": rows[by].value_counts()}).fillna(0).astype(int)
    counts = counts[(counts.index != "") & (counts.sum(axis=1) >= rules.least_letters)]
    if counts.empty or rows.empty or earlier.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    tests = [
        _test(now, before, len(rows), len(earlier)) for now, before in counts[["now", "before"]].to_numpy().tolist()
    ]
    table = counts.rename_axis("theme").reset_index()
    table["share_before"], table["share_now"] = table["before"] / len(earlier), table["now"] / len(rows)
    table[["ratio", "low", "high", "p"]] = np.array(tests)
    table["q"] = _false_discovery(table["p"])
    rises = (table["q"] <= rules.level) & (table["ratio"] >= rules.least_ratio)
    falls = (table["q"] <= rules.level) & (table["ratio"] <= 1 / rules.least_ratio)
    table["direction"] = np.select([rises, falls], [RISING, FALLING], LEVEL)
    order = table.assign(clear=table["direction"] == LEVEL).sort_values(["clear", "p", "theme"]).index
    return table.loc[order, list(COLUMNS)].reset_index(drop=True)


def _test(now: int, before: int, all_now: int, all_before: int) -> tuple[float, float, float, float]:
    """Ratio of the shares, its interval, and p."""
    from scipy.stats import binomtest

    result = binomtest(now, now + before, all_now / (all_now + all_before))
    interval = result.proportion_ci(CONFIDENCE, method="exact")
    ratio, low, high = (_ratio(share, all_before / all_now) for share in (result.statistic, *interval))
    return ratio, low, high, float(result.pvalue)


def _ratio(share: float, scale: float) -> float:
    return float("inf") if share >= 1 else float(share / (1 - share) * scale)


def _false_discovery(p: pd.Series) -> np.ndarray:
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p.to_numpy()))
