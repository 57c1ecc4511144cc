"""fenban serve: the HTTP service and its page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.commands.store import opened_store, read_settings

if TYPE_CHECKING:
    from service.settings import Settings


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("serve", help="run the service and its page")
    parser.add_argument("--host", help="address to listen on (FENBAN_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on, 1 to 65535 (FENBAN_PORT)")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models (FENBAN_MODELS)")
    parser.add_argument("--worker", action="store_true", help="run a worker for the service's jobs beside it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serves until it is stopped; where there is no account yet, prints the link that makes the first one."""
    from contextlib import ExitStack

    from service.app import create_app
    from service.attendant import worker_beside
    from service.logs import log_as_json
    from service.server import run_server

    settings = read_settings(host=options.host, port=options.port, models=options.models)
    app = create_app(settings)
    token = set_up_token(settings)
    if token:
        # Behind the #, where neither proxy nor log sees it.
        link = f"http://{settings.host}:{settings.port}/setup#token={token}"
        print(f"尚无账号。请在 72 小时内打开此链接设置第一个账号（只能用一次）：\n  {link}", flush=True)
    log_as_json()
    with ExitStack() as beside:
        if options.worker:
            beside.enter_context(worker_beside(["--models", str(settings.models)] if settings.models else []))
        run_server(app, settings)
    return 0


def set_up_token(settings: Settings) -> str | None:
    """A new one-time token for the first account, or None where there is one; earlier tokens end."""
    from service.store.accounts import any_account, invite
    from service.store.audit import COMMAND_LINE, audited

    with opened_store(settings) as store:
        with store.read() as session:
            if any_account(session):
                return None
        with audited(store, COMMAND_LINE) as work:
            return invite(work, None)
