"""fenban worker: does the jobs that the service takes in; one or several, on this machine or others."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from corpus.errors import FenbanError
from service.commands.store import opened_store, read_settings


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser = subparsers.add_parser("worker", help="do the jobs of the service")
    parser.add_argument("--models", type=Path, help="version folder that replaces shipped models (FENBAN_MODELS)")
    parser.add_argument("--parent", type=int, help="end when this process, which started it, has ended")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Works until SIGTERM or SIGINT; the job under way is then given back."""
    import signal
    import threading

    from service.jobs.worker import Workshop, run_worker
    from service.loaded import LoadedModels
    from service.logs import log_as_json
    from service.office import load_office

    settings = read_settings(models=options.models)
    log_as_json()
    models = LoadedModels(settings.models, settings.data / "models", settings.county)
    models.load()
    if models.suggester is None:
        raise FenbanError(f"the worker cannot start: {models.fault}")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with opened_store(settings) as store:
        run_worker(Workshop(store, settings, models, load_office(settings), stop), options.parent)
    return 0
