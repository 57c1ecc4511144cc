"""Letters to try the program with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from service.access import Admin, OfficeOf, StoreOf
from service.api.common import refusals
from service.bulk import Importer
from service.demo import add_demo

router = APIRouter(prefix="/v1", tags=["demo"])


class DemoAdded(BaseModel):
    """How many letters were added; those that are in the queue already are not added again."""

    added: Annotated[int, Field(ge=0)]


@router.post("/demo", status_code=201, responses=refusals(409))
def add_demo_letters(request: Request, caller: Admin, store: StoreOf, office: OfficeOf) -> DemoAdded:
    """Puts forty letters of an invented county into the queue, for trying the program."""
    state = request.app.state
    unit = caller.units[0] if caller.units else None
    share = state.settings.blind_share
    importer = Importer(store, office, state.models.suggester, share, caller.actor, unit, caller.key)
    return DemoAdded(added=add_demo(importer))
