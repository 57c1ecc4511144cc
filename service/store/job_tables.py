"""Uploads and the jobs that work on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.base import Base, BigKey, now

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)


class UploadRow(Base):
    """A file that was uploaded; its bytes lie in the data folder under the random name `file`, never under its own."""

    __tablename__ = "uploads"

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    file: Mapped[str] = mapped_column(String(64), server_default="")
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigKey)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]
    """When its bytes were deleted: as soon as its job had ended."""


class JobRow(Base):
    """A piece of batch work. A worker holds it until `lease_until`; after that another may take it up again."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_state", "state", "lease_until", "key"),)

    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    """tag, findings or import."""
    state: Mapped[str] = mapped_column(String(20), default=QUEUED)
    account_key: Mapped[int] = mapped_column(ForeignKey("accounts.key"), index=True)
    upload_key: Mapped[int | None] = mapped_column(ForeignKey("uploads.key"))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    total: Mapped[int | None]
    """Rows to work on; null until they have been counted."""
    done: Mapped[int] = mapped_column(default=0)
    problems: Mapped[int] = mapped_column(default=0)
    """Rows among `done` that could not be read."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was taken up since its last progress."""
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    """Why it failed, without any text of a petition."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobResult(Base):
    """The result of one row of a job; its primary key is what keeps a row from being written twice."""

    __tablename__ = "job_results"

    job_key: Mapped[int] = mapped_column(ForeignKey("jobs.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Place in the upload, from 1."""
    file: Mapped[str] = mapped_column(Text)
    """The file's name as it was given, inside an archive the entry's."""
    sheet: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of a workbook that has several with rows; 0: of no such workbook."""
    row: Mapped[int]
    """As a person counts in that file or sheet."""
    problem: Mapped[str] = mapped_column(Text)
    """Why it was not read (no body), or what was repaired; not a word of the text."""
    body: Mapped[dict[str, Any] | None]
