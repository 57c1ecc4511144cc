"""Where clerks decided as the program suggested, and where they did not."""

from __future__ import annotations

import pandas as pd

from models.analysis.ledger import DECIDED, TAGGED, suggested_columns

ACCEPTED = {"kind": "kind_accepted", "content": "content_accepted", "problem": "discipline_accepted"}
COLUMNS = ("field", "decided", "agreed", "low", "high", "kappa", "accepted", "agreed_accepted", "agreed_others")


def agreement(tagged: pd.DataFrame) -> pd.DataFrame:
    """A row for each field that clerks decided (columns `decided_…`): how often they kept what was suggested.

    `agreed` is the share kept with its 95 % interval (Wilson, 1927), `kappa` the agreement beyond chance (Cohen, 1960);
    `accepted` the share of letters where the suggestion had reached its threshold, then the agreement among these and
    among the others. Content is compared by its first level. Where clerks see the suggestion before they decide,
    agreement is higher than the quality: only blind letters measure that.
    """
    rows = [_row(field, pair, sure) for field in TAGGED if (found := _pairs(tagged, field)) for pair, sure in [found]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def disagreements(tagged: pd.DataFrame, field: str) -> pd.DataFrame:
    """Columns `suggested`, `decided`, `letters`: what clerks put in the place of what, the most frequent first."""
    found = _pairs(tagged, field)
    if found is None:
        return pd.DataFrame(columns=["suggested", "decided", "letters"])
    pair, _ = found
    changed = pair[pair["suggested"] != pair["decided"]]
    return changed.value_counts(["suggested", "decided"]).rename("letters").reset_index()


def _pairs(tagged: pd.DataFrame, field: str) -> tuple[pd.DataFrame, pd.Series | None] | None:
    """What was suggested and decided of every decided letter, and whether the suggestion had reached its threshold."""
    columns = suggested_columns(tagged)
    if DECIDED[field] not in columns or TAGGED[field] not in columns:
        return None
    texts = {
        name: columns[one[field]].fillna("").astype(str) for name, one in (("suggested", TAGGED), ("decided", DECIDED))
    }
    pair = pd.DataFrame(texts)
    if field == "content":
        pair = pair.apply(lambda column: column.str.split("/").str[0])
    pair = pair[pair["decided"] != ""]
    sure = columns.get(ACCEPTED.get(field, ""))
    return (pair, None if sure is None else sure.astype(str).str.lower().eq("true")[pair.index]) if len(pair) else None


def _row(field: str, pair: pd.DataFrame, sure: pd.Series | None) -> dict[str, object]:
    from scipy.stats import binomtest
    from sklearn.metrics import cohen_kappa_score

    kept = pair["suggested"] == pair["decided"]
    interval = binomtest(int(kept.sum()), len(kept)).proportion_ci(method="wilson")
    several = pair.stack().nunique() > 1
    return {
        "field": field,
        "decided": len(kept),
        "agreed": kept.mean(),
        "low": interval.low,
        "high": interval.high,
        "kappa": cohen_kappa_score(pair["suggested"], pair["decided"]) if several else 1.0,
        "accepted": None if sure is None else sure.mean(),
        "agreed_accepted": None if sure is None else kept[sure].mean(),
        "agreed_others": None if sure is None else kept[~sure].mean(),
    }
