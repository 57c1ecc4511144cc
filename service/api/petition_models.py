"""Petitions as the interface takes and shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from corpus.records import Petition
from service.access import Caller
from service.api.common import Body, Clean, Flag, Key, Short
from service.masking import masked_text
from service.store.account_tables import AccountRow
from service.store.petition_tables import PetitionRow, PetitionText

Status = Literal["open", "decided", "left_open"]
OPENING = 40
"""Characters that a list shows of a petition without a title."""


class PetitionNew(Body):
    """A petition to take in.

    `reserved` is what the clerk says about Art. 15: a rule's name where the petition is about the level above or the
    office's own head, `no` after having looked, left out to let the program look. `unit` is the unit that took it in.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "2025-0017",
                "received": "2025-03-02",
                "channel": "letter",
                "petitioner": "赵建国",
                "phone": "13900000000",
                "title": "村会计代领补贴",
                "text": "我是双桥镇高峰村村民。去年的种粮补贴被村会计代领了，至今没有给我。",
                "unit": "T03",
            }
        }
    )

    text: Annotated[Clean, Field(min_length=1)]
    id: Short = ""
    received: Short = ""
    channel: Short = ""
    petitioner: Annotated[Clean, Field(max_length=1_000, repr=False)] = ""
    phone: Annotated[Clean, Field(max_length=200, repr=False)] = ""
    title: Annotated[Clean, Field(max_length=2_000)] = ""
    unit: Annotated[str, Field(max_length=40)] | None = None
    confidential: Flag = False
    readers: list[Key] = Field(default_factory=list, max_length=50, description="who may see a confidential one")
    reserved: Literal["level_above", "own_head", "no"] | None = None

    @field_validator("text")
    @classmethod
    def _some_text(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the petition has no text")
        return value

    def to_petition(self) -> Petition:
        """As the other parts know it."""
        names = ("text", "id", "received", "channel", "petitioner", "phone", "title")
        return Petition(**{name: getattr(self, name) for name in names})


class Holder(BaseModel):
    """Who has a petition open, and until when it is kept for them."""

    key: Key
    display_name: str
    until: datetime


class PetitionLine(BaseModel):
    """A petition in a list; the title, or the opening words where there is none, is masked.

    kind … urgent are what holds now.
    """

    key: Key
    id: str
    received: str
    channel: str
    title: str
    opening: str
    signed: bool
    confidential: bool
    blind: bool
    status: str
    version: int
    kind: str | None
    content: str | None
    primary: str | None
    subject_unit: str | None
    handling_unit: str | None
    intake_unit: str | None
    urgent: bool
    matter: int | None
    holder: Holder | None
    created_at: datetime


class PetitionPage(BaseModel):
    """A page of petitions."""

    petitions: list[PetitionLine]
    next: str | None


class Counts(BaseModel):
    """How many petitions the filters let through; `urgent` counts among the open ones."""

    open: int
    decided: int
    left_open: int
    urgent: int


class TakenIn(BaseModel):
    """A petition that was stored."""

    stored: Literal[True] = True
    petition: PetitionLine
    suggestion: dict[str, Any] | None


class HeldBackOut(BaseModel):
    """A petition that Art. 15 keeps out: nothing of it was stored. It goes there, by that day at the latest.

    `by` is null where the rule gives no term: it goes at once.
    `what_to_do` is told to clerks. A program sends the petition again with `reserved: no` after somebody has looked.
    """

    stored: Literal[False] = False
    rule: str
    seen_by: str
    goes_to: str
    by: date | None
    what_to_do: str


class DecisionOut(BaseModel):
    """A decision; the list of them is the petition's history."""

    key: Key
    version: int
    action: str
    status: str
    kind: str | None
    content: str | None
    discipline: list[str]
    primary: str | None
    subject_unit: str | None
    handling_unit: str | None
    urgent: bool
    note: str
    undoes: int | None
    account: Key
    by: str
    created_at: datetime


class LinkOut(BaseModel):
    """Another petition that the program holds for the same matter."""

    petition: Key
    relation: str
    score: float
    evidence: list[Any]


class PetitionFull(PetitionLine):
    """One petition. `masked`: the caller does not handle petitions and sees no petitioner."""

    masked: bool
    text: str
    petitioner: str
    phone: str
    extra: dict[str, Any]
    suggestion: dict[str, Any] | None
    """As it was shown; null where there is none, or where it is withheld until the decision."""
    decisions: list[DecisionOut]
    links: list[LinkOut]
    readers: list[Key]


def line(row: PetitionRow, text: PetitionText, holder: AccountRow | None, names: Iterable[str] = ()) -> PetitionLine:
    """A petition in a list; a blind one shows nothing that was only suggested.

    Args:
        row: the petition.
        text: its words.
        holder: who has it open.
        names: names to mask in the title, beside the petitioner's.
    """
    suggested_only = row.blind and row.decision_key is None
    fields = ("kind", "content", "primary", "subject_unit", "handling_unit")
    shown = {name: None if suggested_only else getattr(row, name) for name in fields}
    return PetitionLine(
        key=row.key,
        id=row.id,
        received=row.received,
        channel=row.channel,
        title=masked_text(text.title, text.petitioner, text.phone, names),
        opening="" if text.title.strip() else _opening(text, names),
        signed=row.signed,
        confidential=row.confidential,
        blind=row.blind,
        status=row.status,
        version=row.version,
        **shown,
        intake_unit=row.intake_unit,
        urgent=row.priority == 0,
        matter=row.matter_key,
        holder=_holder(row, holder),
        created_at=row.created_at,
    )


def _opening(text: PetitionText, names: Iterable[str]) -> str:
    """The first words, masked before they are cut, so that no half of a name or number is left."""
    masked = masked_text(text.text[: 2 * OPENING], text.petitioner, text.phone, names)
    return " ".join(masked[:OPENING].split())


def _holder(row: PetitionRow, holder: AccountRow | None) -> Holder | None:
    if holder is None or row.claimed_until is None:
        return None
    return Holder(key=holder.key, display_name=holder.display_name, until=row.claimed_until)


def words(text: PetitionText, caller: Caller, names: Sequence[str] = ()) -> dict[str, Any]:
    """Title, text and petitioner as this caller may see them; `names` are masked beside the petitioner's."""
    if caller.reads_in_full:
        fields = ("title", "text", "petitioner", "phone", "extra")
        return {"masked": False, **{name: getattr(text, name) for name in fields}}
    title, body = (masked_text(one, text.petitioner, text.phone, names) for one in (text.title, text.text))
    return {"masked": True, "title": title, "text": body, "petitioner": "", "phone": "", "extra": {}}


def masked_suggestion(body: dict[str, Any], text: str) -> dict[str, Any]:
    """A suggestion for those who see the masked text: evidence is cut from that; people and places are left out."""
    facts = {**body["facts"], "people": [], "places": []}
    return {**_masked(body, text), "facts": facts}


def _masked(value: Any, text: str) -> Any:
    if isinstance(value, list):
        return [_masked(one, text) for one in value]
    if not isinstance(value, dict):
        return value
    masked = {name: _masked(one, text) for name, one in value.items()}
    if {"start", "end", "text"} <= value.keys():
        masked["text"] = text[value["start"] : value["end"]]
    return masked
