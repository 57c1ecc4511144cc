"""Jobs: put in the queue, claimed by one worker at a time, done in chunks, each written together with its progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from service.store.audit import SYSTEM, Work, audited
from service.store.base import now
from service.store.engine import Store
from service.store.errors import ConflictError, NotFoundError
from service.store.job_tables import CANCELLED, DONE, ENDED, FAILED, QUEUED, RUNNING, JobResult, JobRow, UploadRow

IMPORT = "import"
"""The kind of job that takes petitions into the store."""
MOST_ATTEMPTS = 5
"""So often a job is taken up again without progress; then a row of it is held to bring every worker down."""
BROUGHT_DOWN = "every worker that took it up died at the same place; see its last row, and the worker's log"


class JobLostError(Exception):
    """The job is no longer this worker's: cancelled, or its lease ran out and another took it up."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that lies in the uploads folder as `file`; `name` is what its sender called it."""

    name: str
    file: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row; `body` is None where it could not be read."""

    number: int
    file: str
    sheet: int
    row: int
    problem: str
    body: dict[str, Any] | None


@dataclass(slots=True)
class Hold:
    """A job in a worker's hands. `worker` is another one each time, so that an earlier holder cannot write any more."""

    key: int
    worker: str
    lease: timedelta
    done: int = 0
    attempts: int = 1


def add_job(work: Work, account_key: int, kind: str, options: dict[str, Any], upload: Upload) -> JobRow:
    """Puts a job in the queue."""
    stored = UploadRow(
        name=upload.name, file=upload.file, sha256=upload.sha256, size=upload.size, account_key=account_key
    )
    work.session.add(stored)
    work.session.flush()
    job = JobRow(kind=kind, account_key=account_key, upload_key=stored.key, options=options)
    work.session.add(job)
    work.session.flush()
    work.audit("job.create", f"job:{job.key}", kind=kind, size=upload.size, sha256=upload.sha256, **options)
    return job


def job_of(session: Session, key: int, account_key: int | None) -> tuple[JobRow, UploadRow]:
    """A job with its upload, of this account or (None) of any. Raises NotFoundError."""
    query = select(JobRow, UploadRow).join(UploadRow, UploadRow.key == JobRow.upload_key).where(JobRow.key == key)
    if account_key is not None:
        query = query.where(JobRow.account_key == account_key)
    found = session.execute(query).first()
    if found is None:
        raise NotFoundError("job")
    return found[0], found[1]


def list_jobs(
    session: Session, account_key: int | None, before: int | None, limit: int
) -> list[tuple[JobRow, UploadRow]]:
    """Jobs of an account, or (None) of all, the newest first."""
    query = select(JobRow, UploadRow).join(UploadRow, UploadRow.key == JobRow.upload_key)
    if account_key is not None:
        query = query.where(JobRow.account_key == account_key)
    if before is not None:
        query = query.where(JobRow.key < before)
    return [(job, upload) for job, upload in session.execute(query.order_by(JobRow.key.desc()).limit(limit))]


def problems_of(session: Session, key: int, after: int, limit: int) -> list[JobResult]:
    """Rows of a job that could not be read, or were read after a repair, in the upload's order."""
    query = select(JobResult).where(JobResult.job_key == key, JobResult.problem != "", JobResult.number > after)
    return list(session.scalars(query.order_by(JobResult.number).limit(limit)))


def cancel(work: Work, key: int) -> None:
    """Ends a job; its worker notices with the next chunk. Raises ConflictError where it has ended already."""
    changed = _changed(
        work.session,
        update(JobRow)
        .where(JobRow.key == key, JobRow.state.in_((QUEUED, RUNNING)))
        .values(state=CANCELLED, worker=None, lease_until=None, finished_at=now()),
    )
    if not changed:
        raise ConflictError("job_ended", "The job has ended already")
    work.audit("job.cancel", f"job:{key}")


def claimable(at: datetime) -> ColumnElement[bool]:
    """Jobs that a worker may take up: waiting, or left by a worker that no longer renews its lease."""
    return or_(JobRow.state == QUEUED, and_(JobRow.state == RUNNING, JobRow.lease_until < at))


