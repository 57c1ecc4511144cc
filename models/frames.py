"""DataFrames and lists in, DataFrames out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from corpus.headers import map_headers
from corpus.records import Petition
from corpus.rows import cell_text, unique_names
from models.suggestions import Suggestion

LABEL_FIELDS = ("content", "discipline")
"""Lists of labels; their best one has flat columns, as `kind` has, which is a single label."""
UNIT_FIELDS = ("subject_unit", "handling_unit")


def petitions_of(source: Any) -> list[Petition]:
    """Petitions of a DataFrame, or of a list of texts or petitions.

    Raises:
        ValueError: a DataFrame without any text column.
    """
    if isinstance(source, (str, dict)):
        raise ValueError("give a DataFrame, or a list of texts or petitions; for one text use suggest")
    if not hasattr(source, "columns"):
        return [
            item if isinstance(item, Petition) else Petition(text=cell_text(item), id=str(number))
            for number, item in enumerate(source)
        ]
    columns = map_headers([str(name) for name in source.columns])
    if "text" not in columns.values():
        raise ValueError(f"no text column among the {len(source.columns)} columns; name one of them text or 内容")
    cells = {field: _texts(source.iloc[:, index]) for index, field in columns.items()}
    cells.setdefault("id", [str(index) for index in source.index])
    return [Petition(**dict(zip(cells, row, strict=True))) for row in zip(*cells.values(), strict=True)]


def _texts(column: Any) -> list[str]:
    """The cells of a column as text, missing ones empty."""
    return ["" if empty else cell_text(cell) for cell, empty in zip(column, column.isna(), strict=True)]


def tagged_frame(source: Any, suggestions: Iterable[Suggestion], total: int, *, progress: bool) -> Any:
    """The source's columns, if it is a DataFrame, and the flat columns of the suggestions."""
    import pandas as pd
    from tqdm.auto import tqdm

    rows = [flat(item.to_dict()) for item in tqdm(suggestions, total=total, disable=not progress, unit="件")]
    result = pd.DataFrame(rows, columns=list(flat(Suggestion(id="", version="").to_dict())))
    if not hasattr(source, "columns"):
        return result
    result.index = source.index
    result = result.drop(columns=["id"])
    return pd.concat([source, result.rename(columns=free_names(source.columns, result.columns))], axis=1)


def flat(suggestion: Mapping[str, Any]) -> dict[str, Any]:
    """The object of the contract, and beside the whole lists the best label and unit of each in columns of their own."""
    row = dict(suggestion)
    for name in ("kind", *LABEL_FIELDS, *UNIT_FIELDS):
        best = _best(suggestion[name])
        for field in ("code", "name", "score") if name in UNIT_FIELDS else ("label", "score", "accepted"):
            row[f"{name}_{field}"] = best.get(field, "")
    row["urgent_flag"] = suggestion["urgent"]["flag"]
    return row


def _best(given: Any) -> Mapping[str, Any]:
    """The first of a list, or the one object; empty where there is none."""
    return (given[0] if given else {}) if isinstance(given, (list, tuple)) else given or {}


def free_names(taken: Iterable[Any], names: Iterable[str]) -> dict[str, str]:
    """New names for those that are taken already: `content` becomes `suggested_content`."""
    used = {str(name) for name in taken}
    return {name: unique_names([*used, f"suggested_{name}"])[-1] for name in names if name in used}
