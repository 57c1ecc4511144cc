"""The classification schemes: trees of categories, read from csv (paths) or yaml (coded tree) and checked."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import DataFileError
from corpus.paths import DATA

LEVELS = ("level1", "level2", "level3")


@dataclass(frozen=True, slots=True)
class Category:
    """One node. `code` is a path `level1/level2/level3` in `content` and a code like B1.5 in `discipline`."""

    code: str
    name: str
    parent: str | None
    level: int
    note: str = ""


@dataclass(frozen=True)
class Scheme:
    """A named tree of categories in the order of its file."""

    name: str
    categories: dict[str, Category]

    def __contains__(self, code: object) -> bool:
        return code in self.categories

    def __getitem__(self, code: str) -> Category:
        return self.categories[code]

    def level(self, level: int) -> list[Category]:
        """The categories of one level, 1 being the top."""
        return [category for category in self.categories.values() if category.level == level]

    def ancestors(self, code: str) -> list[Category]:
        """From the top down to the category itself."""
        chain: list[Category] = []
        step: str | None = code
        while step is not None:
            chain.insert(0, self.categories[step])
            step = chain[0].parent
        return chain

    @cached_property
    def leaves(self) -> list[Category]:
        """The categories that have none below them."""
        parents = {category.parent for category in self.categories.values()}
        return [category for category in self.categories.values() if category.code not in parents]


def load_scheme(path: Path) -> Scheme:
    """A scheme from a csv of paths or a yaml of aspects, points and problems.

    Raises:
        DataFileError: with every fault found, each with its row and code.
    """
    found = _csv_categories(path) if path.suffix == ".csv" else _yaml_categories(path)
    categories: dict[str, Category] = {}
    problems = []
    for row, category, fault in found:
        if not fault and category.code in categories:
            fault = "stands twice"
        if not fault and category.parent is not None and category.parent not in categories:
            fault = f"its parent {category.parent!r} is unknown"
        if fault:
            problems.append(f"row {row}: {category.code!r}: {fault}")
        categories.setdefault(category.code, category)
    if problems:
        raise DataFileError(path, problems)
    return Scheme(path.stem, categories)


def content_scheme() -> Scheme:
    """信访事项内容分类: 15 / 118 / 517 classes."""
    return load_scheme(DATA / "content.csv")


def discipline_scheme() -> Scheme:
    """监督问题清单: 3 aspects / 16 points / 72 problems, and Z0 for what is none of them."""
    return load_scheme(DATA / "discipline.yaml")


_Found = Iterator[tuple[int, Category, str]]


def _csv_categories(path: Path) -> _Found:
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != LEVELS:
            raise DataFileError(path, [f"row 1: the columns must be {', '.join(LEVELS)}"])
        for record in reader:
            names = [record[level] or "" for level in LEVELS]
            code = "/".join(names).rstrip("/")
            if not names[0].strip() or (names[2] and not names[1]) or any("/" in name for name in names):
                yield reader.line_num, Category(code, code, None, 1), "a level is empty or holds a slash"
                continue
            path_names = [name for name in names if name]
            for depth in range(1, len(path_names) + 1):
                step = "/".join(path_names[:depth])
                if step not in seen or depth == len(path_names):
                    seen.add(step)
                    parent = "/".join(path_names[: depth - 1]) or None
                    yield reader.line_num, Category(step, path_names[depth - 1], parent, depth), ""


def _yaml_categories(path: Path) -> _Found:
    try:
        tree = yaml.load(path.read_text("utf-8"), _LineLoader)
    except yaml.YAMLError as error:
        raise DataFileError(path, [f"not valid yaml: {error}"]) from error
    for aspect in tree.get("aspects", ()):
        yield _yaml_category(aspect, None, 1)
        for point in aspect.get("points", ()):
            yield _yaml_category(point, aspect, 2)
            for problem in point.get("problems", ()):
                yield _yaml_category(problem, point, 3)
    for other in tree.get("other", ()):
        yield _yaml_category(other, None, 1)


def _yaml_category(node: dict[str, Any], parent: dict[str, Any] | None, level: int) -> tuple[int, Category, str]:
    code, name = str(node.get("code", "")), str(node.get("name", ""))
    above = None if parent is None else str(parent.get("code", ""))
    fault = "" if code and name else "code or name is missing"
    if not fault and above and not code.startswith(above):
        fault = f"its code must begin with that of its parent, {above!r}"
    return node["line"], Category(code, name, above, level, str(node.get("note", ""))), fault


class _LineLoader(yaml.SafeLoader):
    """A SafeLoader whose mappings know the line where they begin."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep)
        mapping["line"] = node.start_mark.line + 1
        return mapping
