"""fenban train: fits a part on labelled files and writes it into a version folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from corpus.errors import InputError


def add_parser(subparsers: Any) -> None:
    """Adds the command and its parts to the parser."""
    parser = subparsers.add_parser("train", help="train a part on labelled data")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    content = parts.add_parser("content", help="content classes; columns text (title), label, group")
    content.add_argument("--data", nargs="+", required=True, type=Path, help="labelled csv, xlsx, jsonl or parquet")
    content.add_argument("--source", default="given by the trainer", help="what the data is, for the model card")
    content.add_argument("--only-data", action="store_true", help="leave the written corpus out")
    content.set_defaults(run=run_content)
    problems = parts.add_parser("discipline", help="problems, kind and urgency; learns from the written corpus")
    problems.add_argument("--data", nargs="+", default=[], type=Path, help="own letters; columns text, label (codes)")
    problems.set_defaults(run=run_discipline)
    people = parts.add_parser("people", help="people and their roles; learns from the written corpus")
    people.add_argument(
        "--names", nargs="+", required=True, type=Path, help="sentences with names (JSON lines or tags)"
    )
    people.set_defaults(run=run_people)
    units = parts.add_parser("unit", help="unit router; columns text, unit (title, received, district, group)")
    units.add_argument("--data", nargs="+", required=True, type=Path, help="past decisions: csv, xlsx, jsonl, parquet")
    units.add_argument("--source", default="given by the trainer", help="what the data is, for the model card")
    units.set_defaults(run=run_unit)
    findings = parts.add_parser("findings", help="which sentences of a report are findings; from the written corpus")
    findings.add_argument("--models", type=Path, help="version folder whose other parts are measured with it")
    findings.set_defaults(run=run_findings)
    encoder = parts.add_parser("encoder", help="word vectors; learns from titles and texts, paraphrases, the corpus")
    encoder.add_argument("--data", nargs="+", default=[], type=Path, help="petitions with title and text")
    encoder.add_argument("--pairs", nargs="*", default=[], type=Path, help="two sentences and 1 or 0 a line, by tabs")
    encoder.set_defaults(run=run_encoder)
    encoder.add_argument("--out", required=True, type=Path, help="sentence-transformers folder to write")
    repeats = parts.add_parser("repeats", help="which petitions are about one matter; learns from the written corpus")
    repeats.add_argument(
        "--data",
        nargs="*",
        default=[],
        type=Path,
        help="own letters; column matter (none: guessed)",
    )
    repeats.set_defaults(run=run_repeats)
    for part in (content, problems, people, units, findings, repeats):
        part.add_argument("--out", required=True, type=Path, help="version folder to write; other parts in it stay")


def run_content(options: argparse.Namespace) -> int:
    """Trains on nine tenths of the groups, measures on the last tenth, saves both model and figures."""
    from models.train import train_content_version
    from service.labelled import read_all

    _check_out(options.out)
    labelled = read_all(options.data)
    written = not options.only_data
    print(train_content_version(labelled, options.out, options.data, written=written, source=options.source))
    return _done(options.out)


def run_discipline(options: argparse.Namespace) -> int:
    """Trains on the written corpus and the given letters, measures on the corpus's test split, saves."""
    from models.train import train_discipline_version
    from service.labelled import read_problems

    _check_out(options.out)
    print(train_discipline_version(read_problems(options.data), options.out, options.data))
    return _done(options.out)


def run_repeats(options: argparse.Namespace) -> int:
    """Trains on the repeat families of the written corpus, measures on the corpus's test split, saves."""
    from models.pairs import file_petitions
    from models.repeat_version import train_repeats_version
    from models.train_repeats import MATTER
    from models.weak_matters import weak_matters

    _check_out(options.out)
    own = list(file_petitions(options.data))
    if not any(MATTER in petition.extra for petition in own):
        own = weak_matters(own) if own else []
    print(train_repeats_version(options.out, own, options.data))
    return _done(options.out)


def run_people(options: argparse.Namespace) -> int:
    """Trains on the written corpus with what files of names tell of characters, measures on the test split, saves."""
    from models.train import train_people_version

    _check_out(options.out)
    print(train_people_version(options.names, options.out))
    return _done(options.out)


def run_unit(options: argparse.Namespace) -> int:
    """Trains the router on past decisions, measures it on the last fifth of them by date, saves it."""
    from models.router_version import train_router_version
    from service.labelled import read_past_decisions

    _check_out(options.out)
    print(train_router_version(read_past_decisions(options.data), options.out, options.data, options.source))
    return _done(options.out)


def run_findings(options: argparse.Namespace) -> int:
    """Trains on the reports of the written corpus, measures on its test split, saves."""
    from models.train import train_findings_version

    _check_out(options.out)
    print(train_findings_version(options.out, options.models))
    return _done(options.out)


def run_encoder(options: argparse.Namespace) -> int:
    """Trains the encoder and saves it as a sentence-transformers folder."""
    from corpus.written import written_petitions, written_repeats, written_statements
    from models import pairs
    from models.train import TRAINING_SPLITS
    from models.train_encoder import train_encoder

    _check_out(options.out)
    letters = [row for row in (*written_petitions(), *written_repeats()) if row.split in TRAINING_SPLITS]
    found = [
        *pairs.title_pairs(pairs.file_petitions(options.data)),
        *pairs.title_pairs(row.petition for row in letters),
        *(pair for path in options.pairs for pair in pairs.paraphrase_pairs(path)),
        *pairs.matter_pairs([row for row in letters if row.gold.matter]),
        *pairs.statement_pairs(written_statements()),
    ]
    print(train_encoder(found, options.out))
    return _done(options.out)


def _check_out(folder: Path) -> None:
    """Tells before the training that its result could not be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(folder, f"cannot be a folder to write into ({error.strerror})") from error


def _done(folder: Path) -> int:
    print(f"fenban: written: {folder}", file=sys.stderr)
    return 0
