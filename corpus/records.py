"""The records that travel between the parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Petition:
    """One letter, call, visit or online message.

    Only `text` is required. `extra` keeps the columns of the source that fenban does not know,
    in their order, so that they come out again beside the suggestions. `address` is the petitioner's; like the name and
    the number it never comes out. `row` is where it stood in its file (0: none), `sheet` in which sheet of a workbook
    that has several with rows, counted from 1 (0: in no such workbook).
    """

    text: str
    id: str = ""
    received: str = ""
    channel: str = ""
    petitioner: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    title: str = ""
    address: str = field(default="", repr=False)
    row: int = 0
    sheet: int = 0
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    def full_text(self) -> tuple[str, int]:
        """The title and the text as one string, and where the text begins in it.

        A text that already opens with its title is not given it twice.
        """
        title = self.title.strip()
        if not title or self.text.lstrip().startswith(title):
            return self.text, 0
        return f"{title}\n{self.text}", len(title) + 1


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was not read (`kept` false), or was read after a repair (`kept` true).

    `row` counts from 1 as a person would: the line of a text file where the row begins, the row of a sheet. `sheet` as
    in `Petition`.
    """

    file: Path
    row: int
    reason: str
    kept: bool = False
    sheet: int = 0

    def __str__(self) -> str:
        return f"{self.file}: {place_of(self.row, self.sheet)}: {self.reason}"


def place_of(row: int, sheet: int = 0) -> str:
    """A place in a file as messages tell it."""
    return f"sheet {sheet}, row {row}" if sheet else f"row {row}"


def unnamed_id(stem: str, row: int, sheet: int = 0) -> str:
    """The id of a petition that has none of its own: after its file and its place there, no two the same."""
    return f"{stem}-{sheet}.{row}" if sheet else f"{stem}-{row}"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text with one label, as training tables hold them.

    `group` joins near-identical texts, which no split may part; "" when the table does not say.
    """

    text: str
    label: str
    group: str = ""
