"""The words of `data/repeats.yaml`: posts, surnames, and what a letter says of a matter that came back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

LISTS = ("posts", "rectified", "again")
CHARACTERS = ("surnames", "not_in_names")


@dataclass(frozen=True)
class RepeatWords:
    """Word lists as in the file; `surnames` and `not_in_names` are strings of single characters."""

    posts: tuple[str, ...]
    rectified: tuple[str, ...]
    again: tuple[str, ...]
    surnames: str
    not_in_names: str


def repeat_words(path: Path = DATA / "repeats.yaml") -> RepeatWords:
    """The word lists.

    Raises:
        DataFileError: a list is missing, empty, or holds something other than words.
    """
    content = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(content, dict):
        raise DataFileError(path, ["no lists; expected " + ", ".join((*LISTS, *CHARACTERS))])
    lists = {name: content.get(name) for name in LISTS}
    strings = {name: "".join(str(content.get(name) or "").split()) for name in CHARACTERS}
    faults = [
        f"{name}: must be a list of words"
        for name, words in lists.items()
        if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words)
    ]
    faults += [f"{name}: must be characters" for name, characters in strings.items() if not characters]
    if faults:
        raise DataFileError(path, faults)
    posts, rectified, again = (tuple(lists[name] or ()) for name in LISTS)
    return RepeatWords(posts, rectified, again, strings["surnames"], strings["not_in_names"])
