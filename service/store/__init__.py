"""What the service keeps: one schema for SQLite and PostgreSQL, and the functions that read and write it."""
