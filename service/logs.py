"""Logs as JSON, one object a line: what happened, when, in which request. Never a word of a petition.

An exception is told by its type and place, a library's message by its place alone: their words may quote what they
stumbled over.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered."""
FIELDS = ("method", "route", "status", "milliseconds")
SPEAKING = ("fenban", "uvicorn", "alembic")
"""Loggers whose messages are known not to quote anything."""
FRAMES = 12
log = logging.getLogger("fenban")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        speaks = record.name.split(".")[0] in SPEAKING
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if speaks else f"said at {record.pathname}:{record.lineno}",
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            frames = traceback.extract_tb(record.exc_info[2])[-FRAMES:]
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


def log_as_json() -> None:
    """All logs, warnings and uncaught errors of this process to standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda given: _uncaught(given.exc_type, given.exc_value, given.exc_traceback)
    # It tells of every look at the schema.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # The lines of its access log have the query string, where the words of a search stand; ours have the route.
    logging.getLogger("uvicorn.access").disabled = True


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    log.critical("ended by an error that nobody foresaw", exc_info=(kind, error or kind(), trace))
