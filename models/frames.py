"""DataFrames, lists and files in, DataFrames out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from corpus.headers import map_headers
from corpus.records import Petition, RowProblem
from corpus.rows import cell_text, unique_names
from models.suggestions import Suggestion

LABEL_FIELDS = ("content", "discipline")
"""Lists of labels; their best one has flat columns, as `kind` has, which is a single label."""
UNIT_FIELDS = ("subject_unit", "handling_unit")
SHOWN_FIELDS = ("id", "received", "channel", "title", "text")
NESTED = ("kind", *LABEL_FIELDS, *UNIT_FIELDS, "urgent", "facts")


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


def tagged_frame(
    source: Any, suggestions: Iterable[Mapping[str, Any]], total: int, *, progress: bool, lists: bool = True
) -> Any:
    """The source's columns, if it is a DataFrame, and the flat columns of the suggestions.

    Args:
        source: what `petitions_of` took.
        suggestions: objects of the contract, one a petition.
        total: how many there are.
        progress: show a progress bar.
        lists: also the whole lists with their evidence, which are most of the memory.
    """
    import pandas as pd
    from tqdm.auto import tqdm

    empty = flat(Suggestion(id="", version="").to_dict())
    names = [name for name in empty if lists or name not in NESTED]
    columns: dict[str, list[Any]] = {name: [] for name in names}
    # Processes send every code and name anew; one string for all rows keeps a table of 100,000 small.
    same: dict[str, str] = {}
    for suggestion in tqdm(suggestions, total=total, disable=not progress, unit="件"):
        row = flat(suggestion)
        for name, cells in columns.items():
            cell = row[name]
            cells.append(same.setdefault(cell, cell) if isinstance(cell, str) and name != "id" else cell)
    result = pd.DataFrame(columns)
    if not hasattr(source, "columns"):
        return result
    result.index = source.index
    result = result.drop(columns=["id"])
    return pd.concat([source, result.rename(columns=free_names(source.columns, result.columns))], axis=1)


def flat(suggestion: Mapping[str, Any]) -> dict[str, Any]:
    """The object of the contract with the best label and unit of each list in columns of their own beside the lists."""
    row = dict(suggestion)
    for name in ("kind", *LABEL_FIELDS, *UNIT_FIELDS):
        best = _best(suggestion[name])
        for field in ("code", "name", "score") if name in UNIT_FIELDS else ("label", "score", "accepted"):
            row[f"{name}_{field}"] = best.get(field, None if field in ("score", "accepted") else "")
    names = {one["label"]: one["name"] for one in suggestion["discipline"]}
    row["kind_name"] = _best(suggestion["kind"]).get("name", "")
    row["primary_name"] = names.get(suggestion["primary"], "")
    row["urgent_flag"] = suggestion["urgent"]["flag"]
    return row


def _best(given: Any) -> Mapping[str, Any]:
    """The first of a list, or the one object; empty where there is none."""
    return (given[0] if given else {}) if isinstance(given, (list, tuple)) else given or {}


def free_names(taken: Iterable[Any], names: Iterable[str]) -> dict[str, str]:
    """New names for those that are taken already: `content` becomes `suggested_content`."""
    used = {str(name) for name in taken}
    return {name: unique_names([*used, f"suggested_{name}"])[-1] for name in names if name in used}


def read_frame(path: Path | str) -> Any:
    """The petitions of a csv, xlsx, jsonl, parquet or txt file as a DataFrame, read as `fenban tag` reads them.

    Columns are the fields of a petition that the file fills, under their English names, then its unknown columns. Name,
    number and address of the petitioner stay in the file. Rows that could not be read are told in a warning, and in
    `frame.attrs["problems"]` each with row and reason.

    Raises:
        InputError: the file is missing, of an unknown suffix, or holds no petition.
    """
    import pandas as pd

    from corpus.readers import read_petitions

    rows, problems = [], []
    for item in read_petitions(Path(path)):
        if isinstance(item, RowProblem):
            problems.append(str(item))
        else:
            rows.append({**{name: getattr(item, name) for name in SHOWN_FIELDS}, **item.extra})
    if not rows:
        raise InputError(path, "; ".join(problems) or "no petitions")
    frame = pd.DataFrame(rows)
    empty = [name for name in SHOWN_FIELDS if name != "text" and (frame[name] == "").all()]
    frame = frame.drop(columns=empty)
    frame.attrs["problems"] = problems
    if problems:
        warnings.warn(f"{len(problems)} rows with problems; frame.attrs['problems'] has them", stacklevel=2)
    return frame


def write_frame(frame: Any, path: Path | str) -> int:
    """Writes a DataFrame to csv, xlsx, jsonl or parquet and gives the number of rows; lists become JSON text.

    Text that a spreadsheet would run as a formula is made harmless; Excel opens the csv with its Chinese right.

    Raises:
        InputError: unknown suffix, or a folder that does not exist.
    """
    from corpus.writers import write_rows

    plain = frame.astype(object).where(frame.notna(), None)
    return write_rows(Path(path), (dict(zip(plain.columns, row, strict=True)) for row in plain.itertuples(index=False)))
