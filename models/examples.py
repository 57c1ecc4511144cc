"""What the categories are trained on: labelled texts of the written corpus and of an office's own files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.records import LabelledText, Petition
from corpus.written import NO_PROBLEM, WrittenPetition, WrittenReport, WrittenStatement

CLAUSE_WEIGHT = 0.3
"""How much a clause taken out of its letter counts against a whole letter (1); it teaches short texts."""


@dataclass(frozen=True, slots=True)
class ContentExample:
    """A text with its content path, which may stop at the first level; `group` is never split.

    A `letter` is a text as people write it, to calibrate on; others only help to learn.
    """

    petition: Petition
    path: str
    group: str
    letter: bool = True


@dataclass(frozen=True, slots=True)
class ProblemExample:
    """A text with its problems.

    `whole` letters are calibrated and measured on; parts (clauses, findings, statements) only help to learn. An
    `excerpt` repeats words of another example, and so makes no word more frequent.
    `kind` and `urgent` are None where they are not labelled. `unsure` are codes that are neither right nor wrong.
    """

    petition: Petition
    problems: tuple[str, ...]
    primary: str
    group: str
    weight: float = 1.0
    whole: bool = True
    excerpt: bool = False
    unsure: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    kind: str | None = None
    urgent: bool | None = None


def content_examples(labelled: Iterable[LabelledText], written: Iterable[WrittenPetition]) -> list[ContentExample]:
    """Content examples of labelled files and of the written corpus; its writers are its groups."""
    examples = [
        ContentExample(Petition(text=one.text), one.label, one.group or f"row {number}", letter=bool(one.group))
        for number, one in enumerate(labelled)
    ]
    return examples + [ContentExample(row.petition, row.gold.content, f"writer {row.writer}") for row in written]


def problem_examples(
    petitions: Sequence[WrittenPetition], reports: Iterable[WrittenReport], statements: Iterable[WrittenStatement]
) -> list[ProblemExample]:
    """Problem examples: whole letters, then their clauses with evidence, findings of reports, single statements."""
    examples = [whole_example(row) for row in petitions]
    examples += [clause for row in petitions for clause in _clauses(row)]
    for report in reports:
        examples += [
            _part(finding.quote, finding.primary, f"writer {report.writer}", finding.discipline)
            for finding in report.findings
        ]
    return examples + [_part(one.text, one.code, f"statements {one.writer}") for one in statements]


def whole_example(row: WrittenPetition) -> ProblemExample:
    """A written petition as an example."""
    gold = row.gold
    return ProblemExample(
        petition=row.petition,
        problems=gold.discipline,
        primary=gold.primary,
        group=f"writer {row.writer}",
        unsure=gold.discipline_alternatives,
        mentioned=gold.mentioned,
        kind=gold.kind,
        urgent=gold.urgent if gold.matter is None else None,
    )


def _clauses(row: WrittenPetition) -> Iterable[ProblemExample]:
    """Clauses that carry a problem, and clauses that only mention one, which alone allege nothing."""
    group = f"writer {row.writer}"
    for code, span in row.gold.evidence.items():
        if code in row.gold.discipline:
            yield replace(_part(span.text, code, group), excerpt=True)
        elif code in row.gold.mentioned:
            yield replace(_part(span.text, NO_PROBLEM, group, weight=1.0), excerpt=True)


def _part(
    text: str, primary: str, group: str, problems: tuple[str, ...] = (), weight: float = CLAUSE_WEIGHT
) -> ProblemExample:
    return ProblemExample(Petition(text=text), problems or (primary,), primary, group, weight, whole=False)
