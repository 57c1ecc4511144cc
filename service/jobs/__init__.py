"""Batch work: uploads, the reading of them, the worker that does it."""
