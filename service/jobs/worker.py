"""The worker: claims a job, works through it chunk by chunk, writes its result, and looks for the next one."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError

from corpus.errors import FenbanError
from corpus.writers import write_rows
from service.jobs.kinds import KINDS, Chunk, Kind, Tools, result_rows
from service.jobs.reading import Item, sources
from service.jobs.tidy import result_file, tidy, work_folder
from service.loaded import LoadedModels
from service.office import Office
from service.settings import Settings
from service.store import jobs
from service.store.audit import audited
from service.store.engine import Store
from service.store.held import add_held_back
from service.store.imports import ImportedFile
from service.store.job_tables import CANCELLED, JobResult, JobRow, UploadRow
from service.store.jobs import Hold, JobLostError, Outcome
from service.store.petitions import add_petition

POLL_SECONDS = 1.0
TIDY_SECONDS = 600.0
PAGE = 500
NOTHING_READ = "no row could be read; the problems of the job say why"
UNSTORABLE = "a row soon after number {done} holds what the database cannot keep; take it out and send the file again"
log = logging.getLogger("fenban")


class StoppedError(Exception):
    """The worker was told to stop; its job goes back into the queue."""


@dataclass(frozen=True)
class Workshop:
    """What a worker needs. `stop` is set to make it give its job back and end."""

    store: Store
    settings: Settings
    models: LoadedModels
    office: Office
    stop: threading.Event


def run_worker(shop: Workshop, parent: int | None = None) -> None:
    """Works until it is told to stop, or until its parent process is gone."""
    tidied = time.monotonic() - 2 * TIDY_SECONDS
    while not shop.stop.is_set() and parent in (None, os.getppid()):
        try:
            worked = work_once(shop)
            if worked or time.monotonic() - tidied > TIDY_SECONDS:
                tidy(shop.store, shop.settings)
                tidied = time.monotonic()
        except DBAPIError as error:
            log.error("database: %s; trying again", type(error.orig).__name__)
            worked = False
        if not worked:
            shop.stop.wait(POLL_SECONDS)


def work_once(shop: Workshop) -> bool:
    """Takes up one job, if there is one, and works on it as far as it gets."""
    lease = timedelta(seconds=shop.settings.lease_seconds)
    name = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(8)}"
    hold = jobs.claim(shop.store, name, lease)
    if hold is None:
        return False
    log.info("job %s: taken up at item %s, attempt %s", hold.key, hold.done, hold.attempts)
    try:
        if hold.attempts > jobs.MOST_ATTEMPTS:
            jobs.finish(shop.store, hold, jobs.BROUGHT_DOWN)
        else:
            with _renewing(shop.store, hold), work_folder(shop.settings, name) as folder:
                _work(shop, hold, folder)
        log.info("job %s: ended at item %s", hold.key, hold.done)
    except JobLostError:
        log.info("job %s: cancelled or taken over", hold.key)
    except StoppedError:
        jobs.give_back(shop.store, hold, failed=False)
        log.info("job %s: given back at item %s", hold.key, hold.done)
    except FenbanError as error:
        with suppress(JobLostError):
            jobs.finish(shop.store, hold, str(error))
    except DataError:
        # Another attempt would change nothing: the database is there, but cannot keep what was read.
        log.error("job %s: failed at item %s: what was read cannot be stored", hold.key, hold.done)
        with suppress(JobLostError):
            jobs.finish(shop.store, hold, UNSTORABLE.format(done=hold.done))
    except DBAPIError:
        raise
    # Whatever a file does to a reader, the jobs behind it must go on. The message may quote the file: it is not told.
    except Exception as error:
        log.error("job %s: failed at item %s: %s", hold.key, hold.done, type(error).__name__, exc_info=error)
        jobs.give_back(shop.store, hold, failed=True)
        shop.stop.wait(POLL_SECONDS)
    return True


def _work(shop: Workshop, hold: Hold, folder: Path) -> None:
    with shop.store.read() as session:
        job = session.get_one(JobRow, hold.key)
        upload = session.get_one(UploadRow, job.upload_key)
    shop.models.load_if_moved()
    if shop.models.suggester is None:
        raise FenbanError("no model is loaded")
    file = ImportedFile(shop.store, upload.sha256)
    tools = Tools(shop.models.suggester, shop.office, shop.settings.blind_share, file)
    kind = KINDS[job.kind]
    path = shop.settings.uploads / upload.file
    if not path.is_file():
        raise FenbanError("the upload is not in this worker's data folder; all machines must share FENBAN_DATA")
    if job.total is None:
        jobs.set_total(shop.store, hold, sum(1 for _ in kind.items(sources(path, upload.name, folder))))
    items = islice(kind.items(sources(path, upload.name, folder)), hold.done, None)
    for chunk in _chunks(kind, items, tools, job.options):
        _write(shop.store, hold, chunk, job.account_key)
        if shop.stop.is_set():
            raise StoppedError
    shop.settings.results.mkdir(mode=0o700, parents=True, exist_ok=True)
    form = job.options["format"]
    target = result_file(shop.settings, hold.key, form)
    write_rows(target, result_rows(_outcomes(shop.store, hold.key), form))
    try:
        jobs.finish(shop.store, hold, NOTHING_READ if _all_unread(shop.store, hold.key) else "")
    except JobLostError:
        # Its contents may have been deleted before this file was there. Where another took it up, the file is theirs.
        if _is_cancelled(shop.store, hold.key):
            target.unlink(missing_ok=True)
        raise


def _chunks(kind: Kind, items: Iterator[Item], tools: Tools, options: dict[str, str]) -> Iterator[Chunk]:
    while batch := list(islice(items, kind.most)):
        yield kind.work(batch, tools, options)


def _write(store: Store, hold: Hold, chunk: Chunk, account_key: int) -> None:
    with audited(store, f"account:{account_key}") as work:
        jobs.write_chunk(work, hold, chunk.outcomes)
        for intake, suggestion in chunk.intakes.values():
            add_petition(work, intake, suggestion, account_key)
        for (rule, seen_by), count in chunk.held.items():
            add_held_back(work.session, rule, seen_by, count)
    hold.done += len(chunk.outcomes)
    hold.attempts = 0


def _outcomes(store: Store, key: int) -> Iterator[Outcome]:
    after = 0
    while True:
        query = select(JobResult).where(JobResult.job_key == key, JobResult.number > after)
        with store.read() as session:
            page = session.scalars(query.order_by(JobResult.number).limit(PAGE)).all()
        for row in page:
            yield Outcome(row.number, row.file, row.sheet, row.row, row.problem, row.body)
        if len(page) < PAGE:
            return
        after = page[-1].number


def _all_unread(store: Store, key: int) -> bool:
    with store.read() as session:
        job = session.get_one(JobRow, key)
        return job.problems == job.done


def _is_cancelled(store: Store, key: int) -> bool:
    with store.read() as session:
        return session.get_one(JobRow, key).state == CANCELLED


@contextmanager
def _renewing(store: Store, hold: Hold) -> Iterator[None]:
    """Renews the lease while the block runs: one document may take longer than a lease."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(hold.lease.total_seconds() / 3):
            try:
                jobs.renew(store, hold)
            except DBAPIError as error:
                log.error("job %s: lease not renewed: %s", hold.key, type(error.orig).__name__)

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
