"""Files of petitions for the commands: read one after the other, what cannot be read told on standard error."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import FenbanError, InputError

if TYPE_CHECKING:
    from corpus.records import Petition
    from models.suggester import Failed


class Reports:
    """Reads files one after the other and tells on standard error what it cannot read.

    Rows without an id are named after their file; of two files with one name the second one's rows are told apart
    (`letters-3`, `letters~2-3`).
    """

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self.lost = 0
        self._tell = tell or (lambda line: print(f"fenban: {line}", file=sys.stderr))
        self._stems: Counter[str] = Counter()
        self._given = 0
        self._files: list[tuple[int, Path]] = []
        """With the number of the first petition of each."""

    def petitions(self, paths: Iterable[Path]) -> Iterator[Petition]:
        """The readable petitions of the files in order."""
        from corpus.readers import numbered, read_numbered
        from corpus.records import RowProblem

        for path, number in numbered(paths, self._stems):
            self._files.append((self._given, path))
            try:
                for item in read_numbered(path, number):
                    if isinstance(item, RowProblem):
                        self.lost += not item.kept
                        self._tell(str(item))
                    else:
                        self._given += 1
                        yield item
            except FenbanError as error:
                self._tell(str(error))

    def failed(self, number: int, petition: Petition, failed: Failed) -> None:
        """Tells of a petition, by its number from 0, at which the program failed; it counts as not read."""
        from corpus.records import RowProblem

        _, path = self._files[bisect_right(self._files, number, key=lambda one: one[0]) - 1]
        self.lost += 1
        self._tell(str(RowProblem(path, petition.row, str(failed), sheet=petition.sheet)))


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
