"""How far two labellers who did not see each other's labels agree."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.paths import DATA

FIELDS = {
    "kind": "kind",
    "primary problem": "primary",
    "content, first level": "content",
    "subject unit": "subject_unit",
    "handling unit": "handling_unit",
    "urgent": "urgent",
}
OVERLAP = 0.5
"""Two spans are one when they share at least this part of both."""


def cohens_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Agreement beyond chance (Cohen, 1960)."""
    total = len(first)
    observed = sum(one == other for one, other in zip(first, second, strict=True)) / total
    counts = Counter(first), Counter(second)
    chance = sum(counts[0][label] * counts[1][label] for label in counts[0]) / total**2
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


def agreement_figures(
    petitions: Path = DATA / "agreement.jsonl", reports: Path = DATA / "agreement-reports.jsonl"
) -> Iterator[str]:
    """Kappa of every field, agreement on the point, F1 of the problems and of the spans of findings, as Markdown."""
    rows = _rows(petitions)
    pairs = [(row["first"], row["second"]) for row in rows]
    yield "### Agreement of two labellers\n"
    yield f"{len(rows)} petitions and {len(_rows(reports))} reports were labelled twice, the second time blind.\n"
    yield "| field | same label | kappa |\n|---|---|---|"
    for name, field in FIELDS.items():
        yield _line(name, [_value(one, field) for one, _ in pairs], [_value(other, field) for _, other in pairs])
    points = [(one["primary"][:2], two["primary"][:2]) for one, two in pairs]
    yield _line("point of the primary", [one for one, _ in points], [two for _, two in points])
    same = sum(len(set(one["discipline"]) & set(two["discipline"])) for one, two in pairs)
    both = sum(len(one["discipline"]) + len(two["discipline"]) for one, two in pairs)
    accepted = sum(two["primary"] in {*one["discipline"], *one["discipline_alternatives"]} for one, two in pairs)
    yield f"\nAll problems, micro-F1: {2 * same / both:.2f}."
    yield f"The second primary problem is among the first labels or their alternatives in {accepted / len(pairs):.0%}."
    spans = [_spans(row["first"], row["second"]) for row in _rows(reports)]
    hits, sizes = sum(hit for hit, _, _ in spans), sum(one + two for _, one, two in spans)
    yield f"Spans of findings (overlap of at least half of both): F1 {2 * hits / sizes:.2f}."


def _line(name: str, first: Sequence[Hashable], second: Sequence[Hashable]) -> str:
    same = sum(one == other for one, other in zip(first, second, strict=True)) / len(first)
    return f"| {name} | {same:.0%} | {cohens_kappa(first, second):.2f} |"


def _value(labels: dict[str, Any], field: str) -> Hashable:
    value: Hashable = labels[field]
    return value.split("/")[0] if field == "content" and isinstance(value, str) else value


def _spans(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Spans of the first that one of the second matches, and how many there are of both."""
    return sum(any(_match(one, two) for two in second) for one in first), len(first), len(second)


def _match(one: Sequence[int], two: Sequence[int]) -> bool:
    shared = min(one[1], two[1]) - max(one[0], two[0])
    return shared >= OVERLAP * max(one[1] - one[0], two[1] - two[0])


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
