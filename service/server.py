"""The web server: it finishes what it has begun when it is told to stop."""

from __future__ import annotations

import signal
from types import FrameType

import uvicorn
from fastapi import FastAPI

from service.settings import Settings

GRACE_SECONDS = 30


class Server(uvicorn.Server):
    """uvicorn's server, which also tells the application that it is to stop, so that open event streams end."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called for SIGTERM and SIGINT."""
        self._app.state.stopping = True
        super().handle_exit(sig, frame)


def run_server(app: FastAPI, settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; requests under way are answered first, for GRACE_SECONDS at most."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server raises the signal again when it has stopped; there is still a worker to be stopped then.
        signal.signal(number, lambda *_: None)
    Server(config, app).run()
