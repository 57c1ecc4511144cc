"""Pairs of texts for the encoder: titles with their bodies, paraphrases, petitions of one matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import Path

from corpus.encoding import bounded_lines, detect_encoding
from corpus.errors import InputError
from corpus.readers import read_petitions
from corpus.records import Petition
from corpus.written import WrittenPetition, WrittenStatement
from models.train_encoder import Pair

SHORTEST_TITLE = 4


def title_pairs(petitions: Iterable[Petition]) -> Iterator[Pair]:
    """Title and text of every petition that has both; a title that opens the text is taken out of it."""
    for petition in petitions:
        title = petition.title.strip()
        body = petition.text.strip().removeprefix(title).strip()
        if len(title) >= SHORTEST_TITLE and body:
            yield Pair(title, body, "title")


def paraphrase_pairs(path: Path) -> Iterator[Pair]:
    """Lines of two sentences and 1 or 0, parted by tabs; those marked 1 mean the same.

    Raises:
        InputError: the file is missing.
    """
    if not path.is_file():
        raise InputError(path, "no such file")
    for _, line in bounded_lines(path, detect_encoding(path)):
        cells = (line or "").rstrip("\r\n").split("\t")
        if len(cells) == 3 and cells[2] == "1":
            yield Pair(cells[0], cells[1], "paraphrase")


def matter_pairs(rows: Sequence[WrittenPetition]) -> Iterator[Pair]:
    """Every two petitions of one matter."""
    matters: dict[str | None, list[WrittenPetition]] = {}
    for row in rows:
        matters.setdefault(row.gold.matter, []).append(row)
    for group in matters.values():
        for one, other in combinations(group, 2):
            yield Pair(one.petition.text, other.petition.text, "matter")


def statement_pairs(statements: Sequence[WrittenStatement]) -> Iterator[Pair]:
    """Neighbouring statements that allege the same problem."""
    for one, other in pairwise(statements):
        if one.code == other.code == one.about == other.about:
            yield Pair(one.text, other.text, "problem")


def file_petitions(paths: Iterable[Path]) -> Iterator[Petition]:
    """The readable petitions of the files."""
    for path in paths:
        yield from (item for item in read_petitions(path) if isinstance(item, Petition))
