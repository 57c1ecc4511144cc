"""The registry of units and the two schemes, for reading."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from service.access import Anyone, OfficeOf
from service.api.common import refusals

router = APIRouter(prefix="/v1", tags=["reference"])


class UnitEntry(BaseModel):
    """A unit of the registry."""

    code: str
    name: str
    kind: str
    parent: str | None
    aliases: list[str]
    remit: list[str]


class UnitList(BaseModel):
    """All units in the registry's order."""

    units: list[UnitEntry]


class CategoryEntry(BaseModel):
    """A node of a scheme."""

    code: str
    name: str
    parent: str | None
    level: int
    note: str


class SchemeOut(BaseModel):
    """A scheme in its file's order."""

    name: str
    categories: list[CategoryEntry]


@router.get("/units", responses=refusals())
def units(_caller: Anyone, office: OfficeOf) -> UnitList:
    """The registry of units."""
    return UnitList(
        units=[
            UnitEntry(
                code=unit.code,
                name=unit.name,
                kind=unit.kind,
                parent=unit.parent,
                aliases=list(unit.aliases),
                remit=list(unit.remit),
            )
            for unit in office.registry.units.values()
        ]
    )


@router.get("/schemes/{name}", responses=refusals())
def scheme(name: Literal["content", "discipline"], _caller: Anyone, office: OfficeOf) -> SchemeOut:
    """One of the schemes."""
    chosen = office.content if name == "content" else office.discipline
    names = CategoryEntry.model_fields
    entries = [CategoryEntry(**{name: getattr(one, name) for name in names}) for one in chosen.categories.values()]
    return SchemeOut(name=name, categories=entries)
