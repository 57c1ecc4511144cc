"""fenban audit: whether the audit chain is whole."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from corpus.errors import FenbanError
from service.commands.store import opened_store, read_settings


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("audit", help="check the audit chain")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help="walk the chain and tell the first broken entry")
    verify.add_argument("--known", default="", metavar="HASH", help="last hash noted earlier; shows a cut-off end")
    verify.set_defaults(run=run_verify)


def run_verify(options: argparse.Namespace) -> int:
    """Prints how many entries hold and the last hash; fails where the chain is broken or lacks the known hash."""
    from service.snapshots import check_there
    from service.store.audit import verify
    from service.store.engine import shown

    settings = read_settings()
    check_there(settings)
    print(f"fenban: database {shown(settings.database_url)}", file=sys.stderr)
    with opened_store(settings) as store, store.read() as session:
        result = verify(session, options.known)
    if result.broken is not None:
        raise FenbanError(f"audit: entry {result.broken} is broken or missing; {result.entries} entries before it hold")
    if not result.known:
        raise FenbanError(f"audit: the known hash is not in the chain of {result.entries} entries; its end was cut off")
    print(f"{result.entries} entries hold; last hash {result.last_hash}")
    return 0
