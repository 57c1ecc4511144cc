"""The analysis of a period for people (季分析): sections of words, tables and charts, for any form of file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from corpus.analysis_rules import AnalysisRules, RiskRules
from corpus.units import UnitRegistry
from models.analysis.chinese import CHANNELS
from models.analysis.common import COMMON, INDIVIDUAL, common_problems
from models.analysis.heat import hot_issues
from models.analysis.ledger import in_period
from models.analysis.periods import period_name, year_before
from models.analysis.recurrence import recurrences
from models.analysis.risk import village_risk
from models.analysis.tables import daily_intake, monthly_screening, quarterly_problems, weekly_summary
from models.analysis.themes import FALLING, LEVEL, RISING, theme_changes
from models.categories import KIND_NAMES, problem_names

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_ROWS = 15


@dataclass(frozen=True)
class Section:
    """A heading, sentences, and where there are any a table (English columns) and a chart.

    `bars` is the column that a file without charts may draw bars of; `chart` makes the figure when it is asked for.
    """

    title: str
    lines: tuple[str, ...]
    table: pd.DataFrame | None = None
    bars: str = ""
    chart: Callable[[], Figure] | None = None


@dataclass(frozen=True)
class Basis:
    """What a report rests on: the whole ledger, the period, the rules and units of the office, the models' version."""

    ledger: pd.DataFrame
    period: pd.Period
    rules: AnalysisRules
    risk: RiskRules
    registry: UnitRegistry
    version: str


def report_sections(basis: Basis) -> list[Section]:
    """All sections in their order; one that has nothing to say says so."""
    parts = (_overview, _intake, _problems, _common, _themes, _hot, _recurred, _towns, _villages, _method)
    return [part(basis) for part in parts]


def report_title(basis: Basis) -> str:
    """The title of the report."""
    return f"{period_name(basis.period)}信访举报分析"


def _overview(basis: Basis) -> Section:
    rows = in_period(basis.ledger, basis.period)
    before, year = (len(in_period(basis.ledger, one)) for one in (basis.period - 1, year_before(basis.period)))
    kinds = rows["kind"].map(KIND_NAMES).value_counts()
    channels = rows["channel"].replace("", "来源未注明").replace(CHANNELS).value_counts()
    repeated = len(rows) - rows["matter"].nunique()
    lines = (
        f"本期共收件{len(rows)}件，{_compared(len(rows), before, '上期')}，{_compared(len(rows), year, '去年同期')}。",
        f"按性质：{_listed(kinds, len(rows))}。",
        f"按来源：{_listed(channels, len(rows))}。",
        f"涉及事项{rows['matter'].nunique()}个，同一事项的重复来件{repeated}件；紧急{int(rows['urgent'].sum())}件；"
        f"问题类别程序没有把握、应由人判定的{int((~rows['sure']).sum())}件。",
    )
    return Section("总体情况", lines)


def _intake(basis: Basis) -> Section:
    from models import charts

    daily, weekly = daily_intake(basis.ledger, basis.period), weekly_summary(basis.ledger, basis.period)
    busiest = weekly.index.to_series().iloc[int(weekly["total"].to_numpy().argmax())]
    line = f"收件最多的一周自{busiest.start_time:%m月%d日}起，{weekly['total'].max()}件。"
    return Section("日收集与周汇总", (line,), weekly, "total", lambda: charts.intake(daily))


def _problems(basis: Basis) -> Section:
    from models import charts

    table = quarterly_problems(basis.ledger, basis.period)
    shown = table[table["cases"] > 0]
    if shown.empty:
        return Section("突出问题", ("本期没有反映监督问题的事项。",))
    first = "、".join(f"{row['name']}（{row['cases']}个）" for row in shown.head(3).to_dict("records"))
    line = f"反映监督问题的事项{shown['cases'].sum()}个，居前的是{first}。同一事项的多次来件只计一次。"
    return Section("突出问题", (line,), table.head(MOST_ROWS), "cases", lambda: charts.problems(table))


def _common(basis: Basis) -> Section:
    year = basis.ledger[basis.ledger["received"].between(*_last_year(basis.period))]
    table = common_problems(year, basis.rules.common)
    common, individual = (table[table["type"] == name] for name in (COMMON, INDIVIDUAL))
    lines = (
        f"看截至本期末一年的事项。共性问题{len(common)}类（{_names(common)}），见于多个单位；"
        f"个性问题{len(individual)}类（{_names(individual)}），集中于个别单位。",
        "个性问题的检验：逐单位单侧 Fisher 精确检验，错误发现率（Benjamini–Hochberg）"
        f"不高于{basis.rules.common.level:g}，且达到应有件数的{basis.rules.common.least_lift:g}倍。",
    )
    columns = ["name", "type", "cases", "units", "share_of_units", "spread", "unit_name", "unit_cases", "lift", "q"]
    shown = pd.concat([individual, common])[columns].head(MOST_ROWS)
    return Section("共性与个性问题", lines, shown if len(shown) else None, "cases")


