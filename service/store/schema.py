"""The whole schema: every table's module is imported here, so that `METADATA` is complete."""

from __future__ import annotations

from service.store import account_tables, job_tables, petition_tables, repeat_tables
from service.store.base import Base

METADATA = Base.metadata
APPEND_ONLY = ("audit", "decisions", "links", "matter_changes", "suggestions")
"""Tables whose rows are never changed or deleted; triggers of the migrations see to it."""

__all__ = ["APPEND_ONLY", "METADATA", "account_tables", "job_tables", "petition_tables", "repeat_tables"]
