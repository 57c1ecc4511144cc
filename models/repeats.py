"""Repeat petitions: pairs with score, relation and evidence, and the matters they make."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import FenbanError
from corpus.records import Petition
from models.comparables import Comparables
from models.comparer import Comparer
from models.features import reading_fingerprint
from models.frames import petitions_of
from models.matters import Links, components, grouped, matters
from models.pair_features import Index
from models.pair_scorer import PairScorer, upper_pairs
from models.pair_scores import ScoredPairs, judged, score_all
from models.repeat_candidates import Pairs, candidate_pairs
from models.repeat_jobs import tables

WHOLE = 300
"""Every pair of a connected group up to this size is scored, smaller groups first, so that average links are exact."""
RAISED = 0.1
MORE, MORE_EACH = 200_000, 3
"""So many pairs may be scored for that, and so many more for every petition."""
SALT_BYTES = 16
Progress = Callable[[int], Any]


@dataclass(frozen=True)
class Repeats:
    """Scored pairs of a collection. Another threshold needs no new scores: `at` gives the same with another one.

    `days` (petitions,) when each was received (ordinal, 0: not told), `links` what clerks decided.
    """

    ids: tuple[str, ...]
    days: NDArray[np.int32]
    scored: ScoredPairs
    threshold: float
    links: Links = field(default_factory=Links)

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
        for pairs in (list(joined), list(parted)):
            unknown = [one for pair in pairs for one in pair if one not in rows or one in twice]
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
        same = ~self.scored.recurred
        return matters(len(self.ids), self.scored.pairs[same], self.scored.scores[same], self.threshold, self.links)

    def matters(self) -> list[list[int]]:
        """Row numbers of every matter, of two petitions or more, in order of their first row."""
        return [group.tolist() for group in grouped(self.labels())]

    def linked(self) -> Index:
        """Numbers of the pairs that are shown: in one matter, or one that recurred; by rows, then score."""
        labels = self.labels()
        same = labels[self.scored.pairs[:, 0]] == labels[self.scored.pairs[:, 1]]
        again = self.scored.recurred & (self.scored.scores >= self.threshold)
        shown = np.flatnonzero(same | again)
        return shown[np.lexsort((-self.scored.scores[shown], self.scored.pairs[shown, 1], self.scored.pairs[shown, 0]))]


@dataclass(frozen=True)
class RepeatFinder:
    """Finds repeats. Made by `load`; safe to share between threads."""

    comparer: Comparer
    scorer: PairScorer
    models: Path | None = None
    county: Path | None = None

    @classmethod
    def load(cls, models: Path | None = None, county: Path | None = None, salt: bytes | None = None) -> RepeatFinder:
        """With the shipped models or a version folder's. Without `salt` a new one is drawn.

        Raises:
            ModelError: a part is missing, damaged, or was trained with another tokeniser.
            DataFileError: the units have faults.
        """
        comparer = Comparer.load(salt or secrets.token_bytes(SALT_BYTES), models, county)
        scorer = PairScorer.load(models, reading_fingerprint(comparer.tokeniser))
        return cls(comparer, scorer, models, county)

    def table(self, petitions: Iterable[Petition], progress: Progress | None = None) -> Comparables:
        """The columns of the petitions, read in several processes where they are many."""

        def parts() -> Iterator[Comparables]:
            yield self.comparer.table([])
            for part in tables(petitions, self.comparer, self.models, self.county):
                if progress is not None:
                    progress(len(part))
                yield part

        return Comparables.joined(parts())

    def find(self, petitions: Iterable[Petition], progress: Progress | None = None, older: int = 0) -> Repeats:
        """Repeats among the petitions; the first `older` ones are not compared with one another."""
        return self.find_in(self.table(petitions, progress), older)

    def find_in(self, table: Comparables, older: int = 0) -> Repeats:
        """Repeats among the rows of a table; the first `older` rows are not compared with one another."""
        scorer = self.scorer.within(table)
        scored = judged(len(table), _scored_alone(table, scorer, older), scorer)
        return Repeats(table.ids, table.days, scored, self.scorer.threshold)


def _scored_alone(table: Comparables, scorer: PairScorer, older: int) -> ScoredPairs:
    pairs = candidate_pairs(table, scorer.rarity)
    first = score_all(table, pairs[pairs.max(axis=1) >= older], scorer)
    inside = inside_groups(len(table), first, scorer.threshold, older)
    return ScoredPairs.joined([first, score_all(table, inside, scorer, least=0.0)])


def inside_groups(rows: int, scored: ScoredPairs, threshold: float, older: int) -> Pairs:
    """Pairs between members of one group that likely pairs connect, which are not among the scored ones.

    A group that is too large is taken apart at higher thresholds.
    """
    known = scored.pairs
    found, left = [known[:0]], MORE + MORE_EACH * rows
    for step in np.arange(threshold, 1.0, RAISED):
        for group in sorted(grouped(components(rows, scored.pairs[scored.scores >= step])), key=len):
            left -= len(group) * (len(group) - 1) // 2
            if len(group) > WHOLE or left < 0:
                break
            if len(group) > 2:
                i, j = upper_pairs(len(group))
                found.append(np.stack([group[i], group[j]], axis=1))
    every = np.concatenate(found)
    codes = np.setdiff1d(every[:, 0] * rows + every[:, 1], known[:, 0] * rows + known[:, 1])
    new = np.stack([codes // rows, codes % rows], axis=1) if len(codes) else known[:0]
    return new[new[:, 1] >= older]


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
