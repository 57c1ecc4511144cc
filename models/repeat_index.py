"""A lasting index of petitions: new ones are matched against all earlier ones without a rebuild."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.dictionary import domain_words
from corpus.records import Petition
from models.comparables import Comparables, Rows
from models.comparer import Comparer
from models.features import reading_fingerprint
from models.neighbours import EXACT, NEIGHBOURS, graph
from models.pair_scorer import PART, PairScorer, scorer_version, upper_pairs
from models.pair_scores import ScoredPairs, judged, score_pairs
from models.postings import Postings, all_keys
from models.repeat_relation import RELATIONS, reason_words
from models.repeat_store import RepeatStore
from nlp.tokenise import Tokeniser

MOST_SCORED, MOST_JUDGED = 60, 20
"""Candidates of one query that are scored, those with most in common first; and judged among one another."""
TAIL = 2_000
"""So many new petitions are kept beside the large arrays before they are taken into them."""
ADDED_AT_ONCE = 10_000
MOST_BATCHES = 1_000
"""From more batches than this, and where most rows were removed, the file is written anew when it is opened."""


@dataclass(frozen=True)
class Match:
    """An earlier petition that is likely about the same matter; `reasons` in words for clerks."""

    id: str
    score: float
    relation: str
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"id": self.id, "score": round(self.score, 4), "relation": self.relation, "reasons": list(self.reasons)}


class RepeatIndex:
    """Petitions on disk and in memory. Queries may run in threads; changes wait for one another.

    `version` names the training of the scorer that judges.
    """

    def __init__(
        self, path: Path, models: Path | None = None, county: Path | None = None, *, anew: bool = False
    ) -> None:
        """Opens the index of a file, or makes an empty one; with `anew` one of another format or tokeniser is emptied.

        Raises:
            ModelError: the file or the models are damaged, or of another tokeniser.
            DataFileError: the units have faults.
        """
        reading = reading_fingerprint(Tokeniser(domain_words()))
        self._store = RepeatStore(path, reading, anew=anew)
        self._comparer = Comparer.load(self._store.salt, models, county)
        self._scorer = PairScorer.load(models, reading)
        self.version = str(scorer_version(models).parts[PART]["trained"])
        self._lock = threading.Lock()
        parts, alive = self._store.load()
        scattered = len(parts) > MOST_BATCHES or 2 * alive.sum() < len(alive)
        self._main = _Part.of(Comparables.joined([self._comparer.table([]), *parts]), alive, self._scorer)
        self._tail = _Part.of(self._comparer.table([]), np.zeros(0, dtype=bool), self._main.scorer)
        if scattered:
            self.compact()

    def __len__(self) -> int:
        return int(self._main.alive.sum() + self._tail.alive.sum())

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._main.places or identifier in self._tail.places

    def add(self, petitions: Iterable[Petition]) -> None:
        """Adds petitions; one whose id is there already replaces it. They are on disk when this returns."""
        stream = iter(petitions)
        while batch := list(islice(stream, ADDED_AT_ONCE)):
            self.add_table(self._comparer.table(list({petition.id: petition for petition in batch}.values())))

    def add_table(self, table: Comparables) -> None:
        """Adds petitions that were read already, under the index's own salt; no id may stand in the table twice."""
        with self._lock:
            self._store.add(table)
            self._forget(table.ids)
            joined = Comparables.joined([self._tail.table, table])
            alive = np.concatenate([self._tail.alive, np.ones(len(table), dtype=bool)])
            if len(joined) > TAIL:
                whole = Comparables.joined([self._main.table, joined])
                self._main = self._main.grown(whole, np.concatenate([self._main.alive, alive]), self._scorer)
                joined, alive = self._comparer.table([]), alive[:0]
            self._tail = _Part.of(joined, alive, self._main.scorer)

    def remove(self, ids: Iterable[str]) -> None:
        """Takes petitions out; unknown ids are no fault."""
        gone = list(ids)
        with self._lock:
            self._store.remove(gone)
            self._forget(gone)

    def query(self, petition: Petition, most: int = 5) -> list[Match]:
        """Earlier petitions about the same matter, the most alike first; the petition itself is not among them."""
        return self._matches(self._comparer.table([petition]), most)

    def taken_in(self, petitions: Sequence[Petition], most: int = 5) -> Iterator[list[Match]]:
        """Adds the petitions one after the other and gives for each what `query` found before it was added."""
        table = self._comparer.table(petitions)
        for row in range(len(table)):
            asked = table.part(row, row + 1)
            found = self._matches(asked, most)
            self.add_table(asked)
            yield found

    def compact(self) -> None:
        """Writes all that is left as one batch, without what was removed."""
        with self._lock:
            self._take_in()
            kept = np.flatnonzero(self._main.alive)
            table = taken(self._main.table, kept)
            self._store.replace(table)
            self._main = _Part.of(table, np.ones(len(table), dtype=bool), self._scorer)

    def close(self) -> None:
        """Closes the file."""
        self._store.close()

    def _matches(self, asked: Comparables, most: int) -> list[Match]:
        main, tail = self._main, self._tail
        near = [taken(part.table, part.candidates(asked)) for part in (main, tail)]
        return matches_among(asked, Comparables.joined(near), tail.scorer)[:most]

    def _forget(self, ids: Sequence[str]) -> None:
        for part in (self._main, self._tail):
            part.forget(ids)

    def _take_in(self) -> None:
        alive = np.concatenate([self._main.alive, self._tail.alive])
        self._main = self._main.grown(Comparables.joined([self._main.table, self._tail.table]), alive, self._scorer)
        self._tail = _Part.of(self._comparer.table([]), np.zeros(0, dtype=bool), self._main.scorer)


