"""A job's result tells the sheet of its row: a workbook may have several."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """To this revision."""
    op.add_column("job_results", sa.Column("sheet", sa.Integer(), nullable=False, server_default="0"))
