"""Charts as Plotly figures with Chinese labels.

The browser writes the labels in its own fonts, so the machine that makes a chart needs none. Plotly's JavaScript is
part of its Python package: nothing is loaded from elsewhere, neither in a notebook nor in `figure.write_html`, nor
where the service sends `figure.to_json()` and its page draws it with `javascript()`: no inline script, no eval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from models.analysis.chinese import CHANNELS
from models.analysis.themes import FALLING, LEVEL, RISING
from models.calibration import BINS

FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, SimHei, PingFang SC, sans-serif"
COLOURS = ("#2b6cb0", "#dd6b20", "#38a169", "#805ad5", "#718096", "#d69e2e", "#e53e3e")
SHADES = ("#c53030", "#dd6b20", "#a0aec0")
"""Of classes of risk, the gravest first."""
DIRECTIONS = {RISING: "#c53030", FALLING: "#2f855a", LEVEL: "#a0aec0"}
DAY = "%Y-%m-%d"
LONGEST_LABEL = 16
LEAST_IN_BIN = 5


def javascript() -> str:
    """Plotly's own script, for the service to serve and for pages to hold."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def intake(daily: pd.DataFrame) -> go.Figure:
    """Letters a day, stacked by channel, out of `daily_intake`."""
    channels = [name for name in daily.columns if name not in ("urgent", "total")]
    bars = [go.Bar(x=daily.index, y=daily[name], name=CHANNELS.get(name, name)) for name in channels]
    figure = _figure(bars, "日收件", barmode="stack")
    return figure.update_xaxes(tickformat=DAY)


def problems(quarterly: pd.DataFrame, most: int = 12) -> go.Figure:
    """Cases of the most frequent problems now, in the period before and a year ago, out of `quarterly_problems`."""
    rows = quarterly.head(most).iloc[::-1]
    names = [_short(f"{code} {name}") for code, name in zip(rows["code"], rows["name"], strict=True)]
    columns = {"year_ago": "去年同期", "before": "上期", "cases": "本期"}
    colours = ("#cbd5e0", "#90cdf4", COLOURS[0])
    bars = [
        go.Bar(x=rows[column], y=names, name=name, orientation="h", marker_color=colour)
        for (column, name), colour in zip(columns.items(), colours, strict=True)
    ]
    return _figure(bars, "问题分布", rows=2 * len(rows), barmode="group", legend_traceorder="reversed")


def themes(changes: pd.DataFrame, most: int = 15) -> go.Figure:
    """Share now against before with its interval, on a logarithmic axis, out of `theme_changes`."""
    rows = changes.head(most).iloc[::-1]
    rows = rows[np.isfinite(rows["ratio"]) & (rows["ratio"] > 0)]
    points = []
    for direction, colour in DIRECTIONS.items():
        own = rows[rows["direction"] == direction]
        high = own["high"].where(np.isfinite(own["high"]), own["ratio"])
        spread = {"type": "data", "array": high - own["ratio"], "arrayminus": own["ratio"] - own["low"], "thickness": 1}
        names = [_short(name) for name in own["theme"]]
        points.append(
            go.Scatter(x=own["ratio"], y=names, mode="markers", name=direction, marker_color=colour, error_x=spread)
        )
    figure = _figure(points, "主题升降（本期占比 ÷ 上期占比，横线为95%区间）", rows=len(rows))
    figure.update_yaxes(categoryorder="array", categoryarray=[_short(name) for name in rows["theme"]])
    return figure.update_xaxes(type="log").add_vline(x=1, line_color="#718096", line_dash="dot")


def risk(villages: pd.DataFrame, names: Sequence[str]) -> go.Figure:
    """Villages of each class by town, out of `village_risk`; `names` are the classes, the gravest first."""
    counts = pd.crosstab(villages["town"], villages["risk"]).reindex(columns=list(names), fill_value=0)
    counts = counts.sort_values(list(names))
    shades = [*(*SHADES[:-1], *COLOURS)[: len(names) - 1], SHADES[-1]]
    bars = [
        go.Bar(x=counts[name], y=counts.index, name=name, orientation="h", marker_color=shade)
        for name, shade in zip(names, shades, strict=True)
    ]
    return _figure(bars, "村（社区）风险分类", rows=len(counts), barmode="stack")


