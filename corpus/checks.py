"""What must be true of the written corpus: codes, spans, splits, counts, variety. Every breach is one line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from corpus.schemes import Scheme, content_scheme, discipline_scheme
from corpus.units import UnitRegistry, demo_county
from corpus.variety import near_identical, sentence_frames, sharing_runs
from corpus.written import (
    NO_PROBLEM,
    SPLITS,
    Amount,
    Person,
    Span,
    WrittenPetition,
    WrittenReport,
    written_petitions,
    written_repeats,
    written_reports,
)

KINDS = ("accusation", "advice", "appeal", "out_of_scope", "no_substance")
CHANNELS = ("letter", "visit", "call", "online", "transfer")
ROLES = ("accused", "complainant", "other")
DIFFERENCES = ("village", "person", "year", "project", "town", "problem")
STATUSES = ("rectified", "in_progress", "unrectified", None)

LEAST_PETITIONS = 1_600
LEAST_PRIMARY = 12
LEAST_MENTIONED = 4
LEAST_NO_PROBLEM = 0.25
LEAST_CONTENT = 60
LEAST_MATTERS = 80
LEAST_HARD_NEGATIVES = 160
LEAST_CHAINS = 15
LEAST_REPORTS = 50
LENGTHS = {"petition": (25, 900), "report": (600, 3_200)}
MOST_SHARING = 0.03
MOST_FRAME = 0.01


def check_corpus() -> list[str]:
    """All breaches found in the shipped corpus; empty where it is whole."""
    petitions, repeats, reports = written_petitions(), written_repeats(), written_reports()
    labels = _Labels()
    return [
        *(line for row in (*petitions, *repeats) for line in labels.petition(row)),
        *(line for report in reports for line in labels.report(report)),
        *_splits(petitions, repeats, reports),
        *_petition_counts(petitions),
        *_repeat_counts(repeats),
        *_report_counts(reports),
        *_variety(petitions),
    ]


class _Labels:
    """Checks labels and spans of single rows against the schemes and the demo county."""

    def __init__(self) -> None:
        self.content: Scheme = content_scheme()
        self.problems = {category.code for category in discipline_scheme().level(3)} | {NO_PROBLEM}
        self.county: UnitRegistry = demo_county()

    def petition(self, row: WrittenPetition) -> Iterator[str]:
        gold, text, where = row.gold, row.petition.text, row.petition.id
        low, high = LENGTHS["petition"]
        if not low <= len(text) <= high:
            yield f"{where}: {len(text)} characters"
        yield from _unknown(where, "kind", [gold.kind], KINDS)
        yield from _unknown(where, "channel", [row.petition.channel], CHANNELS)
        yield from _unknown(where, "split", [row.split], SPLITS)
        codes = (*gold.discipline, gold.primary, *gold.discipline_alternatives, *gold.mentioned, *gold.evidence)
        yield from _unknown(where, "code", codes, self.problems)
        yield from _unknown(where, "content", (gold.content, *gold.content_alternatives), self.content)
        units = (gold.subject_unit, gold.handling_unit, *gold.handling_alternatives)
        yield from _unknown(where, "unit", [unit for unit in units if unit is not None], self.county)
        yield from _unknown(where, "role", [person.role for person in gold.people], ROLES)
        if gold.primary not in gold.discipline or (NO_PROBLEM in gold.discipline and len(gold.discipline) > 1):
            yield f"{where}: primary {gold.primary} beside {gold.discipline}"
        if set(gold.mentioned) & set(gold.discipline):
            yield f"{where}: a code is both alleged and only mentioned"
        if gold.kind not in ("accusation", "advice") and gold.primary != NO_PROBLEM:
            yield f"{where}: kind {gold.kind} with problem {gold.primary}"
        spans = [*gold.evidence.values(), *gold.urgent_evidence]
        yield from _inexact(where, text, [(span, span.text) for span in spans])
        yield from _named(where, text, [*gold.people, *gold.amounts])
        if gold.urgent and not gold.urgent_evidence:
            yield f"{where}: urgent without evidence"

    def report(self, report: WrittenReport) -> Iterator[str]:
        low, high = LENGTHS["report"]
        if not low <= len(report.text) <= high:
            yield f"{report.report}: {len(report.text)} characters"
        yield from _unknown(report.report, "split", [report.split], SPLITS)
        last = 0
        for number, finding in enumerate(report.findings, 1):
            where = f"{report.report} finding {number}"
            codes = (*finding.discipline, finding.primary, *finding.discipline_alternatives)
            yield from _unknown(where, "code", codes, self.problems)
            yield from _unknown(where, "status", [finding.status], STATUSES)
            if finding.subject_unit is not None:
                yield from _unknown(where, "unit", [finding.subject_unit], self.county)
            if finding.start < last or finding.quote != report.text[finding.start : finding.end] or not finding.quote:
                yield f"{where}: the span is not exact, or overlaps the one before"
            last = finding.end
            yield from _named(where, report.text, [*finding.people, *finding.amounts])


def _unknown(where: str, what: str, values: Iterable[object], known: object) -> Iterator[str]:
    for value in values:
        if value not in known:  # type: ignore[operator]  # every caller gives a container
            yield f"{where}: unknown {what} {value!r}"


def _named(where: str, text: str, items: Sequence[Person | Amount]) -> Iterator[str]:
    for item in items:
        yield from _inexact(where, text, [(span, item.text) for span in item.spans])
        if not item.spans:
            yield f"{where}: a person or amount without a span"


def _inexact(where: str, text: str, spans: Iterable[tuple[Span, str]]) -> Iterator[str]:
    for span, expected in spans:
        if text[span.start : span.end] != expected or not expected:
            yield f"{where}: span {span.start}-{span.end} is not exact"


def _splits(
    petitions: Sequence[WrittenPetition], repeats: Sequence[WrittenPetition], reports: Sequence[WrittenReport]
) -> Iterator[str]:
    sides: dict[str, set[str]] = defaultdict(set)
    for row in (*petitions, *repeats):
        sides[f"writer {row.writer}"].add(row.split)
        if row.gold.matter:
            sides[f"matter {row.gold.matter}"].add(row.split)
    for report in reports:
        sides[f"writer {report.writer}"].add(report.split)
    yield from (f"{name} stands in several splits" for name, splits in sides.items() if len(splits) > 1)
    ids = Counter(row.petition.id for row in (*petitions, *repeats))
    yield from (f"{name} stands twice" for name, count in ids.items() if count > 1)
    for rows in (petitions, repeats):
        for split, other in (("train", "dev"), ("train", "test"), ("dev", "test")):
            left = [row for row in rows if row.split == split]
            right = [row for row in rows if row.split == other]
            for a, b in near_identical([r.petition.text for r in left], [r.petition.text for r in right]):
                yield f"{left[a].petition.id} and {right[b].petition.id} are near-identical across splits"


def _petition_counts(petitions: Sequence[WrittenPetition]) -> Iterator[str]:
    if len(petitions) < LEAST_PETITIONS:
        yield f"{len(petitions)} petitions, at least {LEAST_PETITIONS} are needed"
    primary = Counter(row.gold.primary for row in petitions)
    mentioned = Counter(code for row in petitions for code in row.gold.mentioned)
    level1 = Counter(row.gold.content.split("/")[0] for row in petitions)
    for category in discipline_scheme().level(3):
        if primary[category.code] < LEAST_PRIMARY:
            yield f"{category.code} is primary in {primary[category.code]} petitions, needed {LEAST_PRIMARY}"
        if mentioned[category.code] < LEAST_MENTIONED:
            yield f"{category.code} is only mentioned in {mentioned[category.code]} petitions, needed {LEAST_MENTIONED}"
    if primary[NO_PROBLEM] < LEAST_NO_PROBLEM * len(petitions):
        yield f"{primary[NO_PROBLEM]} petitions are {NO_PROBLEM}, needed a quarter"
    for category in content_scheme().level(1):
        if level1[category.code] < LEAST_CONTENT:
            yield f"{category.code}: {level1[category.code]} petitions, needed {LEAST_CONTENT}"
    county = demo_county()
    named = (unit for row in petitions for unit in (row.gold.subject_unit, row.gold.handling_unit))
    used = {unit for unit in named if unit is not None and unit in county}
    towns = {unit.code for code in used for unit in county.ancestors(code) if unit.kind == "town"}
    for unit in county.units.values():
        if unit.kind in ("town", "department") and unit.code not in used | towns:
            yield f"{unit.code} {unit.name} occurs in no petition"


def _repeat_counts(repeats: Sequence[WrittenPetition]) -> Iterator[str]:
    sizes = Counter(row.gold.matter for row in repeats)
    matters = sum(2 <= size <= 6 for size in sizes.values())
    negatives = sum(row.gold.hard_negative_of is not None for row in repeats)
    chains = len({row.gold.matter for row in repeats if row.gold.recurred_from})
    ids = {row.petition.id: row for row in repeats}
    for row in repeats:
        for other in (row.gold.copy_of, row.gold.hard_negative_of):
            if other is not None and other not in ids:
                yield f"{row.petition.id}: refers to {other}, which does not exist"
        if (row.gold.hard_negative_of is None) != (row.gold.difference is None):
            yield f"{row.petition.id}: hard_negative_of and difference go together"
        if row.gold.recurred_from is not None and row.gold.recurred_from not in sizes:
            yield f"{row.petition.id}: recurred from {row.gold.recurred_from}, which does not exist"
    if max(sizes.values(), default=0) > 6:
        yield "a matter has more than 6 petitions"
    found = {"matters": matters, "hard negatives": negatives, "recurred chains": chains}
    needed = (LEAST_MATTERS, LEAST_HARD_NEGATIVES, LEAST_CHAINS)
    yield from (
        f"{count} {name}, needed {least}"
        for (name, count), least in zip(found.items(), needed, strict=True)
        if count < least
    )


def _report_counts(reports: Sequence[WrittenReport]) -> Iterator[str]:
    if len(reports) < LEAST_REPORTS:
        yield f"{len(reports)} reports, needed {LEAST_REPORTS}"


def _variety(petitions: Sequence[WrittenPetition]) -> Iterator[str]:
    texts = [row.petition.text for row in petitions]
    sharing = sharing_runs(texts)
    if len(sharing) > MOST_SHARING * len(texts):
        yield f"{len(sharing)} petitions share a run of 20 characters with another, at most {MOST_SHARING:.0%} may"
    people = {person.text for row in petitions for person in row.gold.people}
    units = set(demo_county().by_name)
    for frame, count in sentence_frames(texts, people | units).most_common(5):
        if count > MOST_FRAME * len(texts):
            yield f"a sentence frame stands in {count} petitions: {frame}"
