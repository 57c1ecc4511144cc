"""fenban feedback: decisions as examples, and a candidate version that has learned from them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.commands.store import opened_store, read_settings

if TYPE_CHECKING:
    from models.feedback import FeedbackExample
    from service.settings import Settings


def add_parser(subparsers: Any) -> None:
    """Adds the command and its actions to the parser."""
    parser = subparsers.add_parser("feedback", help="learn from what clerks decided")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    export = actions.add_parser("export", help="decided petitions as a labelled table, without petitioner data")
    export.add_argument("--out", required=True, type=Path, help="csv, xlsx, jsonl or parquet")
    export.set_defaults(run=run_export)
    train = actions.add_parser("train", help="train a candidate with the decisions, keep and compare it")
    train.add_argument("--name", default=f"feedback-{date.today().isoformat()}", help="name of the candidate")
    train.set_defaults(run=run_train)


def run_export(options: argparse.Namespace) -> int:
    """Writes the examples; `label` is the content path, `group` joins a matter's petitions."""
    count = _write(_examples(read_settings(), "feedback.export"), options.out)
    print(f"fenban: {count} decided petitions: {options.out}", file=sys.stderr)
    return 0


def run_train(options: argparse.Namespace) -> int:
    """Trains the candidate, puts it beside the other versions, prints the comparison. Nobody uses it yet."""
    from models.feedback import comparison, train_candidate
    from models.suggester import Suggester
    from models.versions import add_version, current_folder

    settings = read_settings()
    versions = settings.data / "models"
    examples = _examples(settings, "feedback.train")
    with tempfile.TemporaryDirectory() as name:
        file, folder = Path(name) / "decisions.jsonl", Path(name) / "version"
        _write(examples, file)
        train_candidate(examples, folder, file)
        added = add_version(versions, options.name, folder)
    current = Suggester.load(settings.models or current_folder(versions), settings.county)
    print(comparison(current, Suggester.load(added, settings.county), examples))
    print(f"fenban: to use it: fenban models promote {options.name}", file=sys.stderr)
    return 0


def _examples(settings: Settings, action: str) -> list[FeedbackExample]:
    from corpus.errors import FenbanError
    from service.store.audit import COMMAND_LINE, audited
    from service.store.feedback import feedback_examples

    with opened_store(settings) as store, audited(store, COMMAND_LINE) as work:
        examples = list(feedback_examples(work.session))
        work.audit(action, "petitions", count=len(examples))
    if not examples:
        raise FenbanError("no petition is decided yet; there is nothing to learn from")
    return examples


def _write(examples: list[FeedbackExample], path: Path) -> int:
    from corpus.writers import write_rows

    return write_rows(
        path,
        (
            {
                "text": one.text,
                "label": one.content or "",
                "discipline": " ".join(one.discipline),
                "primary": one.primary or "",
                "kind": one.kind or "",
                "urgent": one.urgent,
                "group": one.group,
            }
            for one in examples
        ),
    )
