"""The index of repeats that several processes share, in PostgreSQL: what one has added, the next one finds.

It answers as `models.repeat_index.RepeatIndex` does. How rare a word is counts twice: in a pair's score, and in which
of a letter's words are looked up at all. Counting it anew for every letter would make every process write one row, so
the counts are snapshots, each taken when the letters are four times as many as at the one before; a word's share of
the letters changes little between two. A letter keeps the words that were telling when it came, and a new one is looked
up by those that it has under each of the latest snapshots, so nothing stored is ever written anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save
from sqlalchemy.orm import Session

from corpus.dictionary import domain_words
from corpus.errors import ModelError
from corpus.records import Petition
from models.comparables import Comparables
from models.comparer import Comparer
from models.features import reading_fingerprint
from models.neighbours import NEIGHBOURS
from models.pair_features import Rarity
from models.pair_scorer import PART, PairScorer, scorer_version
from models.postings import all_keys
from models.repeat_candidates import LARGEST_BUCKET
from models.repeat_index import MOST_SCORED, Match, matches_among
from models.repeat_store import packed, unpacked
from nlp.tokenise import Tokeniser
from service.store import shared_repeats as shared
from service.store.engine import Store
from service.store.repeat_tables import RepeatRarity
from service.store.repeat_vectors import has_vectors, nearest

FORMAT = 2
FIRST_SNAPSHOT, GROWTH = 250, 4
"""Letters of the first snapshot, and how many times more than at the last one there are at the next."""
SNAPSHOTS = 4
"""A letter is looked up under so many; what came before the oldest of them is less than a hundredth of the index."""
LOOKS = 8
"""How often a process counts the letters until a snapshot is due."""
READ_AT_ONCE = 1_000


class SharedIndex:
    """Petitions of one database, by their keys as text. For one thread of a process.

    `version` names the training of the scorer that judges.
    """

    def __init__(self, store: Store, models: Path | None = None, county: Path | None = None) -> None:
        """Opens the index of the database, or makes an empty one.

        An index of another tokeniser or of models with other classes is emptied, and all petitions wait to be linked
        anew: what was learned from them is in them still.

        Raises:
            ModelError: the models are damaged, or of another tokeniser.
            DataFileError: the units have faults.
        """
        reading = reading_fingerprint(Tokeniser(domain_words()))
        comparer = Comparer.load(b"", models, county)
        none = comparer.table([])
        widths = [one.shape[1] for one in (none.vectors, none.problems, none.contents)]
        self._store = store
        self._about = shared.open_shared(store, f"{FORMAT} {reading} {widths}", widths[0])
        self._comparer = replace(comparer, salt=self._about.salt)
        self._base = PairScorer.load(models, reading)
        self.version = str(scorer_version(models).parts[PART]["trained"])
        self._snapshots: dict[int, tuple[int, Rarity]] = {0: (0, self._base.rarity)}
        self._scorer = self._base
        self._unlooked = 0

    def add(self, petitions: Iterable[Petition]) -> None:
        """Adds petitions; one whose id is there already replaces it. They are in the database when this returns."""
        for _ in self._added(list(petitions)):
            pass

    def taken_in(self, petitions: Sequence[Petition], most: int = 5) -> Iterator[list[Match]]:
        """Adds the petitions one after the other and gives for each the others about the same matter.

        Each is there for other processes before it is looked up itself, so of two that come at one moment in two
        processes at least one is found by the other.

        Raises:
            ModelError: another program made the index anew meanwhile.
        """
        for asked in self._added(petitions):
            yield self._matches(asked, most)

    def query(self, petition: Petition, most: int = 5) -> list[Match]:
        """Petitions about the same matter, the most alike first; the petition itself is not among them."""
        self._catch_up()
        return self._matches(self._comparer.table([petition]), most)

    def remove(self, ids: Iterable[str]) -> None:
        """Takes petitions out; unknown ids are no fault."""
        with self._store.write() as session:
            shared.take_out(session, [int(one) for one in ids], vectors=self._about.vectors)

    def snapshot_if_due(self) -> bool:
        """Takes a snapshot where it is time, which takes seconds for every thousand letters since the last one."""
        due = max(FIRST_SNAPSHOT, (GROWTH - 1) * self._snapshots[self._epoch][0])
        if self._unlooked * LOOKS < due:
            return False
        self._unlooked = 0
        return self.take_snapshot(due)

    def take_snapshot(self, least: int = 0) -> bool:
        """Counts words anew over all letters where `least` have come since the last snapshot; others go on meanwhile.

        Letters that another process adds while they are counted are left out for good, a handful of many.

        Raises:
            ModelError: another program made the index anew meanwhile.
        """
        with self._store.write() as session:
            if not shared.may_snapshot(session):
                return False
            self._check(session)
            self._take_over(shared.snapshots_after(session, self._epoch, SNAPSHOTS))
            epoch = self._epoch
            if shared.count_since(session, epoch) < least:
                return False
            letters, rarity = self._snapshots[epoch]
            counted = Rarity(np.zeros_like(rarity.documents), 0, 0)
            after = -1
            while part := shared.columns_since(session, epoch, after, READ_AT_ONCE):
                counted = counted.within(_joined(part))
                after = part[-1][0]
            own = rarity.documents - self._base.rarity.documents + counted.documents
            row = RepeatRarity(epoch=epoch + 1, letters=letters + counted.letters, documents=_sparse(own))
            session.add(row)
            session.flush()
        self._take_over([row])
        return True

    def close(self) -> None:
        """Nothing is kept open."""

    @property
    def _epoch(self) -> int:
        return max(self._snapshots)

    def _added(self, petitions: Sequence[Petition]) -> Iterator[Comparables]:
        self._catch_up()
        table = self._comparer.table(petitions)
        for row in range(len(table)):
            asked = table.part(row, row + 1)
            with self._store.write() as session:
                self._check(session)
                shared.put_letter(session, self._letter(asked))
            self._unlooked += 1
            yield asked

    def _letter(self, table: Comparables) -> shared.Letter:
        keys = np.unique(all_keys(table, self._scorer.rarity)[1]).view(np.int64)
        vector = table.vectors[0].tolist() if self._about.vectors else None
        return shared.Letter(int(table.ids[0]), self._epoch, packed(table), keys.tolist(), vector)

    def _matches(self, asked: Comparables, most: int) -> list[Match]:
        own = int(asked.ids[0]) if asked.ids[0].isdecimal() else 0
        rarities = [rarity for _, rarity in self._snapshots.values()]
        keys = np.unique(np.concatenate([all_keys(asked, rarity)[1] for rarity in rarities])).view(np.int64)
        with self._store.read() as session:
            found = shared.sharing(session, keys.tolist(), own, a_key=LARGEST_BUCKET, most=MOST_SCORED)
            if self._about.vectors:
                found += nearest(session, asked.vectors[0].tolist(), NEIGHBOURS + 1)
            letters = shared.columns_of(session, [key for key in set(found) if key != own])
        if not letters:
            return []
        return matches_among(asked, _joined(letters), self._scorer)[:most]

    def _catch_up(self) -> None:
        with self._store.read() as session:
            self._check(session)
            # Another process may have found the extension installed; all petitions wait since then to be linked anew.
            self._about = replace(self._about, vectors=has_vectors(session))
            self._take_over(shared.snapshots_after(session, self._epoch, SNAPSHOTS))

    def _check(self, session: Session) -> None:
        if not shared.is_unchanged(session, self._about):
            raise ModelError(
                "the index of repeats was made anew by another program; restart this one, in the same version"
            )

    def _take_over(self, rows: Sequence[RepeatRarity]) -> None:
        base = self._base.rarity
        for row in rows:
            documents = base.documents + _dense(row.documents, base.documents.shape)
            rarity = Rarity(documents, base.letters + row.letters, base.reach)
            self._snapshots[row.epoch] = row.letters, rarity
            self._scorer = replace(self._base, rarity=rarity)
        for epoch in sorted(self._snapshots)[:-SNAPSHOTS]:
            del self._snapshots[epoch]


def _joined(letters: Sequence[tuple[int, bytes]]) -> Comparables:
    try:
        return Comparables.joined([unpacked([str(key)], columns) for key, columns in letters])
    except ValueError as error:
        raise ModelError(
            "the index of repeats in the database is damaged; empty the table repeat_about and restart: it is made anew"
        ) from error


def _sparse(documents: NDArray[np.int32]) -> bytes:
    used = np.flatnonzero(documents)
    return save({"buckets": used.astype(np.int32), "documents": documents.ravel()[used].astype(np.int32)})


def _dense(packed_documents: bytes, shape: tuple[int, ...]) -> NDArray[np.int32]:
    arrays = load(packed_documents)
    documents = np.zeros(shape, dtype=np.int32)
    documents.ravel()[arrays["buckets"]] = arrays["documents"]
    return documents
