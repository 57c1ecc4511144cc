"""The same problem again in the same unit after it was reported as rectified (整改后再现)."""

from __future__ import annotations

import pandas as pd

RECTIFIED = "rectified"
COLUMNS = (
    "unit",
    "unit_name",
    "code",
    "rectified_id",
    "rectified_on",
    "again_id",
    "again_on",
    "days",
    "again",
    "last_on",
)


def recurrences(ledger: pd.DataFrame, level: str = "problem") -> pd.DataFrame:
    """A row for each unit and problem that was rectified and then found or alleged again, the soonest first.

    Rectified is a row whose `status` says so, on its day `closed`, or the day it was received where none is given;
    again is a later row of the same unit and problem. Shown are the last rectification before the first recurrence,
    that recurrence, the days between; `again`, how many matters came after it, and `last_on`, when the last of their
    letters came.

    Args:
        ledger: petitions, findings of reports (column `status`), or both.
        level: "problem", or "point" to hold problems of one point for the same.
    """
    rows = ledger[(ledger["unit"] != "") & (ledger[level] != "") & ledger["received"].notna()]
    groups = rows.sort_values("received", kind="stable").groupby(["unit", level], sort=False)
    found = [row for (_, code), group in groups if (row := _recurrence(group, str(code))) is not None]
    return pd.DataFrame(found, columns=list(COLUMNS)).sort_values("days", kind="stable").reset_index(drop=True)


def _recurrence(group: pd.DataFrame, code: str) -> dict[str, object] | None:
    done = group[group["status"] == RECTIFIED]
    if done.empty:
        return None
    days = done["closed"].fillna(done["received"])
    later = group[(group["received"] > days.min()) & (group["status"] != RECTIFIED)]
    if later.empty:
        return None
    first = later.iloc[0]
    before = days[days < first["received"]]
    cure = done.loc[before.idxmax()]
    return {
        "unit": first["unit"],
        "unit_name": first["unit_name"],
        "code": code,
        "rectified_id": cure["id"],
        "rectified_on": before.max(),
        "again_id": first["id"],
        "again_on": first["received"],
        "days": (first["received"] - before.max()).days,
        "again": later["matter"].nunique(),
        "last_on": later["received"].max(),
    }
