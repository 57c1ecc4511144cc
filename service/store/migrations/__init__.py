"""Migrations of the schema, run by Alembic from inside the program."""
