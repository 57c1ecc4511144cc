"""The words of `data/repeats.yaml`: what a letter says of a matter that came back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

LISTS = ("rectified", "again", "another", "earlier")


@dataclass(frozen=True)
class RepeatWords:
    """What a letter says of how it stands to others.

    `rectified` a matter was reported as settled, `again` the same came back, `another` this is another matter than
    before, `earlier` it was told before.
    """

    rectified: tuple[str, ...]
    again: tuple[str, ...]
    another: tuple[str, ...]
    earlier: tuple[str, ...]


def repeat_words(path: Path = DATA / "repeats.yaml") -> RepeatWords:
    """The word lists.

    Raises:
        DataFileError: a list is missing, empty, or holds something other than words.
    """
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataFileError(path, [f"cannot be read ({type(error).__name__})"]) from error
    lists = [content.get(name) if isinstance(content, dict) else None for name in LISTS]
    faults = [
        f"{name}: must be a list of words"
        for name, words in zip(LISTS, lists, strict=True)
        if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words)
    ]
    if faults:
        raise DataFileError(path, faults)
    return RepeatWords(*(tuple(words or ()) for words in lists))
