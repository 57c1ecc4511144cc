"""A document that is one petition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.documents import read_document
from corpus.encoding import MAX_LINE
from corpus.records import Petition, RowProblem
from corpus.rows import petition_of_row


def read_letter(path: Path) -> Iterator[Petition | RowProblem]:
    """One petition whose id is the stem of the file.

    Raises:
        InputError: the document cannot be read.
    """
    document = read_document(path)
    text = document.text
    for remark in document.remarks:
        yield RowProblem(path, 1, remark, kept=True)
    if len(text) > MAX_LINE:
        yield RowProblem(path, 1, f"the text is longer than {MAX_LINE:,} characters; split it into its petitions")
        return
    yield from petition_of_row(path, 1, {"id": path.stem, "text": text}, {})
