"""The figures of the written corpus, computed for its data sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise

from corpus.agreement import agreement_figures
from corpus.checks import DIFFERENCES
from corpus.schemes import content_scheme, discipline_scheme
from corpus.variety import sharing_runs
from corpus.written import (
    NO_PROBLEM,
    SPLITS,
    WrittenPetition,
    WrittenReport,
    written_petitions,
    written_repeats,
    written_reports,
)

LENGTH_CLASSES = (80, 250, 450)
RELATIONS = ("copy", "repeat", "joint")


def corpus_figures() -> str:
    """Counts by split, label, voice, channel and length, and the agreement of labellers, as Markdown."""
    petitions, repeats, reports = written_petitions(), written_repeats(), written_reports()
    return "\n".join((*_petitions(petitions), *_repeats(repeats), *_reports(reports), *agreement_figures()))


def _petitions(rows: Sequence[WrittenPetition]) -> Iterable[str]:
    golds = [row.gold for row in rows]
    texts = [row.petition.text for row in rows]
    yield "### Petitions\n"
    yield f"- {len(rows)} petitions: {_counts(Counter(row.split for row in rows), SPLITS)}."
    yield f"- Kind: {_counts(Counter(gold.kind for gold in golds))}."
    yield f"- Aspect of the primary: {_counts(Counter(gold.primary[0] for gold in golds))} (Z: none)."
    supervised = [gold for gold in golds if gold.primary != NO_PROBLEM]
    sizes = Counter(len(gold.discipline) for gold in supervised)
    yield f"- Codes a text, of {len(supervised)} with a problem: {_counts(sizes, sorted(sizes))}."
    primary = Counter(gold.primary for gold in golds)
    mentioned = Counter(code for gold in golds for code in gold.mentioned)
    problems = [category.code for category in discipline_scheme().level(3)]
    yield f"- Each problem is primary in {_range(primary, problems)} texts, mentioned in {_range(mentioned, problems)}."
    level1 = Counter(gold.content.split("/")[0] for gold in golds)
    yield f"- Content: {_counts(level1, [category.code for category in content_scheme().level(1)])}."
    no_unit = sum(gold.subject_unit is None for gold in supervised)
    yield f"- No subject unit can be told in {no_unit} of the texts with a problem."
    yield f"- {sum(gold.urgent for gold in golds)} texts are urgent."
    yield f"- Voice: {_counts(Counter(row.voice for row in rows))}."
    yield f"- Channel: {_counts(Counter(row.petition.channel for row in rows))}."
    signed = sum(bool(row.petition.petitioner) for row in rows)
    yield f"- Signed: {signed}; with a phone: {sum(bool(row.petition.phone) for row in rows)}."
    yield f"- Length in characters: {_lengths(texts)}."
    people = sum(len(gold.people) for gold in golds)
    yield f"- {people} people and {sum(len(gold.amounts) for gold in golds)} amounts are marked."
    yield f"- {len(sharing_runs(texts))} texts share a run of 20 characters with another.\n"


def _repeats(rows: Sequence[WrittenPetition]) -> Iterable[str]:
    matters: dict[str | None, list[WrittenPetition]] = {}
    for row in rows:
        matters.setdefault(row.gold.matter, []).append(row)
    groups = [group for group in matters.values() if len(group) > 1]
    relations = Counter(relation(a, b, rows) for group in groups for a, b in combinations(group, 2))
    differences = Counter(row.gold.difference for row in rows if row.gold.difference)
    chains = len({row.gold.matter for row in rows if row.gold.recurred_from})
    yield "### Repeats\n"
    yield f"- {len(rows)} petitions: {_counts(Counter(row.split for row in rows), SPLITS)}."
    yield f"- {len(groups)} matters of two or more petitions; by size: {_counts(Counter(map(len, groups)))}."
    yield f"- Pairs inside matters: {_counts(relations, RELATIONS)}."
    yield f"- {sum(differences.values())} hard negatives, by what differs: {_counts(differences, DIFFERENCES)}."
    yield f"- {chains} matters that recurred after rectification.\n"


def relation(a: WrittenPetition, b: WrittenPetition, rows: Sequence[WrittenPetition]) -> str:
    """How two petitions of one matter relate: copy, repeat (the same petitioner again) or joint."""
    by_id = {row.petition.id: row for row in rows}
    if _original(a, by_id) == _original(b, by_id):
        return "copy"
    return "repeat" if a.gold.person == b.gold.person else "joint"


def _original(row: WrittenPetition, by_id: Mapping[str, WrittenPetition]) -> str:
    while row.gold.copy_of is not None:
        row = by_id[row.gold.copy_of]
    return row.petition.id


def _reports(reports: Sequence[WrittenReport]) -> Iterable[str]:
    findings = [finding for report in reports for finding in report.findings]
    marked = sum(finding.end - finding.start for finding in findings)
    yield "### Reports\n"
    yield f"- {len(reports)} reports: {_counts(Counter(report.split for report in reports), SPLITS)}."
    yield f"- Kind: {_counts(Counter(report.kind for report in reports))}."
    formats = Counter(name.rsplit(".", 1)[1] for report in reports for name in report.also)
    yield f"- As txt all; also {_counts(formats)}."
    yield f"- Length in characters: {_lengths([report.text for report in reports], (1_000, 1_500, 2_000))}."
    yield (
        f"- {len(findings)} findings with {len({finding.primary for finding in findings})} different primary codes; "
        f"they cover {marked / sum(len(report.text) for report in reports):.0%} of the text."
    )
    yield f"- Status: {_counts(Counter(finding.status or 'nothing said' for finding in findings))}."
    people = sum(len(finding.people) for finding in findings)
    yield f"- {people} people and {sum(len(finding.amounts) for finding in findings)} amounts are marked.\n"


def _counts(counts: Mapping[str, int] | Mapping[int, int] | Counter[str | None], order: Sequence[object] = ()) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    if order:
        ranked.sort(key=lambda item: order.index(item[0]))
    return ", ".join(f"{name} {count}" for name, count in ranked)


def _range(counts: Counter[str], codes: Sequence[str]) -> str:
    return f"{min(counts[code] for code in codes)} to {max(counts[code] for code in codes)}"


def _lengths(texts: Sequence[str], classes: Sequence[int] = LENGTH_CLASSES) -> str:
    lengths = sorted(map(len, texts))
    edges = [0, *classes, lengths[-1] + 1]
    shares = [
        f"{low}–{high - 1}: {sum(low <= one < high for one in lengths) / len(lengths):.0%}"
        for low, high in pairwise(edges)
    ]
    return f"{lengths[0]} to {lengths[-1]}, median {lengths[len(lengths) // 2]} ({', '.join(shares)})"
