"""fenban evaluate: figures on held-out data, with the peers beside them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.commands.evaluate_checks import check_json
from service.commands.evaluate_repeats import run_repeats, run_scale
from service.growth import COMMANDS, ENGINES

if TYPE_CHECKING:
    from corpus.written import WrittenPetition
    from models.evaluate import Report


def add_parser(subparsers: Any) -> None:
    """Adds the command and its parts to the parser."""
    parser = subparsers.add_parser("evaluate", help="measure a model on held-out data, with peers")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    content = parts.add_parser(
        "content", help="content classes on the held-out tenth of the groups and the corpus's test split"
    )
    content.add_argument("--data", nargs="*", default=[], type=Path, help="the files that the model was trained with")
    content.set_defaults(run=run_content)
    problems = parts.add_parser("discipline", help="problems, kind, urgency on the corpus's test split")
    problems.set_defaults(run=run_discipline)
    units = parts.add_parser("subject", help="subject and handling unit on the corpus's test split")
    units.set_defaults(run=run_subject)
    repeats = parts.add_parser("repeats", help="matters and relations on the corpus's test split")
    repeats.add_argument("--clusters", type=Path, help="csv of messages, some with a cluster named in `gold_seed`")
    repeats.add_argument("--scale", nargs="*", default=[], type=int, help="measure speed and memory at these sizes")
    repeats.add_argument("--plot", type=Path, help="draw their growth into this svg (extra train)")
    repeats.set_defaults(run=run_repeats)
    scale = parts.add_parser("scale", help="time and memory of tag and repeats, with and without Spark")
    scale.add_argument("--sizes", nargs="+", default=[10_000], type=int, help="numbers of petitions")
    scale.add_argument(
        "--engines", nargs="+", choices=ENGINES, default=ENGINES, help="where they run; local[…] is Spark (extra spark)"
    )
    scale.add_argument("--commands", nargs="+", choices=COMMANDS, default=COMMANDS, help="what is measured")
    scale.add_argument("--plot", type=Path, help="draw the growth into this svg (extra train)")
    scale.set_defaults(run=run_scale)
    facts = parts.add_parser("facts", help="amounts and people on the corpus's test split, petitions and reports")
    facts.set_defaults(run=run_facts)
    findings = parts.add_parser("findings", help="findings of reports on the corpus's test split, and across writers")
    findings.set_defaults(run=run_findings)
    labels = parts.add_parser(
        "labels", help="training letters of the written corpus whose problem is likely labelled wrong"
    )
    labels.set_defaults(run=run_labels)
    router = parts.add_parser(
        "unit", help="unit router on the last fifth of past decisions, or on letters not seen yet"
    )
    router.add_argument("--data", nargs="+", required=True, type=Path, help="past decisions")
    router.add_argument("--models", type=Path, help="version folder whose router is measured on all of the data")
    router.set_defaults(run=run_unit)
    for part in (content, problems):
        part.add_argument("--seeds", type=int, default=0, help="train anew with this many seeds and show the spread")
    for part in (content, problems, units, facts, findings, repeats):
        part.add_argument("--models", type=Path, help="version folder instead of the shipped models")
    for part in (content, problems, units, facts, router, findings, repeats, scale):
        part.add_argument("--json", type=Path, help="write the figures to this file as well")


def run_content(options: argparse.Namespace) -> int:
    """Prints the figures of the content part, and of peers trained on the other groups and the written corpus."""
    from corpus.written import written_petitions
    from models.evaluate import content_report, content_split
    from models.suggester import Suggester
    from models.train import TRAINING_SPLITS
    from service.labelled import read_all

    check_json(options.json)
    suggester = Suggester.load(options.models)
    train, test = content_split(read_all(options.data), suggester.tokeniser) if options.data else ([], [])
    written = written_petitions("test")
    report = content_report(suggester.content, test, written, suggester.tokeniser)
    peers: dict[str, Any] = {}
    if test:
        corpus = [row for row in written_petitions() if row.split in TRAINING_SPLITS]
        known = [(one.text, one.label.split("/")[0]) for one in train] + _first_levels(corpus)
        peers["held-out groups"] = _peers(known, [(one.text, one.label.split("/")[0]) for one in test], suggester)
        peers["written corpus, test split"] = _peers(known, _first_levels(written), suggester)
    if options.seeds:
        from models.train import fit_content

        labelled = read_all(options.data)
        _spread([fit_content(labelled, written=True, seed=seed)[1].metrics for seed in range(options.seeds)])
    return _show(report, peers, suggester.version, options.json)


def run_discipline(options: argparse.Namespace) -> int:
    """Prints the figures of the discipline part, and of peers trained on the written corpus as the shipped part is."""
    from corpus.written import written_petitions
    from models.evaluate import discipline_report
    from models.suggester import Suggester
    from models.train import written_problem_examples

    check_json(options.json)
    suggester = Suggester.load(options.models)
    test = written_petitions("test")
    report = discipline_report(suggester.discipline, test, suggester.tokeniser)
    if options.seeds:
        from models.train import fit_discipline

        fitted = [fit_discipline((), suggester.tokeniser, seed=seed).discipline for seed in range(options.seeds)]
        _spread([{"test split": discipline_report(one, test, suggester.tokeniser).metrics} for one in fitted])
    known = [(one.petition.full_text()[0], one.primary) for one in written_problem_examples()]
    asked = [(row.petition.full_text()[0], row.gold.primary) for row in test]
    return _show(report, {"primary problem": _peers(known, asked, suggester)}, suggester.version, options.json)


def run_subject(options: argparse.Namespace) -> int:
    """Prints the figures of subject and handling unit, and of a linear SVC that learned the handling units."""
    from corpus.written import written_petitions
    from models.evaluate_units import units_report
    from models.suggester import Suggester
    from models.train import TRAINING_SPLITS

    check_json(options.json)
    suggester = Suggester.load(options.models)
    test = written_petitions("test")
    report = units_report(suggester.units, suggester.discipline, suggester.people, test)
    letters = [row for row in written_petitions() if row.split in TRAINING_SPLITS]
    known, asked = (
        [(row.petition.full_text()[0], row.gold.handling_unit or "") for row in rows] for rows in (letters, test)
    )
    return _show(report, {"handling unit": _peers(known, asked, suggester)}, suggester.version, options.json)


def run_facts(options: argparse.Namespace) -> int:
    """Prints the figures of amounts and people."""
    from corpus.written import written_petitions, written_reports
    from models.evaluate_facts import facts_report
    from models.suggester import Suggester

    check_json(options.json)
    suggester = Suggester.load(options.models)
    reports = written_reports("test")
    report = facts_report(suggester.people.model, written_petitions("test"), reports, suggester.tokeniser)
    return _show(report, {}, suggester.version, options.json)


def run_unit(options: argparse.Namespace) -> int:
    """Prints the figures of a router trained on the earlier letters with peers, or of a saved one on new letters."""
    from models.router_version import evaluate_router, evaluate_router_version
    from models.store import open_version
    from service.labelled import read_past_decisions

    check_json(options.json)
    decisions = read_past_decisions(options.data)
    if options.models is None:
        report, peers = evaluate_router(decisions)
        return _show(report, {"last fifth by date": peers}, "none: trained on the earlier letters", options.json)
    report = evaluate_router_version(decisions, options.models, options.data)
    return _show(report, {}, open_version(options.models).name, options.json)


def run_findings(options: argparse.Namespace) -> int:
    """Prints the figures on the corpus's test reports, of peers on them, and across the writers of the others."""
    from corpus.report_words import report_words
    from corpus.written import written_reports, written_statements
    from models.evaluate_findings import crossed_figures, findings_report, peer_figures
    from models.suggester import Suggester
    from models.train import TRAINING_SPLITS

    check_json(options.json)
    suggester = Suggester.load(options.models)
    reader = suggester.finding_reader
    known = [report for report in written_reports() if report.split in TRAINING_SPLITS]
    test = written_reports("test")
    peers = {
        "findings of the test reports": peer_figures(known, test, report_words(), suggester.tokeniser),
        "fenban on the other reports, each writer read by a model of the others": {
            "fenban": crossed_figures(known, written_statements(), reader)
        },
    }
    return _show(findings_report(reader, test), peers, suggester.version, options.json)


