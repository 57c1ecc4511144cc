"""JSON lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from corpus.encoding import bounded_lines, detect_encoding
from corpus.headers import FIELDS, PERSONAL, comparable, header_fields
from corpus.records import Petition, RowProblem
from corpus.rows import cell_text, petition_of_row
from corpus.tables import TOO_LONG


def read_jsonl(path: Path) -> Iterator[Petition | RowProblem]:
    """Petitions of a file with one JSON object a line; keys are understood as the headers of a table are."""
    known = header_fields()
    for number, line in bounded_lines(path, detect_encoding(path)):
        if line is None:
            yield RowProblem(path, number, TOO_LONG)
            continue
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            where = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            yield RowProblem(path, number, f"not valid JSON{where}")
            continue
        if not isinstance(row, dict):
            yield RowProblem(path, number, f"a JSON object is expected, not {type(row).__name__}")
            continue
        fields: dict[str, str] = {}
        extra = {}
        for key, value in row.items():
            field = known.get(comparable(key))
            usable = isinstance(value, (str, int, float, type(None))) and not isinstance(value, bool)
            if field in FIELDS and usable and not fields.get(field, "").strip():
                fields[field] = cell_text(value)
            elif field not in PERSONAL:
                extra[key] = value
        yield from petition_of_row(path, number, fields, extra)