@dataclass(frozen=True)
class _Part:
    """A table with what finds candidates in it. `alive` is the one thing that changes."""

    table: Comparables
    alive: NDArray[np.bool_]
    scorer: PairScorer
    postings: Postings
    places: dict[str, int]
    near: Any

    @classmethod
    def of(cls, table: Comparables, alive: NDArray[np.bool_], scorer: PairScorer) -> _Part:
        return cls._with(table, alive, scorer, None)

    def grown(self, table: Comparables, alive: NDArray[np.bool_], scorer: PairScorer) -> _Part:
        """With a table that has more rows behind this one's; the graph of neighbours is added to, not built again."""
        return self._with(table, alive, scorer, self.near if len(self.table) > EXACT else None)

    @classmethod
    def _with(cls, table: Comparables, alive: NDArray[np.bool_], scorer: PairScorer, near: Any) -> _Part:
        within = scorer.within(table) if len(table) else scorer
        places = {one: row for row, one in enumerate(table.ids) if alive[row]}
        if len(table) > EXACT:
            near = near if near is not None else graph(table.vectors.shape[1])
            near.add(np.arange(len(near), len(table)), table.vectors[len(near) :])
        else:
            near = table.vectors.astype(np.float32)
        return cls(table, alive, within, Postings.of(table, within.rarity), places, near)

    def forget(self, ids: Sequence[str]) -> None:
        for one in ids:
            row = self.places.pop(one, None)
            if row is not None:
                self.alive[row] = False

    def candidates(self, asked: Comparables) -> NDArray[np.int64]:
        """Rows to compare with the petition asked for."""
        if not len(self.table):
            return np.zeros(0, dtype=np.int64)
        rows, votes = self.postings.find(np.unique(all_keys(asked, self.scorer.rarity)[1]))
        rows = rows[np.argsort(-votes, kind="stable")]
        rows = rows[self.alive[rows]][:MOST_SCORED]
        rows = np.unique(np.concatenate([rows, self._nearest(asked)]))
        own = self.places.get(asked.ids[0], -1)
        return np.asarray(rows[self.alive[rows] & (rows != own)], dtype=np.int64)

    def _nearest(self, asked: Comparables) -> NDArray[np.int64]:
        vector = asked.vectors[0].astype(np.float32)
        if isinstance(self.near, np.ndarray):
            count = min(NEIGHBOURS, len(self.near))
            return np.asarray(np.argpartition(-(self.near @ vector), count - 1)[:count], dtype=np.int64)
        return np.asarray(self.near.search(vector, NEIGHBOURS).keys, dtype=np.int64)


def matches_among(asked: Comparables, table: Comparables, scorer: PairScorer) -> list[Match]:
    """Of the rows of a small table those that are likely about the same matter as the one petition asked for.

    Those come first that are likeliest by themselves: judged among others, a copy is no surer than the rest of its
    matter.
    """
    everyone = np.arange(len(table), dtype=np.int64)
    near, features = score_pairs(asked, np.zeros_like(everyone), table, everyone, scorer)
    first = np.argsort(-near.scores, kind="stable")[:MOST_JUDGED]
    near, rows = near.taken(first), near.pairs[first, 1]
    i, j = upper_pairs(len(rows))
    among = score_pairs(table, rows[i], table, rows[j], scorer)[0]
    places = np.zeros(len(table), dtype=np.int64)
    places[rows] = np.arange(1, len(rows) + 1)
    # The petition asked for is number 0 of a small collection, the others follow by their scores.
    near_pairs = np.stack([np.zeros_like(rows), places[rows]], axis=1)
    small = [replace(near, pairs=near_pairs), replace(among, pairs=places[among.pairs])]
    scores = judged(len(rows) + 1, ScoredPairs.joined(small), scorer).scores[: len(rows)]
    return [
        Match(table.ids[row], float(score), RELATIONS[relation], reason_words(one))
        for row, score, relation, one in zip(rows.tolist(), scores, near.relation, features[first], strict=True)
        if score >= scorer.threshold
    ]


def taken(table: Comparables, rows: NDArray[np.int64]) -> Comparables:
    """The rows of a table, as a table."""
    from models.comparables import DENSE

    sets = {}
    for name, one in table.sets.items():
        part = one.take(rows)
        sets[name] = Rows(part.indptr.astype(np.int64), part.indices.astype(np.int32))
    columns = {name: getattr(table, name)[rows] for name in DENSE}
    return Comparables(tuple(table.ids[row] for row in rows.tolist()), sets, **columns)
