"""An upload lies under a random name of its own; a job's result tells the file and row it belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """To this revision. No job was run before it, so the table of results is made anew."""
    op.add_column("uploads", sa.Column("file", sa.String(length=64), nullable=False, server_default=""))
    op.drop_table("job_results")
    op.create_table(
        "job_results",
        sa.Column("job_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["job_key"], ["jobs.key"], name=op.f("fk_job_results_job_key")),
        sa.PrimaryKeyConstraint("job_key", "number", name=op.f("pk_job_results")),
    )
