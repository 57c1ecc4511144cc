"""What the tables' columns and values are called in Chinese, for charts, Excel files and reports."""

from __future__ import annotations

import pandas as pd

from models.analysis.risk import FIGURES
from models.categories import KIND_NAMES

HEADERS = {
    **FIGURES,
    "day": "日期", "week": "周", "town": "乡镇（街道）", "channel": "来源", "total": "合计", "change": "环比增减",
    "change_year": "同比增减", "matters": "事项", "unsure": "程序未定", "villages": "涉及村", "most_frequent":
    "最多的问题", "code": "代码", "name": "问题", "share": "占比", "units": "涉及单位", "before": "上期", "now":
    "本期", "year_ago": "去年同期", "type": "类型", "share_of_units": "单位占比", "expected_units": "随机应涉单位",
    "spread": "分散度", "unit": "单位代码", "unit_name": "单位", "unit_cases": "该单位事项", "lift": "为应有的倍数",
    "p": "p值", "q": "错误发现率", "theme": "主题", "direction": "走势", "share_before": "上期占比", "share_now":
    "本期占比", "ratio": "占比之比", "low": "区间下限", "high": "区间上限", "rectified_id": "整改件", "rectified_on":
    "整改时间", "again_id": "再现件", "again_on": "再现时间", "days": "相隔天数", "again": "再现事项", "last_on":
    "最近一次", "risk": "类别", "reason": "依据", "rank": "名次", "matter": "事项编号", "heat": "热度", "size":
    "件数", "first": "首次", "last": "最近", "likes": "赞同", "dislikes": "反对", "title": "标题", "field": "字段",
    "decided": "已决定", "agreed": "一致率", "kappa": "Kappa", "accepted": "程序有把握", "agreed_accepted":
    "有把握时一致率", "agreed_others": "无把握时一致率", "suggested": "程序建议", "feature": "特征", "stability":
    "稳定指数", "expected": "随机值", "verdict": "结论", "largest": "变化最大", "word": "词",
}  # fmt: skip
CHANNELS = {"letter": "来信", "visit": "来访", "call": "来电", "online": "网络", "transfer": "移交"}
VALUES = {**KIND_NAMES, **CHANNELS}
SHARES = (
    "share",
    "share_of_units",
    "share_before",
    "share_now",
    "agreed",
    "accepted",
    "agreed_accepted",
    "agreed_others",
)


def in_chinese(table: pd.DataFrame) -> pd.DataFrame:
    """The table for people: Chinese headers, days without hours, shares in percent, three digits, blanks for none."""
    shown = table.copy()
    if shown.index.name in HEADERS:
        shown = shown.reset_index()
    for name in shown.columns:
        column = shown[name]
        if isinstance(column.dtype, pd.PeriodDtype):
            shown[name] = [f"{week.start_time:%m月%d日}—{week.end_time:%m月%d日}" for week in column]
        elif pd.api.types.is_datetime64_any_dtype(column):
            shown[name] = column.dt.strftime("%Y-%m-%d").fillna("")
        elif name in SHARES:
            shown[name] = [f"{value:.1%}" if pd.notna(value) else "" for value in column]
        elif pd.api.types.is_float_dtype(column):
            shown[name] = [f"{value:.3g}" if pd.notna(value) else "" for value in column]
    return shown.astype(object).where(shown.notna(), "").rename(columns=HEADERS | VALUES)
