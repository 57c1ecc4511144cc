"""What waits to be linked, and the shared index of repeats, which only PostgreSQL fills.

Neither is filled here: whoever opens the index puts into the queue what the index does not hold.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """To this revision."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "link_tasks",
        sa.Column("petition_key", key, nullable=False),
        sa.ForeignKeyConstraint(["petition_key"], ["petitions.key"], name=op.f("fk_link_tasks_petition_key")),
        sa.PrimaryKeyConstraint("petition_key", name=op.f("pk_link_tasks")),
    )
    op.create_table(
        "repeat_about",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=300), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_repeat_about")),
    )
    op.create_table(
        "repeat_rarity",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("documents", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_repeat_rarity")),
    )
    op.create_table(
        "repeat_letters",
        sa.Column("petition_key", key, autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("petition_key", name=op.f("pk_repeat_letters")),
    )
    op.create_index("ix_repeat_letters_epoch", "repeat_letters", ["epoch"])
    op.create_table(
        "repeat_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("petition_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "petition_key", name=op.f("pk_repeat_keys")),
    )
    op.create_index("ix_repeat_keys_petition_key", "repeat_keys", ["petition_key"])
