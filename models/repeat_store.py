"""Where an index of petitions lies: one SQLite file of numbers, in which a crash leaves the last whole state.

Each batch that is added is one row, so that adding is one short transaction and opening reads a few large blobs. No
text is stored; petitioners' names and phones are hashes keyed by a salt that was drawn for this file.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from corpus.errors import ModelError
from models.comparable_names import SETS
from models.comparables import DENSE, Comparables, Rows

FORMAT = 2
SALT_BYTES = 16
LARGEST_BATCH = 50_000
"""Petitions of one row of the file; a row of SQLite holds 1 GB at most."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS segments (number INTEGER PRIMARY KEY, ids TEXT NOT NULL, columns BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS removed (id TEXT PRIMARY KEY, segment INTEGER NOT NULL);
"""


class RepeatStore:
    """The file of an index. One process writes; every change is one transaction."""

    def __init__(self, path: Path, reading: str, *, anew: bool = False) -> None:
        """Opens the file, or makes it.

        Args:
            path: of the file.
            reading: fingerprint of the tokeniser; columns of another one cannot be compared.
            anew: whether a file of another format or tokeniser is emptied.

        Raises:
            ModelError: it is no index, of another format, or of another tokeniser.
        """
        self.path = path
        try:
            self._database = sqlite3.connect(path, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.executescript(_SCHEMA)
            wanted = {"format": str(FORMAT).encode(), "reading": reading.encode()}
            about = self._about(wanted)
            if anew and not wanted.items() <= about.items():
                with self._database:
                    for table in ("segments", "removed", "about"):
                        self._database.execute(f"DELETE FROM {table}")
                about = self._about(wanted)
        except sqlite3.Error as error:
            raise ModelError(f"{path}: is no index of petitions ({type(error).__name__}); build it again") from error
        if not wanted.items() <= about.items():
            raise ModelError(f"{path}: of another format or tokeniser; build the index again")
        self.salt = bytes(about["salt"])

    def _about(self, wanted: dict[str, bytes]) -> dict[str, bytes]:
        """What the file says of itself; a new one says what is wanted."""
        with self._database:
            for row in (*wanted.items(), ("salt", secrets.token_bytes(SALT_BYTES))):
                self._database.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", row)
        return dict(self._database.execute("SELECT name, value FROM about"))

    def add(self, table: Comparables) -> None:
        """Appends a batch. Petitions whose id was there before replace it."""
        with self._database:
            last = self._last()
            self._remove(table.ids, last)
            for number, start in enumerate(range(0, len(table), LARGEST_BATCH), last + 1):
                self._insert(number, table.part(start, start + LARGEST_BATCH))

    def remove(self, ids: Iterable[str]) -> None:
        """Takes petitions out."""
        with self._database:
            self._remove(ids, self._last())

    def replace(self, table: Comparables) -> None:
        """Puts one batch in the place of everything."""
        with self._database:
            self._database.execute("DELETE FROM segments")
            self._database.execute("DELETE FROM removed")
            for number, start in enumerate(range(0, len(table), LARGEST_BATCH), 1):
                self._insert(number, table.part(start, start + LARGEST_BATCH))

    def load(self) -> tuple[list[Comparables], np.ndarray]:
        """All batches in order, and which of their rows (joined) are still in the index."""
        gone = dict(self._database.execute("SELECT id, segment FROM removed"))
        parts, alive = [], []
        for number, ids, columns in self._database.execute("SELECT * FROM segments ORDER BY number"):
            part = self._read(ids, columns)
            parts.append(part)
            alive.append(np.array([gone.get(one, 0) < number for one in part.ids], dtype=bool))
        return parts, np.concatenate(alive) if alive else np.zeros(0, dtype=bool)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def _last(self) -> int:
        return int(self._database.execute("SELECT COALESCE(MAX(number), 0) FROM segments").fetchone()[0])

    def _remove(self, ids: Iterable[str], segment: int) -> None:
        self._database.executemany("INSERT OR REPLACE INTO removed VALUES (?, ?)", ((one, segment) for one in ids))

    def _insert(self, number: int, table: Comparables) -> None:
        ids = json.dumps(table.ids, ensure_ascii=False)
        self._database.execute("INSERT INTO segments VALUES (?, ?, ?)", (number, ids, packed(table)))

    def _read(self, ids: str, columns: bytes) -> Comparables:
        try:
            return unpacked(json.loads(ids), columns)
        except ValueError as error:
            raise ModelError(f"{self.path}: a batch is damaged; build the index again") from error


def packed(table: Comparables) -> bytes:
    """The columns of a table as safetensors, without its ids."""
    arrays = {name: np.ascontiguousarray(getattr(table, name)) for name in DENSE}
    for name, rows in table.sets.items():
        arrays |= {f"{name}.starts": rows.starts, f"{name}.keys": rows.keys}
    return save(arrays)


def unpacked(ids: Sequence[str], columns: bytes) -> Comparables:
    """The table that `packed` wrote. Raises ValueError where the bytes are no such table."""
    try:
        arrays = load(columns)
        sets = {name: Rows(arrays[f"{name}.starts"], arrays[f"{name}.keys"]) for name in SETS}
        table = Comparables(tuple(ids), sets, **{name: arrays[name] for name in DENSE})
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"no columns of petitions ({type(error).__name__})") from error
    if {len(getattr(table, name)) for name in DENSE} | {len(rows) for rows in sets.values()} != {len(table)}:
        raise ValueError("columns of another number of petitions")
    return table