def hot(issues: pd.DataFrame, most: int = 10) -> go.Figure:
    """Heat of the first matters, out of `hot_issues`."""
    rows = issues.head(most).iloc[::-1]
    names = [f"{row.rank}. {_short(str(row.title or row.theme))}" for row in rows.itertuples(index=False)]
    shown = rows[["size", "likes", "dislikes", "days"]].to_numpy()
    counts = "，".join(f"{name} %{{customdata[{n}]}}" for n, name in enumerate(("件数", "赞同", "反对", "历时天数")))
    hover = f"热度 %{{x:.1f}}<br>{counts}<extra></extra>"
    bar = go.Bar(
        x=rows["heat"], y=names, orientation="h", marker_color=COLOURS[6], customdata=shown, hovertemplate=hover
    )
    return _figure([bar], "热点事项", rows=len(rows))


def timeline(ledger: pd.DataFrame, matters: Mapping[str, str]) -> go.Figure:
    """The letters of matters on their days; `matters` has a name for each."""
    rows = ledger[ledger["matter"].isin(list(matters))]
    names = [_short(matters[matter]) for matter in rows["matter"]]
    points = go.Scatter(
        x=rows["received"], y=names, mode="markers", marker={"color": COLOURS[0], "size": 9, "opacity": 0.6}
    )
    figure = _figure([points], "事项来信时间", rows=len(matters))
    figure.update_yaxes(categoryorder="array", categoryarray=[_short(name) for name in matters.values()][::-1])
    return figure.update_xaxes(tickformat=DAY)


def reliability(probability: np.ndarray, right: np.ndarray) -> go.Figure:
    """Probability shown against share right, by tenths with five texts or more."""
    bins = np.minimum((np.asarray(probability) * BINS).astype(int), BINS - 1)
    used = [number for number in range(BINS) if (bins == number).sum() >= LEAST_IN_BIN]
    shown = [float(np.mean(probability[bins == number])) for number in used]
    share = [float(np.mean(right[bins == number])) for number in used]
    size = [int((bins == number).sum()) for number in used]
    line = go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#a0aec0"}, name="理想")
    points = go.Scatter(x=shown, y=share, mode="lines+markers", text=[f"{n} 件" for n in size], name="实际")
    figure = _figure([line, points], "可靠性：给出的概率与实际正确率")
    return figure.update_xaxes(title="给出的概率").update_yaxes(title="正确率")


def confusion(gold: Sequence[str], answer: Sequence[str]) -> go.Figure:
    """How many texts of each label (rows) were given which label (columns)."""
    table = pd.crosstab(pd.Series(list(gold)), pd.Series(list(answer)))
    labels = sorted({*table.index, *table.columns})
    table = table.reindex(index=labels, columns=labels, fill_value=0)
    cells = go.Heatmap(z=table.to_numpy(), x=labels, y=labels, colorscale="Blues", texttemplate="%{z}")
    figure = _figure([cells], "混淆矩阵（行：标注，列：程序）", rows=2 * len(labels))
    return figure.update_yaxes(autorange="reversed")


def curve(x: Sequence[float], lines: Mapping[str, Sequence[float]], title: str, axis: str) -> go.Figure:
    """Lines over a number, such as matters over the threshold."""
    points = [go.Scatter(x=list(x), y=list(y), mode="lines+markers", name=name) for name, y in lines.items()]
    return _figure(points, title).update_xaxes(title=axis)


def figure_html(figure: go.Figure) -> str:
    """The chart as a piece of a page that holds `javascript()` before it."""
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config={"displayModeBar": False}))


def _figure(traces: Sequence[Any], title: str, rows: int = 0, **layout: Any) -> go.Figure:
    """A figure in our style; `rows` are lines of text that its vertical axis must have room for."""
    height = max(320, 130 + 24 * rows)
    figure = go.Figure(list(traces))
    figure.update_layout(
        template="plotly_white", colorway=COLOURS, font_family=FONT, title=title, height=height,
        margin={"l": 20, "r": 20, "t": 90, "b": 40}, legend={"orientation": "h", "y": 1, "yanchor": "bottom"}, **layout,
    )  # fmt: skip
    return figure.update_yaxes(automargin=True).update_xaxes(automargin=True)


def _short(label: str) -> str:
    text = str(label)
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
