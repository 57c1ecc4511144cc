"""The ledger (台账): one row a petition with what the analyses count, out of a tagged table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from corpus.headers import map_headers
from corpus.units import UnitRegistry, demo_county
from corpus.written import NO_PROBLEM

TAGGED = {
    "kind": "kind_label",
    "content": "content_label",
    "problem": "primary",
    "unit": "subject_unit_code",
    "handling_unit": "handling_unit_code",
}
"""Field of the ledger → column of `Suggester.tag` and of the tables of `fenban tag`."""
DECIDED = {
    "kind": "decided_kind",
    "content": "decided_content",
    "problem": "decided_primary",
    "unit": "decided_subject_unit",
    "handling_unit": "decided_handling_unit",
}
"""Field → column with what the clerk decided; it comes before the suggestion wherever it is filled."""
TRUE = ("true", "1", "1.0", "yes", "是")


def make_ledger(tagged: pd.DataFrame, registry: UnitRegistry | None = None) -> pd.DataFrame:
    """One row a petition, in the order of the table, with its index.

    Columns: `id`; `received` (days, NaT where none could be read); `channel`, `kind`, `content` (path), `theme` (its
    first two levels), `problem` (code, "" for none), `point` (B1 of B1.5), `unit`, `unit_name`, `unit_kind`, `town`,
    `handling_unit` (codes); `urgent`, `sure` (the program's primary problem reached its threshold, or a clerk
    decided); `matter` (one of the row's own where the table has none); `status`, `closed` (of rectification);
    `likes`, `dislikes`, `title`. Columns that the table lacks are empty.

    Args:
        tagged: what `Suggester.tag` gives, or a table of `fenban tag` read again.
        registry: the units whose codes the table has; None takes the demo county's.

    Raises:
        ValueError: the table is not tagged.
    """
    columns = suggested_columns(tagged)
    missing = [name for field, name in TAGGED.items() if field != "handling_unit" and name not in columns]
    if missing:
        raise ValueError(
            f"not a tagged table, it lacks {', '.join(missing)}: give what Suggester.tag or fenban tag gave"
        )
    known = {field: tagged.iloc[:, number] for number, field in map_headers([str(c) for c in tagged.columns]).items()}
    table = pd.DataFrame(index=tagged.index)
    table["id"] = _text(known.get("id", pd.Series(tagged.index, tagged.index)))
    table["received"] = _dates(known.get("received"), tagged.index)
    table["channel"] = _text(known.get("channel"), tagged.index)
    table["title"] = _text(known.get("title"), tagged.index)
    for field, name in TAGGED.items():
        suggested = _text(columns.get(name), tagged.index)
        decided = _text(columns.get(DECIDED[field]), tagged.index)
        table[field] = suggested.where(decided == "", decided)
    decided = _text(columns.get(DECIDED["problem"]), tagged.index) != ""
    table["sure"] = decided | _flags(columns.get("discipline_accepted"), tagged.index)
    table["urgent"] = _flags(columns.get("urgent_flag"), tagged.index)
    table["theme"] = table["content"].map(lambda path: "/".join(path.split("/")[:2]))
    table["problem"] = table["problem"].where(table["problem"] != NO_PROBLEM, "")
    table["point"] = table["problem"].str.split(".").str[0]
    _add_units(table, registry or demo_county())
    matter = _text(columns.get("matter"), tagged.index)
    alone = pd.Series([f"·{number}" for number in range(len(table))], table.index)
    table["matter"] = matter.where(matter != "", alone)
    table["status"] = _text(columns.get("status"), tagged.index)
    table["closed"] = _dates(columns.get("closed"), tagged.index)
    for name in ("likes", "dislikes"):
        numbers = columns.get(name, pd.Series(0, tagged.index))
        table[name] = pd.to_numeric(numbers, errors="coerce").fillna(0).clip(lower=0)
    return table


def suggested_columns(tagged: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns by name; where a source column had the name already, the suggestion's is `suggested_…`."""
    columns = {str(name): tagged.iloc[:, number] for number, name in enumerate(tagged.columns)}
    renamed = {name.removeprefix("suggested_"): name for name in columns if name.startswith("suggested_")}
    return columns | {name: columns[own] for name, own in renamed.items()}


def in_period(ledger: pd.DataFrame, period: pd.Period) -> pd.DataFrame:
    """The rows received in the period."""
    return ledger[ledger["received"].between(period.start_time, period.end_time)]


def cases(ledger: pd.DataFrame) -> pd.DataFrame:
    """One row for each matter, problem and unit of letters with a supervised problem, that of the first letter.

    Ten letters about one thing are one case: what is tested must not be counted once a letter.
    """
    alleged = ledger[ledger["problem"] != ""].sort_values("received", kind="stable")
    return alleged.drop_duplicates(["matter", "problem", "unit"])


def _add_units(table: pd.DataFrame, registry: UnitRegistry) -> None:
    codes: Mapping[str, dict[str, str]] = {code: _unit(code, registry) for code in table["unit"].unique()}
    for name in ("unit_name", "unit_kind", "town"):
        table[name] = table["unit"].map({code: about[name] for code, about in codes.items()}).fillna("")


def _unit(code: str, registry: UnitRegistry) -> dict[str, str]:
    if code not in registry:
        return {"unit_name": code, "unit_kind": "", "town": ""}
    chain = registry.ancestors(code)
    town = next((unit.name for unit in chain if unit.kind == "town"), "")
    unit = chain[-1]
    name = f"{town}{unit.name}" if unit.kind == "village" else unit.name
    return {"unit_name": name, "unit_kind": unit.kind, "town": town}


def _text(column: pd.Series | None, index: pd.Index | None = None) -> pd.Series:
    if column is None:
        return pd.Series("", index, dtype=object)
    return column.astype(object).where(column.notna(), "").astype(str).str.strip()


def _flags(column: pd.Series | None, index: pd.Index) -> pd.Series:
    return _text(column, index).str.lower().isin(TRUE)


def _dates(column: Any, index: pd.Index) -> pd.Series:
    """Days; cells of several forms (2025-06-03, 2025/6/3 9:05:11, 2025年6月3日, 20250603) may stand in one column."""
    if column is None:
        return pd.Series(pd.NaT, index, dtype="datetime64[ns]")
    plain = _text(column).str.replace(r"^(\d{4})(\d{2})(\d{2})\b", r"\1-\2-\3", regex=True)
    plain = plain.str.replace(r"[年月/.]", "-", regex=True).str.extract(r"(\d{4}-\d{1,2}-\d{1,2})")[0]
    return pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce")
