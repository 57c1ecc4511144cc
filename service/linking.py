"""Links between stored petitions: a thread beside the service matches every new one against all others.

A petition is acknowledged before it is linked, so taking one in never waits for this; it stands in `link_tasks` until
its links are written. On PostgreSQL every process takes its share of those that wait, and all share one index. On
SQLite the index is a file, and of several processes on one data folder the one that holds the lock file does the work.
"""

from __future__ import annotations

import fcntl
import logging
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from corpus.errors import FenbanError
from corpus.records import Petition
from models.repeat_index import Match, RepeatIndex
from service.shared_index import SharedIndex
from service.store.base import insert_if_new
from service.store.engine import Store
from service.store.link_tasks import Claim, claimed, queue
from service.store.petition_tables import LinkRow, PetitionRow, PetitionText

INDEX = "repeats.sqlite"
LOCK = "repeats.lock"
AT_ONCE = 50
WAIT_SECONDS = 2.0
FAULT_SECONDS = 60.0
"""What a person has to mend is tried again after so long."""
NO_DATABASE = (DBAPIError, PoolTimeoutError, sqlite3.Error)
log = logging.getLogger("fenban")


class Linker:
    """Keeps the index of one store and writes what it finds as links. `fault` says why it cannot; "" where it can."""

    def __init__(self, store: Store, folder: Path, models: Path | None, county: Path | None) -> None:
        self.fault = ""
        self._store, self._folder, self._models, self._county = store, folder, models, county
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="linker", daemon=True)
        self._lock: IO[str] | None = None
        self._index: RepeatIndex | SharedIndex | None = None

    def start(self) -> None:
        """Begins linking in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the petition at hand; the rest is linked at the next start."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._index is not None:
            self._index.close()
        if self._lock is not None:
            self._lock.close()

    def link_new(self) -> int:
        """Links the petitions that wait for it, in their order; gives their number.

        Raises:
            FenbanError: the index or the models cannot be read.
        """
        index = self._opened()
        done = 0
        while index is not None and not self._stopped.is_set() and (linked := self._link_some(index)):
            done += linked
            if isinstance(index, SharedIndex):
                index.snapshot_if_due()
        return done

    def _run(self) -> None:
        wait = WAIT_SECONDS
        while not self._stopped.wait(wait):
            wait = WAIT_SECONDS
            try:
                self.link_new()
                self._tell("")
            except FenbanError as error:
                wait = FAULT_SECONDS
                self._tell(str(error))
            except NO_DATABASE as error:
                self._tell(f"the database does not answer ({type(error).__name__})")
            # Nobody would start the thread again. The words of such an error may quote a letter: its type is told.
            except Exception as error:
                wait = FAULT_SECONDS
                self.fault = f"an error that nobody foresaw ({type(error).__name__})"
                log.error("repeats not linked: %s", self.fault, exc_info=error)

    def _tell(self, fault: str) -> None:
        if fault and fault != self.fault:
            log.error("repeats not linked: %s", fault)
        self.fault = fault

    def _link_some(self, index: RepeatIndex | SharedIndex) -> int:
        with claimed(self._store, AT_ONCE) as claim:
            if not claim.keys:
                return 0
            petitions = self._read(claim.keys)
            try:
                self._link(index, petitions, claim)
            except (FenbanError, *NO_DATABASE):
                raise
            except Exception as error:
                log.error("repeats: one letter at a time (%s)", type(error).__name__, exc_info=error)
                self._link_each(index, petitions, claim)
        return len(claim.done)

    def _link(self, index: RepeatIndex | SharedIndex, petitions: Sequence[Petition], claim: Claim) -> None:
        for petition, matches in zip(petitions, index.taken_in(petitions), strict=True):
            key = int(petition.id)
            self._write(key, matches, index.version)
            claim.done.append(key)
            if self._stopped.is_set():
                break

    def _link_each(self, index: RepeatIndex | SharedIndex, petitions: Sequence[Petition], claim: Claim) -> None:
        """Links them one by one, so that one which cannot be linked does not hold up those behind it.

        It is left out for good only where another can be linked: otherwise the fault need not be the letter's.

        Raises:
            FenbanError: none can be linked.
        """
        failed: dict[int, str] = {}
        claim.done.clear()
        for petition in petitions:
            if self._stopped.is_set():
                return
            try:
                self._link(index, [petition], claim)
            except (FenbanError, *NO_DATABASE):
                raise
            except Exception as error:  # noqa: BLE001 - its words may quote the letter
                failed[int(petition.id)] = type(error).__name__
        if failed and not claim.done:
            first, *others = failed
            more = f" and {len(others)} more" if others else ""
            raise FenbanError(f"petition {first}{more} cannot be linked ({failed[first]}); the log says where")
        for key, kind in failed.items():
            log.error("petition %s: left out of the links (%s)", key, kind)
        claim.done += failed

    def _opened(self) -> RepeatIndex | SharedIndex | None:
        """The index; None where another process has it, or where there is no petition yet."""
        if self._index is None:
            with self._store.read() as session:
                if session.scalar(select(PetitionRow.key).limit(1)) is None:
                    return None
            if not self._store.is_sqlite:
                self._index = SharedIndex(self._store, self._models, self._county)
            elif self._mine():
                self._index = self._file()
        return self._index

    def _mine(self) -> bool:
        """Whether this process holds the lock on the file."""
        if self._lock is None:
            file = (self._folder / LOCK).open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._lock = file
        return True

    def _file(self) -> RepeatIndex:
        """The index of the data folder; what it does not hold, after a crash or in a new format, waits to be linked."""
        index = RepeatIndex(self._folder / INDEX, self._models, self._county, anew=True)
        with self._store.read() as session:
            missing = [key for key in session.scalars(select(PetitionRow.key)) if str(key) not in index]
        with self._store.write() as session:
            queue(session, missing)
        return index

    def _read(self, keys: Sequence[int]) -> list[Petition]:
        query = (
            select(PetitionRow.key, PetitionRow.received, PetitionText)
            .join(PetitionText, PetitionText.petition_key == PetitionRow.key)
            .where(PetitionRow.key.in_(keys))
            .order_by(PetitionRow.key)
        )
        with self._store.read() as session:
            return [
                Petition(text.text, str(key), received, "", text.petitioner, text.phone, text.title)
                for key, received, text in session.execute(query)
            ]

    def _write(self, key: int, matches: Sequence[Match], version: str) -> None:
        """Adds the links that are not there yet; links are append-only."""
        if not matches:
            return
        rows = []
        # In one order in every process, so that none waits for another that waits for it.
        for match in sorted(matches, key=lambda match: int(match.id)):
            first, second = sorted((int(match.id), key))
            row = {"first_key": first, "second_key": second, "relation": match.relation, "score": match.score}
            rows.append(row | {"evidence": list(match.reasons), "model_version": version})
        with self._store.write() as session:
            session.execute(insert_if_new(session, LinkRow), rows)
