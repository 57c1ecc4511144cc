"""Petitions, what was suggested for them, what was decided, and the matters they belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base, BigKey, now

OPEN, DECIDED, LEFT_OPEN = "open", "decided", "left_open"
STATUSES = (OPEN, DECIDED, LEFT_OPEN)


class PetitionRow(Base):
    """What lists and filters need of a petition. Narrow: its words stand in `petition_texts`.

    kind … priority are what holds now: the last decision, or the suggestion as long as there is none.
    """

    __tablename__ = "petitions"
    __table_args__ = (
        UniqueConstraint("source", "source_row"),
        Index("ix_petitions_queue", "status", "priority", "key"),
        Index("ix_petitions_order", "priority", "key"),
    )

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[str] = mapped_column(String(200), index=True, default="")
    received: Mapped[str] = mapped_column(String(200), default="")
    received_on: Mapped[str | None] = mapped_column(String(10), index=True)
    """The day of `received`, ISO, where it could be read."""
    channel: Mapped[str] = mapped_column(String(200), default="")
    signed: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether the petitioner gave a name (署名)."""
    confidential: Mapped[bool] = mapped_column(Boolean, default=False)
    blind: Mapped[bool] = mapped_column(Boolean, default=False)
    """Shown without suggestions, so that agreement is measured honestly."""
    status: Mapped[str] = mapped_column(String(20), default=OPEN)
    version: Mapped[int] = mapped_column(default=0)
    """How many decisions there are; a decision names the version it was made on."""
    kind: Mapped[str | None] = mapped_column(String(40))
    content: Mapped[str | None] = mapped_column(String(300), index=True)
    primary: Mapped[str | None] = mapped_column(String(20), index=True)
    subject_unit: Mapped[str | None] = mapped_column(String(40), index=True)
    handling_unit: Mapped[str | None] = mapped_column(String(40), index=True)
    intake_unit: Mapped[str | None] = mapped_column(String(40), index=True)
    """The unit that took the letter in; it sees the letter even where nobody yet knows whom it concerns."""
    priority: Mapped[int] = mapped_column(SmallInteger, default=1)
    """0 urgent, 1 ordinary: the queue's order, so that one index gives it."""
    decision_key: Mapped[int | None] = mapped_column(BigKey, index=True)
    """The decision that stands; none where there is none or it was undone."""
    decided_by: Mapped[int | None] = mapped_column(index=True)
    """Who decided or undid last."""
    matter_key: Mapped[int | None] = mapped_column(ForeignKey("matters.key"), index=True)
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.key"))
    claimed_until: Mapped[datetime | None]
    source: Mapped[str | None] = mapped_column(String(80))
    """The file, and the part of it, that it was imported from (`service.store.imports`); with `source_row` it keeps an
    import from doubling."""
    source_row: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.key"))


class PetitionText(Base):
    """The words of a petition and who wrote it; read only by those who handle it, and every reading is audited."""

    __tablename__ = "petition_texts"

    petition_key: Mapped[int] = mapped_column(ForeignKey("petitions.key"), primary_key=True)
    title: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    petitioner: Mapped[str] = mapped_column(String(1_000), default="")
    phone: Mapped[str] = mapped_column(String(200), default="")
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PetitionReader(Base):
    """Who may see a confidential petition."""

    __tablename__ = "petition_readers"

    petition_key: Mapped[int] = mapped_column(ForeignKey("petitions.key"), primary_key=True)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"), primary_key=True)


class SuggestionRow(Base):
    """Suggestions as they were shown (append-only); the latest one of a petition holds."""

    __tablename__ = "suggestions"

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    petition_key: Mapped[int] = mapped_column(ForeignKey("petitions.key"), index=True)
    model_version: Mapped[str] = mapped_column(String(300))
    body: Mapped[dict[str, Any]]
    """The object of `fenban tag`."""
    withheld: Mapped[bool] = mapped_column(Boolean, default=False)
    """Not shown before the decision: a blind petition."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class DecisionRow(Base):
    """What a clerk decided (append-only). A row holds the whole state that it leads to; undo is a further row."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("petition_key", "version"),)

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    petition_key: Mapped[int] = mapped_column(ForeignKey("petitions.key"))
    version: Mapped[int]
    """1 for the first decision on a petition; two clerks cannot both write the same one."""
    action: Mapped[str] = mapped_column(String(20))
    """accept, change, leave_open or undo."""
    status: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str | None] = mapped_column(String(40))
    content: Mapped[str | None] = mapped_column(String(300))
    discipline: Mapped[list[str]] = mapped_column(default=list)
    primary: Mapped[str | None] = mapped_column(String(20))
    subject_unit: Mapped[str | None] = mapped_column(String(40))
    handling_unit: Mapped[str | None] = mapped_column(String(40))
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decisions.key"))
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"), index=True)
    suggestion_key: Mapped[int | None] = mapped_column(ForeignKey("suggestions.key"))
    model_version: Mapped[str | None] = mapped_column(String(300))
    blind: Mapped[bool] = mapped_column(Boolean, default=False)
    agreed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Field → whether the suggestion said the same; a field that was not suggested is missing."""
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class MatterRow(Base):
    """A matter; its petitions point to it."""

    __tablename__ = "matters"

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class MatterChange(Base):
    """A merge, split or undo by a clerk (append-only)."""

    __tablename__ = "matter_changes"

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    action: Mapped[str] = mapped_column(String(20))
    moves: Mapped[list[Any]]
    """[petition key, matter key before or null, matter key after or null] for every petition that moved."""
    undoes: Mapped[int | None] = mapped_column(ForeignKey("matter_changes.key"), unique=True)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class LinkRow(Base):
    """Two petitions that the program holds for one matter (append-only); `first_key` is the earlier one."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("first_key", "second_key", "model_version"),)

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    first_key: Mapped[int] = mapped_column(ForeignKey("petitions.key"))
    second_key: Mapped[int] = mapped_column(ForeignKey("petitions.key"), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    """copy, repeat, joint or recurred."""
    score: Mapped[float] = mapped_column(Float)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    model_version: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class HeldBack(Base):
    """How many petitions Art. 15 kept out, by month, rule and who saw it. Nothing else is kept of them."""

    __tablename__ = "held_back"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    rule: Mapped[str] = mapped_column(String(20), primary_key=True)
    """level_above or own_head."""
    seen_by: Mapped[str] = mapped_column(String(20), primary_key=True)
    """clerk or program."""
    count: Mapped[int] = mapped_column(default=0)
