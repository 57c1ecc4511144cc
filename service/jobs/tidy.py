"""Nothing is kept longer than needed: uploads until their job has ended, results for as long as the office says."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.engine import CursorResult

from service.settings import Settings
from service.store.base import now
from service.store.engine import Store
from service.store.job_tables import JobResult, UploadRow
from service.store.jobs import ended_uploads, stale_results

LEFT_OVER_SECONDS = 24 * 3600
"""Files that nobody claims after so long were left by a process that died."""
ROWS_A_TIME = 2_000


def result_file(settings: Settings, key: int, format: str) -> Path:
    """Where the result of a job lies."""
    return settings.results / f"{key}.{format}"


@contextmanager
def work_folder(settings: Settings, name: str) -> Iterator[Path]:
    """A folder for what is unpacked, gone at the end."""
    folder = settings.unpacked / name
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tidy(store: Store, settings: Settings) -> None:
    """Deletes uploads of jobs that have ended, results whose time is over or that were cancelled, and what was left."""
    with store.write() as session:
        for upload in ended_uploads(session):
            (settings.uploads / upload.file).unlink(missing_ok=True)
            upload.deleted_at = now()
    with store.read() as session:
        stale = stale_results(session, now() - timedelta(days=settings.keep_results_days))
    for key in stale:
        for path in settings.results.glob(f"{key}.*"):
            path.unlink(missing_ok=True)
        _delete_rows(store, key)
    _delete_left_over(store, settings, time.time() - LEFT_OVER_SECONDS)


def _delete_rows(store: Store, key: int) -> None:
    deleted = ROWS_A_TIME
    first = 0
    while deleted:
        first += ROWS_A_TIME
        # A few at a time: other writers come in between.
        with store.write() as session:
            found = session.execute(delete(JobResult).where(JobResult.job_key == key, JobResult.number <= first))
            assert isinstance(found, CursorResult)
            deleted = found.rowcount


def _delete_left_over(store: Store, settings: Settings, before: float) -> None:
    left = [*settings.unpacked.glob("*"), *settings.results.glob(".*")]
    with store.read() as session:
        waiting = set(session.scalars(select(UploadRow.file).where(UploadRow.deleted_at.is_(None))))
    left += [path for path in settings.uploads.glob("*") if path.name not in waiting]
    for path in left:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
