"""The HTTP application: `create_app(settings)` gives one that tests and servers run alike."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from corpus.errors import FenbanError
from service import health, problems, suggestions
from service.api import (
    accounts,
    audit,
    decisions,
    demo,
    exports,
    findings,
    jobs,
    matters,
    models,
    petitions,
    reference,
    session,
    statistics,
)
from service.api.common import no_repeated_values
from service.limits import LimitBody, LimitRate, SecurityHeaders
from service.linking import Linker
from service.loaded import LoadedModels
from service.metrics import Metrics
from service.observe import Observe
from service.office import load_office
from service.pages import routes, slip
from service.pages.shell import PAGE, PageFiles
from service.settings import Settings
from service.store.engine import open_store

WATCH_SECONDS = 2.0
"""How often the service looks for a database that did not open, and whether a person has put other models into use."""
RESOURCES = (
    *(suggestions, session, accounts, petitions, decisions, matters),
    *(statistics, exports, reference, models, audit, jobs, findings, demo, health),
)
log = logging.getLogger("fenban")


def create_app(settings: Settings) -> FastAPI:
    """The application under these settings.

    Models and database are opened when it starts; without models it stays up, not ready, without a database it still
    gives suggestions.

    Raises:
        DataFileError: the office's own units or ranks break their rules.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.models.load()
        _open_store(app)
        watch = asyncio.create_task(_watch(app))
        yield
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        if app.state.linker is not None:
            await asyncio.to_thread(app.state.linker.stop)
        if app.state.store is not None:
            app.state.store.close()

    # FastAPIOffline serves the OpenAPI page from files of its own instead of a CDN.
    app: FastAPI = FastAPIOffline(
        title="fenban 分办",
        summary="Reads petitions, suggests, keeps what clerks decide.",
        version="1",
        lifespan=lifespan,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.office = load_office(settings)
    app.state.models = LoadedModels(settings.models, settings.data / "models", settings.county)
    app.state.store = None
    app.state.linker = None
    app.state.metrics = Metrics()
    app.state.stopping = False
    app.add_middleware(LimitBody, largest=settings.largest_body, uploads={jobs.PATH: settings.largest_upload})
    app.add_middleware(LimitRate, per_minute=settings.requests_per_minute, host=settings.host)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observe, metrics=app.state.metrics)
    problems.install(app)
    _add_routes(app)
    return app


def _add_routes(app: FastAPI) -> None:
    for resource in RESOURCES:
        app.include_router(resource.router, dependencies=[Depends(no_repeated_values)])
    for pages in (routes, slip):
        app.include_router(pages.router)
    app.state.resource_routes = [route for one in (*RESOURCES, routes, slip) for route in one.router.routes]
    app.mount("/page", PageFiles(directory=PAGE / "static"), name="page")
    described = app.openapi

    def with_problem() -> dict[str, Any]:
        schema = described()
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.SCHEMA
        return schema

    app.openapi = with_problem  # type: ignore[method-assign]


def _open_store(app: FastAPI) -> None:
    try:
        app.state.store = open_store(app.state.settings.database_url)
    except FenbanError as error:
        log.error("store not opened: %s", error)
        return
    settings = app.state.settings
    if settings.link_repeats:
        app.state.linker = Linker(app.state.store, settings.data, settings.models, settings.county)
        app.state.linker.start()


async def _watch(app: FastAPI) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        await asyncio.to_thread(app.state.models.load_if_moved)
        if app.state.store is None:
            # A database server may start after the service.
            await asyncio.to_thread(_open_store, app)
