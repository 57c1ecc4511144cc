"""Past decisions: which unit answered which petition, from tables that an office has anyway."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.headers import comparable, header_fields
from corpus.paths import DATA
from corpus.readers import read_petitions
from corpus.records import Petition, RowProblem
from corpus.splits import held_out

FIELDS = ("unit", "district", "group")
TEST_TENTHS = 2
"""The last tenths by time, which a router is measured on."""
LONGEST_UNIT = 50
"""Characters of a unit's name; what is longer is another column's content."""

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A petition with the unit that handled it.

    `district` is what intake knew of the place ("" where the table does not say), `group` joins near-identical texts,
    `day` is the day of receipt, None where it cannot be read.
    """

    petition: Petition
    unit: str
    district: str
    group: str
    day: date | None


def read_decisions(paths: Iterable[Path]) -> Iterator[PastDecision | RowProblem]:
    """Decisions of files with the columns text, unit and, where there are, title, received, district, group.

    Rows without a group are in one group with those of the same text. Groups of different files are kept apart. A row
    without a unit is a problem.

    Raises:
        InputError: a file that cannot be read at all.
    """
    for path in paths:
        for item in read_petitions(path):
            if isinstance(item, RowProblem):
                yield item
                continue
            cells = _cells(item.extra)
            if not cells["unit"]:
                yield RowProblem(path, item.row, "no unit in column 'unit' (or 承办单位)", sheet=item.sheet)
                continue
            if len(cells["unit"]) > LONGEST_UNIT:
                reason = f"the unit is longer than {LONGEST_UNIT} characters; is it in the column of units?"
                yield RowProblem(path, item.row, reason, sheet=item.sheet)
                continue
            group = f"{path.name}:{cells['group']}" if cells["group"] else _digest(item.text)
            yield PastDecision(item, cells["unit"], cells["district"], group, day_of(item.received))


def _cells(extra: dict[str, Any]) -> dict[str, str]:
    """The decision's own columns; the first that is filled wins."""
    known = header_fields(DATA / "decision_headers.yaml", FIELDS)
    cells = dict.fromkeys(FIELDS, "")
    for header, value in extra.items():
        field = known.get(comparable(header))
        if field and not cells[field] and value is not None:
            cells[field] = str(value).strip()
    return cells


def district_of(petition: Petition) -> str:
    """The district that intake knew of a petition, from a column of its table; "" where there is none."""
    return _cells(petition.extra)["district"] if petition.extra else ""


def _digest(text: str) -> str:
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:16]


def day_of(received: str) -> date | None:
    """The day in a date as tables write it: 2023-04-06, 2023/4/6 9:32, 2023年4月6日; None where there is none."""
    match = _DAY.search(received)
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def split_by_time(decisions: Sequence[PastDecision]) -> tuple[list[PastDecision], list[PastDecision]]:
    """The earlier four fifths and the last fifth by day of receipt; letters without a day are taken for the earliest.

    A letter of the last fifth whose group begins earlier is in neither: it would be known already. Where no letter has
    a day, a fifth of the groups, chosen by a hash of their names, takes the place of the last fifth.
    """
    if not dated(decisions):
        train = [one for one in decisions if not held_out(one.group, TEST_TENTHS)]
        return train, [one for one in decisions if held_out(one.group, TEST_TENTHS)]
    ordered = in_time(decisions)
    cut = len(ordered) - len(ordered) * TEST_TENTHS // 10
    train = ordered[:cut]
    known = {one.group for one in train}
    return train, [one for one in ordered[cut:] if one.group not in known]


def in_time(decisions: Sequence[PastDecision]) -> list[PastDecision]:
    """The decisions by day of receipt, those of one day in the order of the table."""
    return sorted(decisions, key=lambda one: one.day or date.min)


def dated(decisions: Sequence[PastDecision]) -> bool:
    """Whether any decision has a day of receipt."""
    return any(one.day is not None for one in decisions)
