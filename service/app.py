"""The HTTP application: `create_app(settings)` gives one that tests and servers run alike."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline

from corpus.errors import FenbanError
from models.suggester import Suggester
from service import problems, suggestions
from service.limits import LimitBody, SecurityHeaders
from service.settings import Settings
from service.store.engine import open_store

PAGE = Path(__file__).parent / "page"
log = logging.getLogger("fenban")


def create_app(settings: Settings) -> FastAPI:
    """The application under these settings. Models are loaded when it starts; without them it stays up, not ready."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.suggester = None
        app.state.fault = ""
        app.state.store = None
        try:
            app.state.suggester = Suggester.load(settings.models)
        except FenbanError as error:
            app.state.fault = str(error)
            log.error("models not loaded: %s", error)
        try:
            app.state.store = open_store(settings.database_url)
        except FenbanError as error:
            log.error("store not opened: %s", error)
        yield
        if app.state.store is not None:
            app.state.store.close()

    # FastAPIOffline serves the OpenAPI page from files of its own instead of a CDN.
    app: FastAPI = FastAPIOffline(
        title="fenban 分办",
        summary="Suggests categories for petitions.",
        version="1",
        lifespan=lifespan,
        redoc_url=None,
    )
    app.state.settings = settings
    app.add_middleware(LimitBody, largest=settings.largest_body)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    app.include_router(suggestions.router)
    app.add_api_route("/health/live", live, tags=["health"])
    app.add_api_route("/health/ready", ready, tags=["health"], responses={503: {"description": "no model is loaded"}})
    app.add_api_route("/", page, include_in_schema=False)
    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    return app


def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


def ready(request: Request) -> JSONResponse:
    """Whether suggestions can be made now; 503 with the reason where they cannot."""
    suggester = request.app.state.suggester
    if suggester is None:
        return JSONResponse({"status": "not ready", "reason": request.app.state.fault}, status_code=503)
    return JSONResponse({"status": "ready", "version": suggester.version})


def page() -> FileResponse:
    """The page where a letter is pasted."""
    return FileResponse(PAGE / "index.html")