def _themes(basis: Basis) -> Section:
    from models import charts

    table = theme_changes(basis.ledger, basis.period, basis.rules.themes)
    if table.empty:
        return Section("主题升降", ("两期来件太少，不作比较。",))
    up, down = (table[table["direction"] == name] for name in (RISING, FALLING))
    lines = (
        f"与上期相比，占比上升的主题{len(up)}个{_listing(up['theme'])}，下降的{len(down)}个{_listing(down['theme'])}。",
        "比的是占全部来件的份额；占比之比后为95%区间；双侧精确二项检验，"
        f"错误发现率不高于{basis.rules.themes.level:g}且比值达{basis.rules.themes.least_ratio:g}倍方列为升降。",
    )
    columns = ["theme", "direction", "before", "now", "share_before", "share_now", "ratio", "low", "high", "q"]
    shown = pd.concat([table[table["direction"] != LEVEL], table[table["direction"] == LEVEL]])[columns].head(MOST_ROWS)
    return Section("主题升降", lines, shown, "now", lambda: charts.themes(table))


def _hot(basis: Basis) -> Section:
    """Without titles: they name people, and this paper goes round."""
    known = basis.ledger[basis.ledger["received"] <= basis.period.end_time]
    today = basis.period.end_time.normalize()
    table = hot_issues(known, basis.rules.heat, today)
    table = table[table["last"] >= basis.period.start_time].head(10)
    if table.empty:
        return Section("热点事项", ("本期没有两件以上来件反映的同一事项，或来件尚未归并。",))
    lines = ("热度由件数、赞同与反对、历时和距今时间算出；本期仍有来件的事项列出前十。",)
    columns = ["rank", "unit_name", "theme", "heat", "size", "first", "last", "likes", "dislikes"]
    return Section("热点事项", lines, table[columns], "heat")


def _recurred(basis: Basis) -> Section:
    found = recurrences(basis.ledger[basis.ledger["received"] <= basis.period.end_time])
    found = found[found["last_on"] >= basis.period.start_time]
    if found.empty:
        return Section("整改后再现", ("本期没有发现整改后同一单位再现同一问题的情况（以登记的整改状态为准）。",))
    found.insert(2, "name", found["code"].map(lambda code: problem_names().get(code, code)))
    columns = ["unit_name", "name", "rectified_on", "again_on", "days", "again"]
    return Section(
        "整改后再现", (f"整改后再现同一问题的{len(found)}处，列出再现最快的。",), found[columns].head(MOST_ROWS)
    )


def _towns(basis: Basis) -> Section:
    table = monthly_screening(basis.ledger, basis.period)
    if table.empty:
        return Section("乡镇（街道）排查", ("本期来件没有写明乡镇的。",))
    line = f"本期来件涉及乡镇（街道）{len(table)}个；事项最多的是{table['town'][0]}。"
    return Section("乡镇（街道）排查", (line,), table, "cases")


def _villages(basis: Basis) -> Section:
    from models import charts

    names = basis.risk.names
    table = village_risk(basis.ledger, basis.period, basis.risk, basis.registry)
    counts = table["risk"].value_counts().reindex(names, fill_value=0)
    lines = (f"{len(table)}个村（社区）中，" + "，".join(f"{name}{counts[name]}个" for name in names) + "。",)
    shown = table.loc[table["risk"] != names[-1], ["town", "unit_name", "risk", "reason", "cases", "letters"]]
    shown = shown.head(2 * MOST_ROWS)
    return Section("重点村", lines, shown if len(shown) else None, "cases", lambda: charts.risk(table, names))


def _method(basis: Basis) -> Section:
    undated = int(basis.ledger["received"].isna().sum())
    lines = (
        f"共读入{len(basis.ledger)}件，其中没有可读日期、未计入各期的{undated}件。",
        f"类别、问题和单位由程序（版本{basis.version}）建议；有工作人员决定的，以决定为准。建议可能有误，名单用于排查线索，"
        "不作为认定问题的依据。",
        "阈值见 corpus/data/analysis.yaml 与 corpus/data/risk.yaml，可由本单位修改。",
    )
    return Section("说明", lines)


def _last_year(period: pd.Period) -> tuple[pd.Timestamp, pd.Timestamp]:
    end = period.end_time
    return end - pd.DateOffset(years=1) + pd.Timedelta(1, "ns"), end


def _compared(now: int, before: int, name: str) -> str:
    if not before:
        return f"{name}无来件记录"
    change = (now - before) / before
    return f"比{name}（{before}件）{'增' if change >= 0 else '减'}{abs(change):.1%}"


def _listed(counts: pd.Series, total: int) -> str:
    return "，".join(f"{name}{count}件（{count / total:.1%}）" for name, count in counts.items()) or "无"


def _names(table: pd.DataFrame) -> str:
    return "、".join(table["name"].head(5)) or "无"


def _listing(names: Sequence[str] | pd.Series) -> str:
    shown = "、".join(list(names)[:5])
    return f"（{shown}）" if shown else ""
