"""Whether the service lives, whether it can do its work, and its figures."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text

from service.access import Bearer, Cookie, identify
from service.api.common import refusals
from service.local import is_local
from service.metrics import CONTENT_TYPE, Metrics
from service.store.accounts import ADMIN
from service.store.engine import Store, newest_revision
from service.store.errors import ForbiddenError

router = APIRouter(tags=["health"])
LEAST_FREE_BYTES = 50_000_000
"""With less room than this the next upload or write may fail."""


class Readiness(BaseModel):
    """Every check with `ok` or the reason why not; `version` is that of the model.

    `repeats` is no reason not to be ready: letters are taken in and decided without links, and linked later.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ready",
                "version": "2026-07",
                "checks": {"model": "ok", "database": "ok", "disk": "ok", "repeats": "ok"},
                "reason": "",
            }
        }
    )

    status: str
    version: str | None
    checks: dict[str, str]
    reason: str


def metrics_caller(request: Request, credentials: Bearer, token: Cookie) -> None:
    """Lets callers on this machine see the figures; elsewhere it takes an administrator."""
    if is_local(request, request.app.state.settings.host):
        return
    if ADMIN not in identify(request, credentials, token).roles:
        raise ForbiddenError("role", f"This needs the role {ADMIN}")


@router.get("/health/live")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@router.get(
    "/health/ready",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "it cannot do its work now; `checks` says why"}},
)
def ready(request: Request) -> JSONResponse:
    """Whether suggestions can be made and decisions be kept now: each check does what it is about."""
    state = request.app.state
    suggester = state.models.suggester
    checks = {
        "model": "ok" if suggester is not None else state.models.fault or "not loaded yet",
        "database": database_fault(state.store) or "ok",
        "disk": disk_fault(state.settings.data) or "ok",
    }
    faults = [f"{name}: {fault}" for name, fault in checks.items() if fault != "ok"]
    checks["repeats"] = (state.linker.fault if state.linker is not None else "") or "ok"
    body: dict[str, Any] = {
        "status": "not ready" if faults else "ready",
        "version": None if suggester is None else suggester.version,
        "checks": checks,
        "reason": "; ".join(faults),
    }
    return JSONResponse(body, status_code=503 if faults else 200)


@router.get("/metrics", dependencies=[Depends(metrics_caller)], response_class=Response, responses=refusals())
def metrics(request: Request) -> Response:
    """Figures for Prometheus; open to callers on this machine, elsewhere for administrators."""
    figures: Metrics = request.app.state.metrics
    figures.ready.set(request.app.state.models.suggester is not None)
    return Response(figures.text(request.app.state.store), media_type=CONTENT_TYPE)


def database_fault(store: Store | None) -> str:
    """Why the database cannot be used; "" where it answers and has this program's schema."""
    if store is None:
        return "cannot be opened; the log says why"
    try:
        with store.engine.connect() as connection:
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            connection.execute(text("SELECT 1 FROM petitions LIMIT 1"))
    # Any driver's error means the same here, and its words may hold an address.
    except Exception as error:  # noqa: BLE001
        return f"does not answer ({type(getattr(error, 'orig', None) or error).__name__})"
    return (
        "" if revision == newest_revision() else "has the schema of another version of fenban; start the service anew"
    )


def disk_fault(folder: Path) -> str:
    """Why the data folder cannot be written to; "" where it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4_096)
            file.flush()
            os.fsync(file.fileno())
        free = os.statvfs(folder)
    except OSError as error:
        return f"the data folder cannot be written ({error.strerror})"
    return "" if free.f_bavail * free.f_frsize >= LEAST_FREE_BYTES else "less than 50 MB are free in the data folder"
