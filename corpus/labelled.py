"""Labelled texts from files of any readable format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.readers import read_petitions
from corpus.records import LabelledText, RowProblem

LABEL_COLUMN = "label"
GROUP_COLUMN = "group"


def read_labelled(paths: Iterable[Path]) -> Iterator[LabelledText | RowProblem]:
    """Texts with the label of their `label` column, and the group of their `group` column where there is one.

    Groups of different files are kept apart. A row without a label is a problem.

    Raises:
        InputError: a file that cannot be read at all.
    """
    for path in paths:
        for item in read_petitions(path):
            if isinstance(item, RowProblem):
                yield item
                continue
            label = str(item.extra.get(LABEL_COLUMN) or "").strip()
            if not label:
                yield RowProblem(path, item.row, f"no label in column {LABEL_COLUMN!r}", sheet=item.sheet)
                continue
            group = str(item.extra.get(GROUP_COLUMN) or "").strip()
            yield LabelledText(item.full_text()[0], label, f"{path.name}:{group}" if group else "")
