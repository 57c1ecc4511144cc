"""Agreement between suggestions and decisions, and how many petitions Art. 15 kept out."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from service.access import Analyst, StoreOf
from service.api.common import refusals
from service.store.held import held_back_counts
from service.store.statistics import agreement_by

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])


class AgreementOut(BaseModel):
    """One group. Per field: how many decisions had a suggestion, and how many of these agreed with it.

    `blind` ones were decided without sight of the suggestion: only they measure it honestly.
    """

    group: str
    blind: bool
    decisions: int
    suggested: dict[str, int]
    agreed: dict[str, int]


class AgreementTable(BaseModel):
    """All groups."""

    by: str
    groups: list[AgreementOut]


class HeldBackCount(BaseModel):
    """How many petitions were kept out in a month, by rule, and whether clerk or program saw it."""

    month: str
    rule: str
    seen_by: str
    count: int


class HeldBackTable(BaseModel):
    """All months."""

    counts: list[HeldBackCount]


@router.get("/agreement", responses=refusals())
def agreement(
    _caller: Analyst, store: StoreOf, by: Literal["category", "unit", "clerk", "version"] = "category"
) -> AgreementTable:
    """How often clerks decide as was suggested, over all decisions that stand."""
    with store.read() as session:
        groups = agreement_by(session, by)
    names = AgreementOut.model_fields
    return AgreementTable(
        by=by, groups=[AgreementOut(**{name: getattr(one, name) for name in names}) for one in groups]
    )


@router.get("/held-back", responses=refusals())
def held_back(_caller: Analyst, store: StoreOf) -> HeldBackTable:
    """How many petitions Art. 15 kept out."""
    with store.read() as session:
        rows = held_back_counts(session)
    names = HeldBackCount.model_fields
    return HeldBackTable(counts=[HeldBackCount(**{name: getattr(row, name) for name in names}) for row in rows])
