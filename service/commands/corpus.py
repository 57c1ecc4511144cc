"""fenban corpus: checks and figures of the written corpus."""

from __future__ import annotations

import argparse
from typing import Any

from corpus.errors import FenbanError


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("corpus", help="check the written corpus, or print its figures")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="codes, spans, splits, counts and variety of the written corpus")
    check.set_defaults(run=run_check)
    figures = actions.add_parser("figures", help="the figures of the data sheet, as Markdown")
    figures.set_defaults(run=run_figures)


def run_check(_options: argparse.Namespace) -> int:
    """Prints every breach; fails where there is one."""
    from corpus.checks import check_corpus

    problems = check_corpus()
    if problems:
        raise FenbanError("the written corpus breaks its rules:\n" + "\n".join(problems))
    print("the written corpus is whole: codes, spans, splits, counts and variety")
    return 0


def run_figures(_options: argparse.Namespace) -> int:
    """Prints the figures."""
    from corpus.figures import corpus_figures

    print(corpus_figures())
    return 0
