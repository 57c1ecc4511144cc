"""From the headers of a table to the fields of a petition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

FIELDS = ("id", "received", "channel", "petitioner", "phone", "address", "title", "text")
IDENTITY = "identity"
"""What else tells who a petitioner is (身份证号, 微信); no field of a petition."""


@cache
def header_fields(path: Path = DATA / "headers.yaml", fields: tuple[str, ...] = (*FIELDS, IDENTITY)) -> dict[str, str]:
    """Known headers in comparable form → field, by default one of `Petition` or `IDENTITY`.

    Raises:
        DataFileError: a field is unknown or a header stands in two lists.
    """
    table: dict[str, str] = {}
    problems = []
    for field, headers in yaml.safe_load(path.read_text("utf-8")).items():
        if field not in fields:
            problems.append(f"unknown field {field!r}; use one of {', '.join(fields)}")
        for header in headers:
            other = table.setdefault(comparable(header), field)
            if other != field:
                problems.append(f"header {header!r} stands under {other} and under {field}; keep one")
    if problems:
        raise DataFileError(path, problems)
    return table


@lru_cache(maxsize=1_024)
def comparable(header: str) -> str:
    """A header without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", header).lower()


PERSONAL = ("petitioner", "phone", "address", IDENTITY)


def is_personal(header: str) -> bool:
    """Whether a column holds a petitioner's name, number, address or identity, the second of its kind included."""
    return header_fields().get(comparable(header)) in PERSONAL


def map_headers(headers: Sequence[str]) -> dict[int, str]:
    """Column number → petition field; columns left out are unknown. The first column of a field wins."""
    known = header_fields()
    columns: dict[int, str] = {}
    for index, header in enumerate(headers):
        field = known.get(comparable(header))
        if field in FIELDS and field not in columns.values():
            columns[index] = field
    return columns
