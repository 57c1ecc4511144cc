"""The words that stand for units without naming them (`corpus/data/mentions.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA
from corpus.units import KINDS


@dataclass(frozen=True)
class MentionWords:
    """`institutions`: bureau → words for what belongs to it; `relative`: kind of unit → words that mean it."""

    institutions: dict[str, tuple[str, ...]]
    relative: dict[str, tuple[str, ...]]


def mention_words(path: Path = DATA / "mentions.yaml") -> MentionWords:
    """The words of the file.

    Raises:
        DataFileError: it is no such file, a kind is unknown, or a word stands under two entries.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataFileError(path, [f"cannot be read ({type(error).__name__})"]) from error
    problems: list[str] = []
    sections = content if isinstance(content, dict) else {}
    owners: dict[str, str] = {}
    tables = {name: _table(name, sections.get(name), owners, problems) for name in ("institutions", "relative")}
    problems += [f"relative: unknown kind {kind!r}" for kind in tables["relative"] if kind not in KINDS]
    if problems:
        raise DataFileError(path, problems)
    return MentionWords(**tables)


def _table(name: str, section: Any, owners: dict[str, str], problems: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(section, dict) or not all(isinstance(words, list) for words in section.values()):
        problems.append(f"{name}: must be a table of lists")
        return {}
    for entry, words in section.items():
        for word in words:
            if not isinstance(word, str) or len(word) < 2:
                problems.append(f"{name}: {entry}: a word needs two characters")
            elif owners.setdefault(word, str(entry)) != str(entry):
                problems.append(f"{name}: {entry}: {word} stands under {owners[word]} as well")
    return {str(entry): tuple(words) for entry, words in section.items()}
