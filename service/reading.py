"""Files of petitions for the commands: read one after the other, what cannot be read told on standard error."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import FenbanError, InputError

if TYPE_CHECKING:
    from corpus.records import Petition


class Reports:
    """Reads files one after the other and tells on standard error what it cannot read.

    Rows without an id are named after their file; of two files with one name the second one's rows are told apart
    (`letters-3`, `letters~2-3`).
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self.lost = 0
        self._tell = tell or (lambda line: print(f"fenban: {line}", file=sys.stderr))
        self._stems: Counter[str] = Counter()

    def petitions(self, paths: Iterable[Path]) -> Iterator[Petition]:
        """The readable petitions of the files in order."""
        from corpus.readers import read_petitions
        from corpus.records import RowProblem

        for path in paths:
            self._stems[path.stem] += 1
            number = self._stems[path.stem]
            try:
                for item in read_petitions(path):
                    if isinstance(item, RowProblem):
                        self.lost += not item.kept
                        self._tell(str(item))
                    else:
                        yield item if number == 1 else _renamed(item, path.stem, number)
            except FenbanError as error:
                self._tell(str(error))


def _renamed(petition: Petition, stem: str, number: int) -> Petition:
    from corpus.records import unnamed_id

    if petition.id not in (stem, unnamed_id(stem, petition.row, petition.sheet)):
        return petition
    return replace(petition, id=f"{stem}~{number}{petition.id.removeprefix(stem)}")


def check_out(out: Path, inputs: Iterable[Path]) -> None:
    """Tells before the work that its result could not be written.

    Raises:
        InputError: unknown suffix, no such folder, or one of the inputs.
    """
    from corpus.writers import WRITERS

    if out.suffix.lower() not in WRITERS:
        raise InputError(out, f"unknown suffix; fenban writes {', '.join(sorted(WRITERS))}")
    if not out.parent.is_dir():
        raise InputError(out, f"the folder {out.parent} does not exist")
    if any(path.exists() and out.exists() and path.samefile(out) for path in inputs):
        raise InputError(out, "is one of the inputs and would be overwritten; choose another name")
