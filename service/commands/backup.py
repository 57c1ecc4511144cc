"""fenban backup and fenban restore."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from service.commands.store import read_settings


def add_parser(subparsers: Any) -> None:
    """Adds both commands to the parser."""
    parser = subparsers.add_parser("backup", help="write database, uploads, results and models into one file")
    parser.add_argument("--out", required=True, type=Path, help="tar file that does not exist yet")
    parser.set_defaults(run=run_backup)
    parser = subparsers.add_parser("restore", help="put a backup in the place of what there is")
    parser.add_argument("backup", type=Path, help="file that fenban backup wrote")
    parser.add_argument("--force", action="store_true", help="although there is a database, or the chain is broken")
    parser.set_defaults(run=run_restore)


def run_backup(options: argparse.Namespace) -> int:
    """Writes a backup; the service may go on meanwhile."""
    from service.backup import backup, place_of

    settings = read_settings()
    manifest = backup(settings, options.out)
    holds = f"{len(manifest.files)} files, {manifest.audit_entries} audit entries"
    print(f"fenban: {holds} of {place_of(settings)}: {options.out}", file=sys.stderr)
    if manifest.audit_broken is not None:
        print(f"fenban: the audit chain is broken at entry {manifest.audit_broken}", file=sys.stderr)
    return 0 if manifest.audit_broken is None else 1


def run_restore(options: argparse.Namespace) -> int:
    """Restores a backup; the service and its workers must be stopped."""
    from service.backup import place_of, restore

    settings = read_settings()
    manifest = restore(settings, options.backup, force=options.force)
    print(f"fenban: restored as of {manifest.made_at}: {place_of(settings)}", file=sys.stderr)
    return 0
