"""fenban models: what versions are made of, and which one is in use."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.commands.store import opened_store, read_settings

if TYPE_CHECKING:
    from models.store import Version


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("models", help="show model versions")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("list", help="the shipped version, or those of the given folders, with their parts")
    show.add_argument("folders", nargs="*", type=Path, help="version folders")
    show.set_defaults(run=run)
    add = actions.add_parser("add", help="put a folder of fenban train beside the service's other versions")
    add.add_argument("folder", type=Path, help="version folder")
    add.add_argument("--name", required=True, help="name of the version: letters, digits, . _ -")
    add.set_defaults(run=run_add)
    promote = actions.add_parser("promote", help="put a version into use; a running service reads it by itself")
    promote.add_argument("name")
    promote.set_defaults(run=run_promote)
    rollback = actions.add_parser("rollback", help="put the version before into use again")
    rollback.set_defaults(run=run_rollback)


def run(options: argparse.Namespace) -> int:
    """Prints a line for every part of every version, and the names of the service's own versions."""
    from corpus.errors import ModelError
    from models.store import SHIPPED, open_version
    from models.versions import current, list_versions

    failed = False
    for folder in options.folders or [SHIPPED]:
        try:
            for line in _lines(open_version(folder)):
                print(line)
        except ModelError as error:
            failed = True
            print(f"fenban: {error}", file=sys.stderr)
    if not options.folders:
        versions = read_settings().data / "models"
        used = current(versions)
        for name in list_versions(versions):
            print(f"{name}{'  in use' if name == used else ''}")
    return int(failed)


def run_add(options: argparse.Namespace) -> int:
    """Copies a version folder into the data folder."""
    from models.versions import add_version

    print(f"fenban: {add_version(read_settings().data / 'models', options.name, options.folder)}", file=sys.stderr)
    return 0


def run_promote(options: argparse.Namespace) -> int:
    """Puts a version into use."""
    from models.versions import promote

    return _move("models.promote", lambda versions: promote(versions, options.name))


def run_rollback(_options: argparse.Namespace) -> int:
    """Puts the version before into use again."""
    from models.versions import rollback

    return _move("models.rollback", rollback)


def _move(action: str, move: Callable[[Path], object]) -> int:
    from models.versions import current
    from service.store.audit import COMMAND_LINE, audited

    settings = read_settings()
    versions = settings.data / "models"
    with opened_store(settings) as store, audited(store, COMMAND_LINE) as work:
        move(versions)
        used = current(versions)
        work.audit(action, "models", current=used)
    print(f"in use: {used or 'the shipped models'}")
    return 0


def _lines(version: Version) -> Iterator[str]:
    for name, about in version.parts.items():
        arrays = version.arrays(name)
        size = sum(array.nbytes for array in arrays.values()) / 1e6
        yield f"{name}  trained {about['trained']}  {len(about['labels'])} labels  {size:.1f} MB"
