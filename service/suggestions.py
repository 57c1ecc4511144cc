"""POST /v1/suggestions: petitions in, the objects of `fenban tag` out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict, FailFast, Field, field_validator

from corpus.encoding import repair
from corpus.records import Petition
from models.suggester import Suggester
from service.access import suggestion_caller
from service.api.common import refusals
from service.loaded import loaded_suggester

router = APIRouter(prefix="/v1", tags=["suggestions"])


class PetitionIn(BaseModel):
    """One petition; only `text` is required, unknown fields are ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "2025-0017",
                "title": "路灯",
                "text": "我们小区门口的路灯坏了半个月，没人来修。",
            }
        }
    )

    text: str
    id: str = Field("", max_length=200)
    received: str = Field("", max_length=200)
    channel: str = Field("", max_length=200)
    petitioner: str = Field("", max_length=1_000, repr=False)
    phone: str = Field("", max_length=200, repr=False)
    title: str = Field("", max_length=2_000)

    @field_validator("*", mode="after")
    @classmethod
    def _valid_unicode(cls, value: str) -> str:
        return repair(value)[0]

    @field_validator("text", mode="after")
    @classmethod
    def _some_text(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the petition has no text")
        return value


class EvidenceOut(BaseModel):
    """Characters [start, end) of the text."""

    start: int
    end: int
    text: str


class LabelOut(BaseModel):
    """A category with its probability; `accepted` says whether that reaches the operating threshold."""

    label: str
    name: str
    score: float
    accepted: bool
    evidence: list[EvidenceOut]


class UnitOut(BaseModel):
    """A unit with the reason that a clerk reads."""

    code: str
    name: str
    score: float
    reason: str
    evidence: list[EvidenceOut]


class UrgencyOut(BaseModel):
    """Whether the letter cannot wait."""

    flag: bool
    evidence: list[EvidenceOut]


class FactsOut(BaseModel):
    """What the text names."""

    people: list[dict[str, Any]]
    amounts: list[dict[str, Any]]
    dates: list[dict[str, Any]]
    places: list[dict[str, Any]]


class SuggestionOut(BaseModel):
    """All that is proposed for one petition."""

    id: str
    kind: LabelOut | None
    content: list[LabelOut]
    discipline: list[LabelOut]
    primary: str | None
    subject_unit: UnitOut | None
    handling_unit: list[UnitOut]
    urgent: UrgencyOut
    facts: FactsOut
    version: str
    repeats: list[dict[str, Any]]


class SuggestionsIn(BaseModel):
    """The petitions to read."""

    petitions: Annotated[list[PetitionIn], Field(min_length=1), FailFast()]


class SuggestionsOut(BaseModel):
    """One object a petition, in the order of the request."""

    suggestions: list[SuggestionOut]


@router.post(
    "/suggestions",
    response_model=SuggestionsOut,
    responses=refusals(),
    dependencies=[Depends(suggestion_caller)],
)
def suggest(
    body: SuggestionsIn, request: Request, suggester: Annotated[Suggester, Depends(loaded_suggester)]
) -> dict[str, Any]:
    """Suggestions for every petition, and which of the others of the request it repeats. Nothing is stored.

    Stored petitions are not asked: who may see them is decided where they are read (`links` of a petition).
    """
    settings = request.app.state.settings
    if len(body.petitions) > settings.most_petitions:
        raise HTTPException(413, f"{settings.most_petitions} petitions a request at most")
    if any(len(petition.text) > settings.longest_text for petition in body.petitions):
        raise HTTPException(413, f"{settings.longest_text} characters a text at most")
    petitions = [Petition(**petition.model_dump()) for petition in body.petitions]
    request.app.state.metrics.suggestions.inc(len(petitions))
    repeats = request.app.state.models.repeats_among(petitions)
    found = zip(suggester.suggest_all(petitions), repeats, strict=True)
    return {"suggestions": [{**item.to_dict(), "repeats": others} for item, others in found]}
