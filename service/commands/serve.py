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
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serves until it is stopped; where there is no account yet, prints the link that makes the first one."""
    import uvicorn

    from service.app import create_app

    settings = read_settings(host=options.host, port=options.port, models=options.models)
    app = create_app(settings)
    token = set_up_token(settings)
    if token:
        # Behind the #, where neither proxy nor log sees it.
        link = f"http://{settings.host}:{settings.port}/setup#token={token}"
        print(f"尚无账号。请在 72 小时内打开此链接设置第一个账号（只能用一次）：\n  {link}", flush=True)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="info", access_log=False)
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