def claim(store: Store, worker: str, lease: timedelta) -> Hold | None:
    """Takes up the oldest job that nobody holds; None where there is none.

    One UPDATE: SQLite does it under its write lock, PostgreSQL passes over what another claims at this moment.
    """
    at = now()
    with store.read() as session:
        if not session.scalar(select(exists().where(claimable(at)))):
            return None
    oldest = select(JobRow.key).where(claimable(at)).order_by(JobRow.key).limit(1).with_for_update(skip_locked=True)
    with store.write() as session:
        found = session.execute(
            update(JobRow)
            .where(JobRow.key == oldest.scalar_subquery())
            .values(
                state=RUNNING,
                worker=worker,
                lease_until=at + lease,
                attempts=JobRow.attempts + 1,
                started_at=func.coalesce(JobRow.started_at, at),
            )
            .returning(JobRow.key, JobRow.done, JobRow.attempts)
            .execution_options(synchronize_session=False)
        ).first()
    return Hold(found.key, worker, lease, found.done, found.attempts) if found else None


def renew(store: Store, hold: Hold) -> bool:
    """Renews the lease; False where the job is another's now, or was cancelled."""
    with store.write() as session:
        return _changed(session, _held(hold).values(lease_until=now() + hold.lease))


def set_total(store: Store, hold: Hold, total: int) -> None:
    """Notes how many rows there are. Raises JobLostError."""
    with store.write() as session:
        _keep(session, hold, total=total)


def write_chunk(work: Work, hold: Hold, outcomes: Sequence[Outcome]) -> None:
    """Writes results and progress in the transaction of `work`. Raises JobLostError; then nothing is written."""
    unread = sum(outcome.body is None for outcome in outcomes)
    _keep(
        work.session,
        hold,
        done=hold.done + len(outcomes),
        problems=JobRow.problems + unread,
        attempts=0,
        lease_until=now() + hold.lease,
    )
    fields = ("number", "file", "sheet", "row", "problem", "body")
    rows = [{"job_key": hold.key, **{name: getattr(one, name) for name in fields}} for one in outcomes]
    work.session.execute(insert(JobResult), rows)


def give_back(store: Store, hold: Hold, *, failed: bool) -> None:
    """Puts the job back in the queue, for the next worker to go on where this one stopped or failed."""
    attempts = hold.attempts if failed else 0
    with store.write() as session:
        _changed(session, _held(hold).values(state=QUEUED, worker=None, lease_until=None, attempts=attempts))


def finish(store: Store, hold: Hold, error: str = "") -> None:
    """Ends the job: done, or failed where an error is told. Raises JobLostError."""
    state = FAILED if error else DONE
    with audited(store, SYSTEM) as work:
        _keep(work.session, hold, state=state, error=error, worker=None, lease_until=None, finished_at=now())
        work.audit("job.end", f"job:{hold.key}", state=state)


def ended_uploads(session: Session) -> list[UploadRow]:
    """Uploads whose jobs have ended and whose bytes are still there."""
    query = select(UploadRow).join(JobRow, JobRow.upload_key == UploadRow.key)
    return list(session.scalars(query.where(JobRow.state.in_(ENDED), UploadRow.deleted_at.is_(None)).limit(100)))


def stale_results(session: Session, before: datetime) -> list[int]:
    """Jobs whose results are to be deleted: cancelled ones, and those that ended before that moment."""
    has_results = exists().where(JobResult.job_key == JobRow.key)
    old = or_(JobRow.state == CANCELLED, and_(JobRow.state.in_(ENDED), JobRow.finished_at < before))
    return list(session.scalars(select(JobRow.key).where(old, has_results).limit(100)))


def _held(hold: Hold) -> Any:
    return update(JobRow).where(JobRow.key == hold.key, JobRow.worker == hold.worker, JobRow.state == RUNNING)


def _keep(session: Session, hold: Hold, **values: Any) -> None:
    if not _changed(session, _held(hold).where(JobRow.done == hold.done).values(**values)):
        raise JobLostError


def _changed(session: Session, statement: Any) -> bool:
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount > 0
