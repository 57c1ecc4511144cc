"""Versions of the models: listed, promoted, rolled back, read again. A person decides; the service goes on serving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from corpus.errors import ModelError
from models.versions import current, list_versions, promote, rollback
from service.access import Admin, Anyone
from service.api.common import Body, Write, WriteOf, refusals
from service.loaded import LoadedModels
from service.store.audit import Work
from service.store.errors import ConflictError

router = APIRouter(prefix="/v1/models", tags=["models"])


class VersionsOut(BaseModel):
    """The versions in the data folder, the one that the pointer names (null: the shipped models), what is loaded."""

    versions: list[str]
    current: str | None
    loaded: str | None
    fault: str


class VersionName(Body):
    """A version by its name."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "2025-03"}})

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


@router.get("", responses=refusals(409))
def versions(_caller: Anyone, request: Request) -> VersionsOut:
    """Versions of the models."""
    return _versions(request.app.state.models)


@router.post("/promote", response_model=VersionsOut, responses=refusals(409))
def promote_version(body: VersionName, _caller: Admin, request: Request, write: WriteOf) -> JSONResponse:
    """Puts a version into use; the service reads it before it answers."""
    return _move(request, write, "promote", lambda models: promote(models.versions, body.name))


@router.post("/rollback", response_model=VersionsOut, responses=refusals(409))
def rollback_version(_caller: Admin, request: Request, write: WriteOf) -> JSONResponse:
    """Puts the version before into use again."""
    return _move(request, write, "rollback", lambda models: rollback(models.versions))


@router.post("/reload", response_model=VersionsOut, responses=refusals(409))
def reload(_caller: Admin, request: Request, write: WriteOf) -> JSONResponse:
    """Reads the current version again."""
    return _move(request, write, "reload", lambda models: None)


def _move(request: Request, write: Write, action: str, move: Callable[[LoadedModels], object]) -> JSONResponse:
    models: LoadedModels = request.app.state.models
    if models.fixed is not None and action != "reload":
        raise ConflictError("models_fixed", "FENBAN_MODELS names the models; the pointer is not used")

    def act(work: Work) -> VersionsOut:
        try:
            move(models)
        except ModelError as error:
            raise ConflictError("version", str(error)) from error
        models.load()
        answer = _versions(models)
        work.audit(f"models.{action}", "models", current=answer.current)
        return answer

    return write.once(act)


def _versions(models: LoadedModels) -> VersionsOut:
    try:
        now_current = current(models.versions)
    except ModelError as error:
        raise ConflictError("pointer", str(error)) from error
    loaded = models.suggester.version if models.suggester else None
    return VersionsOut(versions=list_versions(models.versions), current=now_current, loaded=loaded, fault=models.fault)
