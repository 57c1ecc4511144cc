"""Run by Alembic: migrates over the connection that the program hands it."""

from __future__ import annotations

from alembic import context

from service.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite changes a table by copying it; triggers on it must be made anew by the revision that does so.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
