"""Links between stored petitions: a thread beside the service matches every new one against all earlier ones.

A petition is acknowledged before it is linked, so taking one in never waits for this; what a crash left unlinked is
linked at the next start, since the index knows which petitions it holds. Of several processes on one data folder one
does the work, the one that holds the lock file.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from corpus.errors import FenbanError
from corpus.records import Petition
from models.repeat_index import Match, RepeatIndex
from service.store.engine import Store
from service.store.petition_tables import LinkRow, PetitionRow, PetitionText

INDEX = "repeats.sqlite"
LOCK = "repeats.lock"
AT_ONCE = 50
WAIT_SECONDS = 2.0
log = logging.getLogger("fenban")


class Linker:
    """Keeps the index of one store and writes what it finds as links."""

    def __init__(self, store: Store, folder: Path, models: Path | None, county: Path | None) -> None:
        self._store, self._folder, self._models, self._county = store, folder, models, county
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="linker", daemon=True)
        self._lock: IO[str] | None = None
        self._index: RepeatIndex | None = None
        self._known = 0

    def start(self) -> None:
        """Begins linking in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the petition at hand; the rest is linked at the next start."""
        self._stopped.set()
        self._thread.join()
        if self._index is not None:
            self._index.close()
        if self._lock is not None:
            self._lock.close()

    def link_new(self) -> int:
        """Links the petitions that the index does not hold yet, in their order; gives their number.

        Raises:
            FenbanError: the index or the models cannot be read.
        """
        keys = self._new_keys()
        if not keys or not self._mine():
            return 0
        index = self._opened()
        done = 0
        for first in range(0, len(keys), AT_ONCE):
            for petition in self._read(keys[first : first + AT_ONCE]):
                if self._stopped.is_set():
                    return done
                if petition.id not in index:
                    self._write(int(petition.id), index.query(petition), index.version)
                    index.add([petition])
                    done += 1
                self._known = max(self._known, int(petition.id))
        return done

    def _run(self) -> None:
        while not self._stopped.wait(WAIT_SECONDS):
            try:
                self.link_new()
            except (FenbanError, DBAPIError) as error:
                log.error("repeats not linked: %s", error if isinstance(error, FenbanError) else type(error).__name__)
                if isinstance(error, FenbanError):
                    return

    def _new_keys(self) -> Sequence[int]:
        with self._store.read() as session:
            query = select(PetitionRow.key).where(PetitionRow.key > self._known)
            return session.scalars(query.order_by(PetitionRow.key)).all()

    def _mine(self) -> bool:
        """Whether this process holds the lock on the index."""
        if self._lock is None:
            file = (self._folder / LOCK).open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.close()
                return False
            self._lock = file
        return True

    def _opened(self) -> RepeatIndex:
        if self._index is None:
            self._index = RepeatIndex(self._folder / INDEX, self._models, self._county)
        return self._index

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
        with self._store.write() as session:
            for match in matches:
                first, second = sorted((int(match.id), key))
                there = select(LinkRow.key).where(LinkRow.first_key == first, LinkRow.second_key == second)
                if session.scalars(there.where(LinkRow.model_version == version)).first() is None:
                    session.add(
                        LinkRow(
                            first_key=first,
                            second_key=second,
                            relation=match.relation,
                            score=match.score,
                            evidence=list(match.reasons),
                            model_version=version,
                        )
                    )
