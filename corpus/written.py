"""The written corpus that ships: petitions, repeats and reports with gold labels, each row checked when it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import DataFileError
from corpus.paths import DATA
from corpus.records import Petition

SPLITS = ("train", "dev", "test")
NO_PROBLEM = "Z0"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) and what they say."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person of a text: the name as written, the post if told, role accused | complainant | other, all its spans."""

    text: str
    post: str | None
    role: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money as written, its value in yuan (of a range: its first figure), all its spans."""

    text: str
    yuan: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Gold:
    """What a labelled petition is; the fields of the labelling guide."""

    kind: str
    discipline: tuple[str, ...]
    primary: str
    content: str
    subject_unit: str | None
    discipline_alternatives: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    content_alternatives: tuple[str, ...] = ()
    handling_unit: str | None = None
    handling_alternatives: tuple[str, ...] = ()
    urgent: bool = False
    evidence: dict[str, Span] = field(default_factory=dict)
    urgent_evidence: tuple[Span, ...] = ()
    people: tuple[Person, ...] = ()
    amounts: tuple[Amount, ...] = ()
    matter: str | None = None
    person: str | None = None
    copy_of: str | None = None
    hard_negative_of: str | None = None
    difference: str | None = None
    recurred_from: str | None = None
    resolved: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenPetition:
    """A petition of the corpus with its author's batch, voice, split and labels."""

    petition: Petition
    writer: str
    voice: str
    split: str
    gold: Gold


@dataclass(frozen=True, slots=True)
class Finding:
    """One stated problem of a report, an exact span; status rectified | in_progress | unrectified | None."""

    start: int
    end: int
    quote: str
    discipline: tuple[str, ...]
    primary: str
    discipline_alternatives: tuple[str, ...]
    subject_unit: str | None
    people: tuple[Person, ...]
    amounts: tuple[Amount, ...]
    status: str | None


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report of the corpus: its text as read from its txt file, the same in other formats (`also`), its findings."""

    report: str
    file: str
    also: tuple[str, ...]
    kind: str
    title: str
    writer: str
    split: str
    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class WrittenStatement:
    """One or two sentences: `code` is what they allege (Z0: nothing), `about` the problem whose subject they touch."""

    text: str
    code: str
    about: str
    writer: str


def written_statements(path: Path = DATA / "statements.jsonl") -> list[WrittenStatement]:
    """The short statements; all are for training."""
    return [WrittenStatement(**row) for _, row in _rows(path)]


def written_petitions(split: str | None = None, path: Path = DATA / "petitions.jsonl") -> list[WrittenPetition]:
    """The labelled petitions, of one split or all."""
    return [row for row in _petitions(path) if split in (None, row.split)]


def written_repeats(split: str | None = None) -> list[WrittenPetition]:
    """The petitions of the repeat families, with `gold.matter` and what follows from it."""
    return written_petitions(split, DATA / "repeats.jsonl")


def written_reports(split: str | None = None, path: Path = DATA / "reports.jsonl") -> list[WrittenReport]:
    """The labelled reports, of one split or all."""
    reports = []
    for number, row in _rows(path):
        try:
            if split in (None, row["split"]):
                reports.append(_report(row, (path.parent / row["file"]).read_text("utf-8")))
        except (KeyError, TypeError, OSError) as error:
            raise DataFileError(path, [f"row {number}: {row.get('report')!r}: {error!r}"]) from error
    return reports


def _petitions(path: Path) -> Iterator[WrittenPetition]:
    for number, row in _rows(path):
        try:
            fields = {name: row[name] for name in ("text", "id", "received", "channel", "petitioner", "phone", "title")}
            gold = _gold(row["gold"], row["text"])
            yield WrittenPetition(Petition(**fields), row["writer"], row["voice"], row["split"], gold)
        except (KeyError, TypeError) as error:
            raise DataFileError(path, [f"row {number}: {row.get('id')!r}: {error!r}"]) from error


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            yield number, json.loads(line)


def _gold(row: dict[str, Any], text: str) -> Gold:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    if "evidence" in row:
        fields["evidence"] = {code: Span(**span) for code, span in row["evidence"].items()}
        fields["urgent_evidence"] = tuple(Span(**span) for span in row["urgent_evidence"])
        fields["people"] = _people(row["people"], text)
        fields["amounts"] = _amounts(row["amounts"], text)
    return Gold(**fields)


def _report(row: dict[str, Any], text: str) -> WrittenReport:
    findings = []
    for one in row["findings"]:
        fields = {
            **one,
            "discipline": tuple(one["discipline"]),
            "discipline_alternatives": tuple(one["discipline_alternatives"]),
            "people": _people([{"role": "accused", **person} for person in one["people"]], text),
            "amounts": _amounts(one["amounts"], text),
        }
        findings.append(Finding(**fields))
    return WrittenReport(**{**row, "also": tuple(row["also"]), "text": text, "findings": tuple(findings)})


def _people(rows: list[dict[str, Any]], text: str) -> tuple[Person, ...]:
    return tuple(Person(row["text"], row["post"], row["role"], _spans(row, text)) for row in rows)


def _amounts(rows: list[dict[str, Any]], text: str) -> tuple[Amount, ...]:
    return tuple(Amount(row["text"], float(row["yuan"]), _spans(row, text)) for row in rows)


def _spans(row: dict[str, Any], text: str) -> tuple[Span, ...]:
    return tuple(Span(start, end, text[start:end]) for start, end in row["spans"])
