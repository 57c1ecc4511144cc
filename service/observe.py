"""Middleware: every request gets an id, a line in the log and a place in the figures, by its route's pattern."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import request_id
from service.metrics import Metrics

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNKNOWN = "unknown"
METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))
QUIET = ("/health/live", "/health/ready", "/metrics")
"""Asked every few seconds by machines; counted, not logged."""
log = logging.getLogger("fenban.access")


class Observe:
    """The outermost middleware. A caller's own X-Request-ID is taken over where it is a plain word."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers with the id in the header, then logs and counts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        own = given if SANE.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(own)
        status = 500
        start = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = own
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._note(scope, status, time.perf_counter() - start)
            request_id.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # Neither path nor query: they hold what a caller typed. An invented method would be a new series each time.
        route = str(getattr(scope.get("route"), "path", UNKNOWN))
        method = scope["method"] if scope["method"] in METHODS else UNKNOWN
        self.metrics.seconds.labels(method, route, str(status)).observe(seconds)
        if route not in QUIET:
            fields = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1_000, 1)}
            log.info("answered", extra=fields)
