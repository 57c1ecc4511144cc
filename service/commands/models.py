"""fenban models: what the installed version is made of."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.store import Version


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("models", help="show model versions")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("list", help="the shipped version, or those of the given folders, with their parts")
    show.add_argument("folders", nargs="*", type=Path, help="version folders")
    show.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints a line for every part of every version."""
    from corpus.errors import ModelError
    from models.store import SHIPPED, open_version

    failed = False
    for folder in options.folders or [SHIPPED]:
        try:
            for line in _lines(open_version(folder)):
                print(line)
        except ModelError as error:
            failed = True
            print(f"fenban: {error}", file=sys.stderr)
    return int(failed)


def _lines(version: Version) -> Iterator[str]:
    for name, about in version.parts.items():
        arrays = version.arrays(name)
        size = sum(array.nbytes for array in arrays.values()) / 1e6
        yield f"{name}  trained {about['trained']}  {len(about['labels'])} labels  {size:.1f} MB"
