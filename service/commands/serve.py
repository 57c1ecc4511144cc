"""fenban serve: the HTTP service and its page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from corpus.errors import FenbanError


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("serve", help="run the service and its page")
    parser.add_argument("--host", help="address to listen on (FENBAN_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on, 1 to 65535 (FENBAN_PORT)")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models (FENBAN_MODELS)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serves until it is stopped."""
    import uvicorn
    from pydantic import ValidationError

    from service.app import create_app
    from service.settings import Settings

    given = {name: getattr(options, name) for name in ("host", "port", "models")}
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())
        raise FenbanError(f"settings (options or FENBAN_… in the environment): {faults}") from error
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="info", access_log=False)
    return 0
