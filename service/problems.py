"""Errors as application/problem+json (RFC 9457). What a client sent is never repeated in them."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = logging.getLogger("fenban")


def problem(status: int, title: str, detail: str = "", errors: list[dict[str, str]] | None = None) -> JSONResponse:
    """A problem document."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Makes the application answer every error as a problem document."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Only the place and the kind of the fault: its "input" would carry petition text into logs and screens.
    errors = [{"field": ".".join(map(str, one["loc"])), "reason": str(one["msg"])} for one in error.errors()]
    return problem(422, "The request does not fit the contract", "See errors, and the schema at /docs.", errors)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def unexpected(method: str, path: str, error: Exception) -> JSONResponse:
    """The answer to an error that nobody foresaw."""
    # The message of an unforeseen error may quote the petition; its type and the route are enough to find it.
    log.error("%s %s failed: %s", method, path, type(error).__name__)
    return problem(500, "The service failed", "The failure is logged; the petitions of this request were not stored.")
