"""From the rows of a table, its header found and mapped, to petitions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.encoding import repair
from corpus.headers import is_personal, map_headers
from corpus.records import Petition, RowProblem, unnamed_id

Row = tuple[int, Sequence[Any] | str]
"""Row number and its cells, or the reason why it could not be read."""

HEADER_WITHIN = 10
"""The header is looked for in so many rows: above it may stand a title or nothing."""
LARGEST = 2**63 - 1
EXCEL_DAY_0 = date(1899, 12, 30)
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?")
"""Days from 1954 to 2119."""
_COMPACT = re.compile(r"(?:19|20)[0-9]{6}")


def petitions_of_table(path: Path, rows: Iterable[Row], sheet: int = 0) -> Iterator[Petition | RowProblem]:
    """Petitions of a table: the first row that names a text column is the header, what stands above it is left out.

    A table of one column needs no header that is known: each row is a text.

    Args:
        path: the file, for problems.
        rows: all rows.
        sheet: as in `Petition`.
    """
    first, problems, rest = _header(rows)
    yield from (RowProblem(path, number, reason, sheet=sheet) for number, reason in problems)
    if first is None:
        yield RowProblem(path, 1, "no rows", sheet=sheet)
        return
    number, headers = first
    columns = map_headers(headers)
    single = len(headers) == 1
    if "text" not in columns.values():
        if not single:
            reason = f"none of the {len(headers)} columns is known as text; name one of them text or 内容"
            yield RowProblem(path, number, reason, sheet=sheet)
            return
        columns = {0: "text"}
    found = False
    for problem_or_petition in _petitions(path, headers, columns, rest, sheet):
        found = True
        yield problem_or_petition
    if not found:
        yield RowProblem(path, number, "no rows below the header", sheet=sheet)


def names_text(rows: Iterable[Row]) -> bool:
    """Whether a table has a header that names a column of texts."""
    header, _, _ = _header(rows)
    return header is not None and "text" in map_headers(header[1]).values()


def _header(rows: Iterable[Row]) -> tuple[tuple[int, list[str]] | None, list[tuple[int, str]], Iterator[Row]]:
    """The header with its row number, the problems above it, and the rows below it."""
    stream = iter(rows)
    head = list(islice(stream, HEADER_WITHIN))
    filled = [
        index
        for index, (_, cells) in enumerate(head)
        if not isinstance(cells, str) and any(str(cell).strip() for cell in cells)
    ]
    named = [index for index in filled if "text" in map_headers([str(cell) for cell in head[index][1]]).values()]
    if not filled:
        return None, [(number, cells) for number, cells in head if isinstance(cells, str)], stream
    place = (named or filled)[0]
    number, cells = head[place]
    problems = [(above, reason) for above, reason in head[:place] if isinstance(reason, str)]
    return (number, [str(cell) for cell in cells]), problems, chain(head[place + 1 :], stream)


def _petitions(
    path: Path, headers: Sequence[str], columns: Mapping[int, str], rows: Iterable[Row], sheet: int
) -> Iterator[Petition | RowProblem]:
    names = unique_names(headers)
    every_text = [i for i, header in enumerate(headers) if "text" in map_headers([header]).values()]
    unknown = [i for i in range(len(names)) if i not in columns and not is_personal(headers[i])]
    for number, cells in rows:
        if isinstance(cells, str):
            yield RowProblem(path, number, cells, sheet=sheet)
            continue
        texts = [cell_text(cell) for cell in cells]
        if not any(text.strip() for text in texts):
            continue
        if len(headers) == 1:
            # A text without quotation marks was parted at its commas.
            texts, cells = [",".join(texts)], [",".join(texts)]
        fields = {columns[i]: text for i, text in enumerate(texts) if i in columns}
        if not fields.get("text", "").strip():
            fields["text"] = next((texts[i] for i in every_text if i < len(texts) and texts[i].strip()), "")
        extra = {names[i]: cells[i] for i in unknown if i < len(cells)}
        if any(text for text in texts[len(names) :]):
            yield RowProblem(path, number, "more cells than headers; those are not read", kept=True, sheet=sheet)
        yield from petition_of_row(path, number, fields, extra, sheet)


def unique_names(headers: Sequence[str]) -> list[str]:
    """Header names, made different where a table repeats one or leaves it empty."""
    seen: set[str] = set()
    names = []
    for index, header in enumerate(headers, 1):
        name = str(header).strip() or f"column {index}"
        while name in seen:
            name += "_"
        seen.add(name)
        names.append(name)
    return names


def cell_text(cell: Any) -> str:
    """A cell as a clerk sees it: nothing for a missing one, no .0 behind a telephone number, dates as ISO."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def written_day(received: str) -> str:
    """A day that a table holds as a number, as ISO: Excel's count of days (45356) or 20240305; others as they stand."""
    try:
        if _SERIAL.fullmatch(received):
            return (EXCEL_DAY_0 + timedelta(days=int(received.partition(".")[0]))).isoformat()
        return date.fromisoformat(received).isoformat() if _COMPACT.fullmatch(received) else received
    except ValueError:
        return received


def plain(value: Any) -> Any:
    """A value that every output format holds: repaired text, finite numbers, lists and objects of such."""
    if isinstance(value, str):
        return repair(value)[0]
    if isinstance(value, dict):
        return {repair(str(key))[0]: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST else f"{value:d}" if abs(value) < 10**400 else ""
    if isinstance(value, float):
        whole = math.isfinite(value) and value.is_integer() and abs(value) <= LARGEST
        return int(value) if whole else value if math.isfinite(value) else ""
    return cell_text(value)


def petition_of_row(
    path: Path, number: int, fields: Mapping[str, str], extra: Mapping[str, Any], sheet: int = 0
) -> Iterator[Petition | RowProblem]:
    """One petition, a problem in its place, or both when it was repaired."""
    clean: dict[str, str] = {}
    repaired = []
    for name, value in fields.items():
        clean[name], changed = repair(value)
        if changed:
            repaired.append(name)
    if not clean.get("text", "").strip():
        yield RowProblem(path, number, "no text in this row", sheet=sheet)
        return
    if repaired:
        reason = f"characters that are not valid Unicode in {', '.join(repaired)}, replaced by U+FFFD"
        yield RowProblem(path, number, reason, kept=True, sheet=sheet)
    for name in clean:
        if name != "text":
            clean[name] = clean[name].strip()
    clean["id"] = clean.get("id") or unnamed_id(repair(path.stem)[0], number, sheet)
    if "received" in clean:
        clean["received"] = written_day(clean["received"])
    kept: dict[str, Any] = plain(dict(extra))
    yield Petition(**clean, row=number, sheet=sheet, extra=kept)