def _first_levels(rows: Sequence[WrittenPetition]) -> list[tuple[str, str]]:
    return [(row.petition.full_text()[0], row.gold.content.split("/")[0]) for row in rows]


def run_labels(_options: argparse.Namespace) -> int:
    """Prints the doubted letters, most doubtful first; identifiers and codes only, never text."""
    from corpus.written import written_petitions
    from models.label_quality import doubted_primaries
    from models.train import TRAINING_SPLITS

    rows = [row for row in written_petitions() if row.split in TRAINING_SPLITS]
    doubts = doubted_primaries(rows)
    print(f"{len(doubts)} of {len(rows)} letters: label, suggestion without sight of the writer, how sure")
    for doubt in doubts:
        print(f"{doubt.id}  {doubt.label:<4}  {doubt.suggested:<4}  {doubt.probability:.2f}")
    return 0


def _spread(runs: list[dict[str, dict[str, float]]]) -> None:
    """Prints mean and standard deviation of every figure over the seeds."""
    import numpy as np

    print(f"### {len(runs)} seeds, mean ± standard deviation\n")
    for name in runs[0]:
        cells = {key: [run[name][key] for run in runs] for key in runs[0][name]}
        figures = ", ".join(f"{key.replace('_', ' ')} {np.mean(v):.3f} ± {np.std(v):.3f}" for key, v in cells.items())
        print(f"{name}: {figures}\n")


def _peers(train: list[tuple[str, str]], test: list[tuple[str, str]], suggester: Any) -> dict[str, dict[str, float]]:
    from models.evaluate import evaluate_peers

    figures, missing = evaluate_peers(train, test, suggester.tokeniser)
    for line in missing:
        print(f"fenban: {line}", file=sys.stderr)
    return figures


def _show(report: Report, peers: dict[str, Any], version: str, path: Path | None) -> int:
    from models.evaluate import peers_table

    print(f"version {version}\n\n{report.text}")
    for name, figures in peers.items():
        print(f"### Peers: {name}\n\n{peers_table(figures)}\n")
    if path is not None:
        content = {"version": version, "fenban": report.metrics, "peers": peers}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0
