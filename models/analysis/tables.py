"""The tables that offices keep: what came in each day, summed up by week, screened by month, analysed by quarter.

日收集、周汇总、月排查、季分析.
"""

from __future__ import annotations

import pandas as pd

from models.analysis.ledger import cases, in_period
from models.analysis.periods import WEEK, year_before
from models.categories import KIND_NAMES, problem_names


def daily_intake(ledger: pd.DataFrame, period: pd.Period) -> pd.DataFrame:
    """日收集. A row a day of the period, days without letters included; a column a channel, `urgent` and `total`."""
    rows = in_period(ledger, period)
    days = pd.date_range(period.start_time.normalize(), period.end_time.normalize(), freq="D", name="day")
    table = pd.crosstab(rows["received"], rows["channel"].replace("", "未注明")).reindex(days, fill_value=0)
    table.columns.name = None
    table["urgent"] = rows.groupby("received")["urgent"].sum().reindex(days, fill_value=0).astype(int)
    table["total"] = rows.groupby("received").size().reindex(days, fill_value=0)
    return table


def weekly_summary(ledger: pd.DataFrame, period: pd.Period) -> pd.DataFrame:
    """周汇总. A row a week (Monday to Sunday) that begins or ends in the period, cut to it.

    Columns: a kind each (by its Chinese name), `total`, `change` against the week before (the first has none),
    `matters`, `repeated` (letters beyond the first of their matter, over the whole ledger), `urgent`, `unsure`.
    """
    rows = in_period(ledger, period).copy()
    weeks = pd.period_range(period.start_time, period.end_time, freq=WEEK, name="week")
    rows["week"] = rows["received"].dt.to_period(WEEK)
    later = ledger.sort_values("received", kind="stable").duplicated("matter")
    rows["later"] = later.reindex(rows.index)
    by_week = rows.groupby("week")
    table = pd.crosstab(rows["week"], rows["kind"].map(KIND_NAMES)).reindex(weeks, fill_value=0)
    table = table.reindex(columns=list(KIND_NAMES.values()), fill_value=0)
    table.columns.name = None
    table["total"] = by_week.size().reindex(weeks, fill_value=0)
    table["change"] = table["total"].diff().astype("Int64")
    table["matters"] = by_week["matter"].nunique().reindex(weeks, fill_value=0)
    for name, column in (("repeated", rows["later"]), ("urgent", rows["urgent"]), ("unsure", ~rows["sure"])):
        table[name] = column.groupby(rows["week"]).sum().reindex(weeks, fill_value=0).astype(int)
    return table


def monthly_screening(ledger: pd.DataFrame, period: pd.Period) -> pd.DataFrame:
    """月排查. A row a town, the one with most cases first.

    Columns: `town`, `letters`, `cases`, `change` of cases against the period before, `villages` (with a case),
    `most_frequent` (problem by name), `urgent`.
    """
    rows, alleged = in_period(ledger, period), in_period(cases(ledger), period)
    before = in_period(cases(ledger), period - 1)["town"].value_counts()
    result = []
    for town, letters in rows[rows["town"] != ""].groupby("town"):
        own = alleged[alleged["town"] == town]
        villages = own.loc[own["unit_kind"] == "village", "unit"].nunique()
        most = own["problem"].mode()
        result.append(
            {
                "town": town,
                "letters": len(letters),
                "cases": len(own),
                "change": len(own) - int(before.get(town, 0)),
                "villages": villages,
                "most_frequent": problem_names().get(most[0], most[0]) if len(most) else "",
                "urgent": int(letters["urgent"].sum()),
            }
        )
    table = pd.DataFrame(result, columns=["town", "letters", "cases", "change", "villages", "most_frequent", "urgent"])
    return table.sort_values(["cases", "letters"], ascending=False, kind="stable").reset_index(drop=True)


def quarterly_problems(ledger: pd.DataFrame, period: pd.Period, level: str = "point") -> pd.DataFrame:
    """季分析. A row a point (or `level="problem"`) with cases now, in the period before (环比) or a year ago (同比).

    Columns: `code`, `name`, `cases`, `share`, `units`, `before`, `year_ago`, `change` and `change_year` in cases.
    """
    alleged = cases(ledger)
    now = in_period(alleged, period)
    counts = {
        "cases": now[level].value_counts(),
        "units": now[now["unit"] != ""].groupby(level)["unit"].nunique(),
        "before": in_period(alleged, period - 1)[level].value_counts(),
        "year_ago": in_period(alleged, year_before(period))[level].value_counts(),
    }
    table = pd.DataFrame(counts).fillna(0).astype(int).rename_axis("code").reset_index()
    table.insert(1, "name", [problem_names().get(code, code) for code in table["code"]])
    table.insert(3, "share", table["cases"] / max(1, len(now)))
    table["change"] = table["cases"] - table["before"]
    table["change_year"] = table["cases"] - table["year_ago"]
    return table.sort_values(["cases", "code"], ascending=[False, True]).reset_index(drop=True)
