"""Labelled files for the commands, with problems told on standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corpus.decisions import PastDecision, read_decisions
from corpus.errors import FenbanError
from corpus.labelled import read_labelled
from corpus.records import LabelledText, Petition, RowProblem
from corpus.schemes import discipline_scheme

if TYPE_CHECKING:
    from models.examples import ProblemExample

Read = TypeVar("Read", LabelledText, PastDecision)


def read_all(paths: Sequence[Path]) -> list[LabelledText]:
    """All labelled texts of the files.

    Raises:
        FenbanError: there is none.
    """
    return _read(read_labelled(paths), "no labelled text in these files")


def read_past_decisions(paths: Sequence[Path]) -> list[PastDecision]:
    """All past decisions of the files.

    Raises:
        FenbanError: there is none.
    """
    return _read(read_decisions(paths), "no past decision in these files; needed are the columns text and unit")


def _read(items: Iterable[Read | RowProblem], none: str) -> list[Read]:
    read = []
    for item in items:
        if isinstance(item, RowProblem):
            print(f"fenban: {item}", file=sys.stderr)
        else:
            read.append(item)
    if not read:
        raise FenbanError(none)
    return read


def read_problems(paths: Sequence[Path]) -> list[ProblemExample]:
    """Letters whose `label` column holds problem codes, the primary first, parted by blanks, commas or |.

    Raises:
        FenbanError: a code that the scheme does not know, or no labelled text in the files.
    """
    from models.examples import ProblemExample

    known = {category.code for category in discipline_scheme().leaves}
    examples = []
    for number, one in enumerate(read_all(paths) if paths else [], 1):
        codes = tuple(code for code in re.split(r"[\s,，;；|、]+", one.label) if code)
        unknown = [code for code in codes if code not in known]
        if unknown:
            # The cell itself is not repeated: in a table whose columns were mixed up it would be a letter.
            raise FenbanError(
                f"labelled text {number}: {len(unknown)} unknown problem codes; use codes like B1.5 or Z0"
            )
        if not codes:
            raise FenbanError(f"labelled text {number}: no problem code; use codes like B1.5 or Z0")
        # Without a group a near-copy may stand on the other side of a fold, so such a letter is not calibrated on.
        group = one.group or f"row {number}"
        examples.append(ProblemExample(Petition(text=one.text), codes, codes[0], group, whole=bool(one.group)))
    return examples
