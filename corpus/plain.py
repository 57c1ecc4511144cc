"""A text file that is one petition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.encoding import MAX_LINE, detect_encoding
from corpus.records import Petition, RowProblem
from corpus.rows import petition_of_row


def read_txt(path: Path) -> Iterator[Petition | RowProblem]:
    """One petition whose id is the stem of the file."""
    with path.open(encoding=detect_encoding(path), errors="replace") as file:
        text = file.read(MAX_LINE + 1)
    if len(text) > MAX_LINE:
        yield RowProblem(path, 1, f"the text is longer than {MAX_LINE:,} characters; split it into its petitions")
        return
    yield from petition_of_row(path, 1, {"id": path.stem, "text": text}, {})
