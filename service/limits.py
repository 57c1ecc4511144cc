"""Middleware: the size of a request's body, how often a caller may call, and headers that keep a browser inside."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.local import is_local
from service.problems import problem, route_of, unexpected

TOO_LARGE = "The request is too large"
POLICY = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)


class LimitBody:
    """Refuses a request whose body is larger than `largest` bytes, whether or not it says so beforehand.

    The body of an upload is not held in memory: it is counted while the route writes it to disk.
    """

    def __init__(self, app: ASGIApp, largest: int, uploads: Mapping[str, int]) -> None:
        self.app = app
        self.largest = largest
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the body, counts it, and hands it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "POST" and scope["path"] in self.uploads:
            await self.app(scope, _counted(receive, self.uploads[scope["path"]]), send)
        else:
            await self._at_once(scope, receive, send)

    async def _at_once(self, scope: Scope, receive: Receive, send: Send) -> None:
        chunks: list[Message] = []
        size = 0
        while True:
            message = await receive()
            chunks.append(message)
            size += len(message.get("body", b""))
            if size > self.largest:
                await problem(413, "too_large", TOO_LARGE, f"{self.largest} bytes at most")(scope, receive, send)
                return
            if not message.get("more_body"):
                break

        async def replay() -> Message:
            return chunks.pop(0) if chunks else await receive()

        await self.app(scope, replay, send)


def _counted(receive: Receive, largest: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            raise HTTPException(413, f"{TOO_LARGE}: {largest} bytes at most")
        return message

    return counted


class LimitRate:
    """Refuses callers from elsewhere who call more than `per_minute` times a minute (0: no limit).

    Each process counts for itself; callers on this machine are not counted.
    """

    def __init__(self, app: ASGIApp, per_minute: int, host: str) -> None:
        self.app = app
        self.per_minute = per_minute
        self.host = host
        self.minute = 0
        self.calls: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts the call and hands it on."""
        if scope["type"] != "http" or not self.per_minute or is_local(Request(scope), self.host):
            await self.app(scope, receive, send)
            return
        minute, second = divmod(int(time.monotonic()), 60)
        if minute != self.minute:
            self.minute = minute
            self.calls.clear()
        address = (scope.get("client") or ("",))[0]
        self.calls[address] += 1
        if self.calls[address] > self.per_minute:
            answer = problem(429, "too_many", "Too many requests", f"{self.per_minute} a minute at most")
            answer.headers["Retry-After"] = str(60 - second)
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


class SecurityHeaders:
    """Content-Security-Policy and its companions on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers when the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = DOCS_POLICY if scope["path"].startswith("/docs") else POLICY

        started: list[bool] = []

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(True)
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        # The outermost place: whatever went wrong inside, only an answer may leave it, never the error's own words.
        except Exception as error:
            if started:
                raise
            await unexpected(scope["method"], route_of(scope), error)(scope, receive, send_with_headers)
