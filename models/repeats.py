"""Repeat petitions: pairs with score, relation and evidence, and the matters they make."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import FenbanError
from corpus.records import Petition
from models.comparable import Comparables, Comparer
from models.features import reading_fingerprint
from models.frames import petitions_of
from models.matters import Links, matters
from models.pair_features import Float, Index
from models.pair_scorer import PairScorer, upper_pairs
from models.repeat_candidates import Pairs, candidate_pairs
from models.repeat_relation import RECURRED, recurred, relations
from models.suggester import batches

KEPT = 0.02
"""Pairs less likely than this are not kept: no threshold anybody would choose lies below."""
WHOLE = 60
"""Every pair of a connected group up to this size is scored, so that its average links are exact."""
SALT_BYTES = 16

Progress = Callable[[int], Any]


@dataclass(frozen=True)
class Repeats:
    """Scored pairs of a collection. Another threshold needs no new scores: `at` gives the same with another one.

    `pairs` (pairs, 2) row numbers, `scores` and `relation` of the same length, `links` what clerks decided.
    """

    ids: tuple[str, ...]
    days: NDArray[np.int32]
    pairs: Pairs
    scores: NDArray[np.float32]
    relation: NDArray[np.str_]
    threshold: float
    links: Links

    def at(self, threshold: float) -> Repeats:
        """The same pairs under another threshold."""
        return replace(self, threshold=threshold)

    def decided(self, joined: Iterable[tuple[str, str]] = (), parted: Iterable[tuple[str, str]] = ()) -> Repeats:
        """The same with a clerk's merges and splits, pairs of ids, which hold at every threshold.

        Raises:
            FenbanError: an id that is not in the collection, or that stands in it twice.
        """
        rows: dict[str, int] = {}
        twice = set()
        for row, one in enumerate(self.ids):
            if rows.setdefault(one, row) != row:
                twice.add(one)
        numbers: list[list[tuple[int, int]]] = []
        for pairs in (joined, parted):
            unknown = [one for pair in (pairs := list(pairs)) for one in pair if one not in rows or one in twice]
            if unknown:
                raise FenbanError(f"{len(unknown)} ids of decisions are not in the collection, or stand in it twice")
            numbers.append([(rows[a], rows[b]) for a, b in pairs])
        added = Links.of(*numbers)
        links = Links(
            np.concatenate([self.links.joined, added.joined]), np.concatenate([self.links.parted, added.parted])
        )
        return replace(self, links=links)

    def labels(self) -> Index:
        """(petitions,) number of the matter of each. What recurred is linked, never joined."""
        same = self.relation != RECURRED
        return matters(len(self.ids), self.pairs[same], self.scores[same], self.threshold, self.links)

    def matters(self) -> list[list[int]]:
        """Row numbers of every matter, of two petitions or more, in order of their first row."""
        labels = self.labels()
        order = np.argsort(labels, kind="stable")
        ends = np.flatnonzero(np.diff(labels[order], append=-1)) + 1
        groups = np.split(order, ends[:-1]) if len(order) else []
        return [group.tolist() for group in groups if len(group) > 1]

    def linked(self) -> Index:
        """Numbers of the pairs that are shown: in one matter, or one that recurred; by rows, then score."""
        labels = self.labels()
        same = labels[self.pairs[:, 0]] == labels[self.pairs[:, 1]]
        again = (self.relation == RECURRED) & (self.scores >= self.threshold)
        shown = np.flatnonzero(same | again)
        return shown[np.lexsort((-self.scores[shown], self.pairs[shown, 1], self.pairs[shown, 0]))]


@dataclass(frozen=True)
class RepeatFinder:
    """Finds repeats. Made by `load`; safe to share between threads."""

    comparer: Comparer
    scorer: PairScorer

    @classmethod
    def load(
        cls, models: Path | None = None, county: Path | None = None, salt: bytes | None = None
    ) -> RepeatFinder:
        """With the shipped models or a version folder's. Without `salt` a new one is drawn.

        Raises:
            ModelError: a part is missing, damaged, or was trained with another tokeniser.
            DataFileError: the units have faults.
        """
        comparer = Comparer.load(salt or secrets.token_bytes(SALT_BYTES), models, county)
        return cls(comparer, PairScorer.load(models, reading_fingerprint(comparer.tokeniser)))

    def tables(self, petitions: Iterable[Petition]) -> Iterator[Comparables]:
        """The columns of the petitions, batch by batch."""
        for batch in batches(petitions):
            yield self.comparer.table(batch)

    def find(self, petitions: Sequence[Petition], progress: Progress | None = None) -> Repeats:
        """Repeats among the petitions."""
        parts = []
        for part in self.tables(petitions):
            parts.append(part)
            if progress is not None:
                progress(len(part))
        return self.find_in(Comparables.joined(parts)) if parts else empty(self.scorer.threshold)

    def find_in(self, table: Comparables, older: int = 0) -> Repeats:
        """Repeats among the rows of a table; the first `older` rows are not compared with one another."""
        pairs = candidate_pairs(table, self.scorer.rarity)
        pairs = pairs[pairs.max(axis=1) >= older]
        scored = self._scored(table, pairs)
        more = _missing(len(table), scored[0], scored[1], self.scorer.threshold, older)
        if len(more):
            scored = tuple(np.concatenate(both) for both in zip(scored, self._scored(table, more), strict=True))
        return Repeats(table.ids, table.days, *scored, self.scorer.threshold, Links())

    def _scored(
        self, table: Comparables, pairs: Pairs
    ) -> tuple[Pairs, NDArray[np.float32], NDArray[np.str_]]:
        """The pairs that are likely enough to keep, with score and relation."""
        kept: list[tuple[Pairs, NDArray[np.float32], NDArray[np.str_]]] = []
        for start in range(0, len(pairs), BATCH):
            i, j = pairs[start : start + BATCH].T
            features = self.scorer.features(table, i, table, j)
            kept.append(related(table, i, table, j, features, self.scorer))
        if not kept:
            return pairs, np.zeros(0, np.float32), np.zeros(0, "<U8")
        return tuple(np.concatenate(columns) for columns in zip(*kept, strict=True))  # type: ignore[return-value]


BATCH = 200_000


def related(
    left: Comparables, i: Index, right: Comparables, j: Index, features: Float, scorer: PairScorer
) -> tuple[Pairs, NDArray[np.float32], NDArray[np.str_]]:
    """Pairs, scores and relations of the pairs that are likely enough to keep."""
    scores = np.asarray(scorer.probabilities(features), dtype=np.float32)
    some = np.flatnonzero(scores >= KEPT)
    i, j, features = i[some], j[some], features[some]
    relation = np.where(recurred(left, i, right, j, features), RECURRED, relations(features))
    return np.stack([i, j], axis=1), scores[some], relation.astype("<U8")


def _missing(rows: int, pairs: Pairs, scores: NDArray[np.float32], threshold: float, older: int) -> Pairs:
    """Pairs inside connected groups of moderate size that were no candidates."""
    if not len(pairs):
        return pairs
    found = []
    labels = matters_of_components(rows, pairs[scores >= threshold])
    order = np.argsort(labels, kind="stable")
    ends = np.flatnonzero(np.diff(labels[order], append=-1)) + 1
    for group in np.split(order, ends[:-1]):
        if 2 < len(group) <= WHOLE:
            i, j = upper_pairs(len(group))
            found.append(np.stack([group[i], group[j]], axis=1))
    if not found:
        return pairs[:0]
    every = np.sort(np.concatenate(found), axis=1)
    new = ~np.isin(every[:, 0] * rows + every[:, 1], pairs.min(axis=1) * rows + pairs.max(axis=1))
    return every[new & (every[:, 1] >= older)]


def matters_of_components(rows: int, pairs: Pairs) -> Index:
    """(rows,) number of the connected component of each row."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    matrix = coo_matrix((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(rows, rows))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def empty(threshold: float) -> Repeats:
    """No petitions, no repeats."""
    pairs = np.zeros((0, 2), dtype=np.int64)
    return Repeats((), np.zeros(0, np.int32), pairs, np.zeros(0, np.float32), np.zeros(0, "<U8"), threshold, Links())


def find_repeats(source: Any, *, models: Path | None = None, progress: bool = False) -> Any:
    """A DataFrame (or texts, or petitions) in, a DataFrame out: id, matter, size and first of every petition's matter.

    `matter` is a number; a petition that repeats none is a matter of its own, of size 1.

    Raises:
        ValueError: a DataFrame without any text column.
    """
    import pandas as pd
    from tqdm.auto import tqdm

    petitions = petitions_of(source)
    with tqdm(total=len(petitions), unit="件", disable=not progress) as bar:
        found = RepeatFinder.load(models).find(petitions, bar.update)
    labels = found.labels() if petitions else np.zeros(0, np.int64)
    sizes = np.bincount(labels, minlength=1)[labels] if len(labels) else labels
    columns = {"id": list(found.ids), "matter": labels, "size": sizes}
    return pd.DataFrame(columns, index=source.index if hasattr(source, "columns") else None)
