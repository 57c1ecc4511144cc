"""Word lists about people: surnames, posts with their rank, titles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

RANKS = ("village", "group", "town", "county", "institution", "worker", "private", "party", "any")
"""Who supervises the holder of a post; `any`: what stands before the post tells it."""
KEYS = ("surnames", "double_surnames", "mostly_words", "posts", "before", "titles")


@dataclass(frozen=True)
class PeopleWords:
    """The file `people.yaml`: surnames (`mostly_words` among them), posts → rank, what stands around them."""

    surnames: frozenset[str]
    mostly_words: frozenset[str]
    posts: dict[str, str]
    before: tuple[str, ...]
    titles: tuple[str, ...]


@cache
def people_words(path: Path = DATA / "people.yaml") -> PeopleWords:
    """The word lists of the file.

    Raises:
        DataFileError: an unknown or missing key or rank, a post under two ranks, a double surname of another length.
    """
    table: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    problems = [f"unknown key {key!r}; use {', '.join(KEYS)}" for key in table if key not in KEYS]
    problems += [f"key {key!r} is missing" for key in KEYS if key not in table]
    if problems:
        raise DataFileError(path, problems)
    posts: dict[str, str] = {}
    for rank, names in table["posts"].items():
        if rank not in RANKS:
            problems.append(f"posts: unknown rank {rank!r}; use one of {', '.join(RANKS)}")
        for post in names:
            if posts.setdefault(post, rank) != rank:
                problems.append(f"posts: {post!r} stands under {posts[post]} and under {rank}; keep one")
    problems += [
        f"double_surnames: {name!r} has not two characters" for name in table["double_surnames"] if len(name) != 2
    ]
    if problems:
        raise DataFileError(path, problems)
    single = "".join(table["surnames"].split())
    mostly_words = frozenset(table["mostly_words"])
    surnames = frozenset((*single, *table["double_surnames"])) | mostly_words
    return PeopleWords(surnames, mostly_words, posts, tuple(table["before"]), tuple(table["titles"]))
