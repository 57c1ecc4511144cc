"""Errors as application/problem+json (RFC 9457). What a client sent is never repeated in them."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from service.store.errors import RefusedError, TooManyError

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "An error, RFC 9457. `code` names the refusal for programs; further members tell its facts.",
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "reason_zh": {"type": "string", "description": "why, for clerks, where the code alone does not say it"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "about:blank",
        "title": "The petition was decided meanwhile; read it again",
        "status": 409,
        "code": "decided",
        "version": 2,
        "by": "李明",
    },
}

CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
"""What the framework itself refuses, for programs; a body that is no JSON is a bad request."""
log = logging.getLogger("fenban")


def problem(
    status: int, code: str, title: str, detail: str = "", errors: list[dict[str, str]] | None = None, **members: Any
) -> JSONResponse:
    """A problem document; `code` names it for programs, `members` are added to it."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "code": code, **members}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Makes the application answer every error as a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(PoolTimeoutError, _database)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Only the place and the kind of the fault: its "input" would carry petition text into logs and screens.
    errors = [{"field": _field(one), "reason": str(one["msg"])} for one in error.errors()]
    return problem(
        422, "invalid", "The request does not fit the contract", "See errors, and the schema at /docs.", errors
    )


def _field(fault: dict[str, Any]) -> str:
    """Where a fault is; a field that the contract does not know is not named, its name is the client's word."""
    place = list(fault["loc"])
    if fault["type"] == "extra_forbidden":
        place[-1] = "(unknown field)"
    return ".".join(map(str, place))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, CODES.get(error.status_code, "bad_request"), str(error.detail))
    answer.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := allowed_methods(request)):
        answer.headers["Allow"] = ", ".join(methods)
    return answer


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)
    answer = problem(error.status, error.code, str(error), **error.facts)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyError):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


async def _database(request: Request, error: Exception) -> JSONResponse:
    # Its words may quote what was written; the kind of error is enough.
    kind = type(getattr(error, "orig", None) or error).__name__
    log.error("%s %s: database: %s", request.method, route_of(request.scope), kind)
    answer = problem(503, "database", "The database did not answer", "Nothing was written; try again in a moment.")
    answer.headers["Retry-After"] = "5"
    return answer


async def _unstorable(request: Request, error: Exception) -> JSONResponse:
    # It is the same however often it is sent: 503 would have it sent again and again.
    log.error("%s %s: database: %s", request.method, route_of(request.scope), type(error).__name__)
    told = "Nothing was written; a number or a character in it is of no kind that the database keeps."
    return problem(422, "unstorable", "The database cannot hold what was sent", told)


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The route's pattern; a path itself may hold what a caller typed."""
    return str(getattr(scope.get("route"), "path", "unknown route"))


def allowed_methods(request: Request) -> list[str]:
    """All methods of a path; the framework would name those of the first route alone."""
    routes = [route for route in request.app.state.resource_routes if route.path_regex.match(request.url.path)]
    return sorted({method for route in routes for method in route.methods})


def unexpected(method: str, route: str, error: Exception) -> JSONResponse:
    """The answer to an error that nobody foresaw."""
    # The message of an unforeseen error may quote the petition; its type and the route are enough to find it.
    log.error("%s %s failed: %s", method, route, type(error).__name__)
    told = "The failure is logged; the petitions of this request were not stored."
    return problem(500, "unexpected", "The service failed", told)
