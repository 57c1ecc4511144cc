"""Figures of findings on reports of the corpus, with two peers on the same reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from corpus.plain import plain_document
from corpus.report_words import ReportWords
from corpus.written import Finding, WrittenReport, WrittenStatement
from models.evaluate import Answers, Report, curves, figures_table
from models.finding_features import denied
from models.findings import LabelledReport, labelled_report, train_findings
from models.found import FindingReader, FoundFinding
from nlp.structure import Span
from nlp.tokenise import Tokeniser

Spans = list[list[Span]]
"""The spans found in every report."""


@dataclass(frozen=True)
class Pair:
    """A gold finding and the one found at its place."""

    gold: Finding
    found: FoundFinding


def findings_report(reader: FindingReader, reports: Sequence[WrittenReport]) -> Report:
    """Spans, categories, units, status, amounts and people of the findings of these reports."""
    found = [reader.read(plain_document(report.text), report.report) for report in reports]
    spans = [[(one.start, one.end) for one in mine] for mine in found]
    pairs = [
        Pair(report.findings[gold], mine[index])
        for report, mine, sure in zip(reports, found, spans, strict=True)
        for gold, index in matched(report.findings, sure)
    ]
    metrics = {**span_figures(reports, spans), **_pair_figures(pairs)}
    count = sum(len(report.findings) for report in reports)
    head = f"### Findings: {len(reports)} reports of the written corpus, {count} findings\n"
    labelled = [labelled_report(report) for report in reports]
    probability = np.concatenate([reader.findings.probabilities(one.reading, reader.tokeniser) for one in labelled])
    sure = np.maximum(probability, 1 - probability)
    right = (probability >= 0.5) == np.concatenate([one.target for one in labelled])
    answers = Answers(sure, right)
    lines = [head, figures_table(metrics), "", "Sentences, more likely a finding or not:", *curves(answers), ""]
    return Report(metrics, "\n".join(lines), {"sentences": answers})


def span_figures(reports: Sequence[WrittenReport], spans: Spans) -> dict[str, float]:
    """Precision, recall and F1 of spans that overlap by at least half of both, and the share of them that are exact."""
    hits = [
        (report.findings[gold], mine[index])
        for report, mine in zip(reports, spans, strict=True)
        for gold, index in matched(report.findings, mine)
    ]
    found, gold = sum(map(len, spans)), sum(len(report.findings) for report in reports)
    exact = [(one.start, one.end) == span for one, span in hits]
    return {
        "span_precision": len(hits) / max(1, found),
        "span_recall": len(hits) / max(1, gold),
        "span_f1": 2 * len(hits) / max(1, found + gold),
        "exact_among_hits": float(np.mean(exact)) if exact else 0.0,
    }


def matched(gold: Sequence[Finding], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Pairs (gold, found) that overlap by at least half of both, each in one pair at most."""
    pairs: list[tuple[int, int]] = []
    free = set(range(len(spans)))
    for number, one in enumerate(gold):
        for index in sorted(free):
            start, end = spans[index]
            shared = min(one.end, end) - max(one.start, start)
            if shared > 0 and 2 * shared >= max(one.end - one.start, end - start):
                pairs.append((number, index))
                free.remove(index)
                break
    return pairs


def _pair_figures(pairs: Sequence[Pair]) -> dict[str, float]:
    """What is right of the findings that were found."""
    golds = [pair.gold for pair in pairs]
    found = [pair.found for pair in pairs]
    unit = [None if one.subject_unit is None else one.subject_unit.code for one in found]
    allowed = [{one.primary, *one.discipline, *one.discipline_alternatives} for one in golds]
    return {
        "primary": _share(a.primary == b.primary for a, b in zip(golds, found, strict=True)),
        "primary_or_alternative": _share(b.primary in codes for codes, b in zip(allowed, found, strict=True)),
        "point": _share(a.primary[:2] == b.primary[:2] for a, b in zip(golds, found, strict=True)),
        "primary_in_top3": _share(
            a.primary in [label.label for label in b.discipline[:3]] for a, b in zip(golds, found, strict=True)
        ),
        "subject_unit": _share(a.subject_unit == code for a, code in zip(golds, unit, strict=True)),
        "status": _share(a.status == b.status for a, b in zip(golds, found, strict=True)),
        "status_where_said": _share(
            a.status == b.status for a, b in zip(golds, found, strict=True) if a.status or b.status
        ),
        "amounts_f1": _set_f1((_gold_amounts(a), _found_amounts(b)) for a, b in zip(golds, found, strict=True)),
        "people_f1": _set_f1(
            ({one.text for one in a.people}, {str(one["text"]) for one in b.people})
            for a, b in zip(golds, found, strict=True)
        ),
    }


