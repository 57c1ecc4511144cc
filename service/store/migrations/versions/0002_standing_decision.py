"""A petition points to the decision that stands and to who decided last; lists without a status have an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """To this revision."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("petitions", sa.Column("decision_key", key))
    op.add_column("petitions", sa.Column("decided_by", sa.Integer()))
    op.create_index("ix_petitions_order", "petitions", ["priority", "key"])
    op.create_index("ix_petitions_decision_key", "petitions", ["decision_key"])
    op.create_index("ix_petitions_decided_by", "petitions", ["decided_by"])
