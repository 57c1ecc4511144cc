"""Learning from decisions: closed decisions as examples, a candidate trained with them, compared before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import FenbanError
from corpus.records import LabelledText, Petition
from corpus.splits import held_out
from corpus.written import written_petitions
from models.examples import ProblemExample
from models.suggester import Suggester
from models.train import train_content_version, train_discipline_version

FEWEST = 30
"""Fewer groups than this leave next to nothing to hold out."""
FIELDS = ("kind", "content level 1", "content", "primary problem")


@dataclass(frozen=True, slots=True)
class FeedbackExample:
    """A decided petition without petitioner data; None where the decision says nothing.

    `group` joins what must not be parted: the petitions of a matter.
    """

    text: str
    group: str
    kind: str | None = None
    content: str | None = None
    discipline: tuple[str, ...] = ()
    primary: str | None = None
    urgent: bool | None = None


def train_candidate(examples: Sequence[FeedbackExample], folder: Path, file: Path) -> list[str]:
    """Trains the parts for which there are enough decisions; gives their names.

    Every tenth group is held out, to compare on. The written corpus is learned from as well.

    Args:
        examples: decided petitions.
        folder: version folder to write.
        file: where the examples stand, for the manifest's hash.

    Raises:
        FenbanError: too few decisions for any part.
    """
    content = [LabelledText(one.text, one.content, one.group) for one in examples if one.content]
    problems = [_problem_example(one) for one in examples if one.primary and not held_out(one.group)]
    parts = []
    if _enough(one.group for one in content):
        source = "decisions of the office, and the written corpus"
        train_content_version(content, folder, [file], written=True, source=source)
        parts.append("content")
    if _enough(one.group for one in problems):
        train_discipline_version(problems, folder, [file])
        parts.append("discipline")
    if not parts:
        raise FenbanError(f"too few decisions to learn from: {FEWEST} matters at least, some of them held out")
    return parts


def _enough(groups: Iterable[str]) -> bool:
    return len(set(groups)) >= FEWEST


def _problem_example(one: FeedbackExample) -> ProblemExample:
    primary = one.primary or ""
    problems = tuple(dict.fromkeys((primary, *one.discipline)))
    return ProblemExample(Petition(text=one.text), problems, primary, one.group, kind=one.kind, urgent=one.urgent)


def frozen_examples() -> list[FeedbackExample]:
    """The written corpus's test split, which no version has learned from."""
    return [
        FeedbackExample(
            text=row.petition.full_text()[0],
            group=row.petition.id,
            kind=row.gold.kind,
            content=row.gold.content,
            discipline=row.gold.discipline,
            primary=row.gold.primary,
        )
        for row in written_petitions("test")
    ]


def right_answers(suggester: Suggester, examples: Sequence[FeedbackExample]) -> dict[str, tuple[int, int]]:
    """Field → how many first suggestions are right, out of how many decided ones; accepted or not."""
    counts = {name: [0, 0] for name in FIELDS}
    suggestions = suggester.suggest_all(Petition(text=one.text) for one in examples)
    for one, suggestion in zip(examples, suggestions, strict=True):
        label = suggestion.content[0].label if suggestion.content else ""
        pairs = {
            "kind": (one.kind, suggestion.kind.label if suggestion.kind else None),
            "content level 1": (one.content and one.content.split("/")[0], label.split("/")[0]),
            "content": (one.content, label),
            "primary problem": (one.primary, suggestion.primary),
        }
        for name, (decided, suggested) in pairs.items():
            counts[name][0] += decided is not None and decided == suggested
            counts[name][1] += decided is not None
    return {name: (right, asked) for name, (right, asked) in counts.items()}


def comparison(current: Suggester, candidate: Suggester, examples: Sequence[FeedbackExample]) -> str:
    """Markdown tables of both versions on the frozen data and on the decisions that were held out."""
    kept = [one for one in examples if held_out(one.group)]
    tables = []
    for name, rows in (("written corpus, test split", frozen_examples()), ("held-out decisions", kept)):
        before, after = right_answers(current, rows), right_answers(candidate, rows)
        lines = [f"### {name}: {len(rows)} petitions", "", "| | current | candidate | decided |", "|---|---|---|---|"]
        lines += [
            f"| {field} | {_share(before[field])} | {_share(after[field])} | {after[field][1]} |" for field in FIELDS
        ]
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def _share(counts: tuple[int, int]) -> str:
    right, asked = counts
    return f"{right / asked:.3f}" if asked else "–"