def _gold_amounts(one: Finding) -> set[tuple[int, float]]:
    return {(span.end, amount.yuan) for amount in one.amounts for span in amount.spans}


def _found_amounts(one: FoundFinding) -> set[tuple[int, float]]:
    return {(amount["end"], amount["yuan"]) for amount in one.amounts}


def _share(right: Iterable[bool]) -> float:
    flags = list(right)
    return float(np.mean(flags)) if flags else 0.0


def _set_f1(pairs: Iterable[tuple[set[Any], set[Any]]]) -> float:
    hits = size = 0
    for gold, found in pairs:
        hits += len(gold & found)
        size += len(gold) + len(found)
    return 2 * hits / size if size else 1.0


def every_sentence(reports: Sequence[LabelledReport], words: ReportWords) -> Spans:
    """Peer: every sentence of 15 characters or more under a heading of problems or in such a column, unless denied."""
    problems, facts, measures = (words.headings[name] for name in ("problems", "facts", "measures"))
    spans: Spans = []
    for report in reports:
        reading = report.reading
        is_denied = denied(reading, reading.candidates, words)
        mine = []
        for one, no in zip(reading.candidates, is_denied, strict=True):
            above = [reading.words(span) for span in one.above[-2:]]
            inside = (
                bool(facts.search(one.column) or problems.search(one.column))
                if one.column is not None
                else any(problems.search(text) and not measures.search(text) for text in above)
            )
            if inside and not no and one.end - one.start >= 15:
                mine.append((one.start, one.end))
        spans.append(mine)
    return spans


def sentence_svc(train: Sequence[LabelledReport], test: Sequence[LabelledReport], tokeniser: Tokeniser) -> Spans:
    """Peer: linear SVC on TF-IDF of the words of single sentences."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    def texts(reports: Sequence[LabelledReport]) -> list[str]:
        return [one.reading.words(candidate) for one in reports for candidate in one.reading.candidates]

    model = make_pipeline(TfidfVectorizer(analyzer=tokeniser.cut, sublinear_tf=True), LinearSVC(random_state=0))
    model.fit(texts(train), np.concatenate([one.target for one in train]))
    spans: Spans = []
    for report in test:
        answers = zip(report.reading.candidates, model.predict(texts([report])), strict=True)
        spans.append([(one.start, one.end) for one, is_finding in answers if is_finding])
    return spans


def peer_figures(
    train: Sequence[WrittenReport], test: Sequence[WrittenReport], words: ReportWords, tokeniser: Tokeniser
) -> dict[str, dict[str, float]]:
    """Span figures of both peers."""
    known, asked = [labelled_report(one) for one in train], [labelled_report(one) for one in test]
    spans = {"every sentence of a problem part": every_sentence(asked, words)}
    spans["linear SVC on sentences"] = sentence_svc(known, asked, tokeniser)
    return {name: span_figures(test, mine) for name, mine in spans.items()}


def crossed_figures(
    reports: Sequence[WrittenReport], statements: Sequence[WrittenStatement], reader: FindingReader
) -> dict[str, float]:
    """Span figures where every writer's reports are read by a model that saw the other writers' only."""
    labelled = [labelled_report(report) for report in reports]
    spans: Spans = [[] for _ in reports]
    for writer in sorted({report.writer for report in reports}):
        others = [one for one in labelled if one.source.writer != writer]
        model = train_findings(others, statements, reader.tokeniser)
        fresh = replace(reader, findings=model)
        for number, report in enumerate(reports):
            if report.writer == writer:
                spans[number] = [(one.start, one.end) for one in fresh.read(plain_document(report.text))]
    return span_figures(reports, spans)
