"""Pairs of a collection with their scores: judged by themselves first, then among one another."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.comparables import Comparables
from models.cores import usable_cores
from models.pair_context import CARRIED, carried, context
from models.pair_features import Float, Index
from models.pair_scorer import PairScorer
from models.repeat_relation import RECURRED, RELATIONS, relations

KEPT = 0.01
"""Pairs less likely than this are not kept: no threshold anybody would choose lies below."""
BATCH = 50_000
"""Pairs that are scored at once; numpy and scipy work without the interpreter's lock, so batches run in threads."""


@dataclass(frozen=True)
class ScoredPairs:
    """`pairs` (pairs, 2) row numbers, the smaller first, with `scores` (pairs,) and `relation` (pairs,).

    A relation is its place in RELATIONS. `carried` (pairs, CARRIED) are the features that `judged` needs, (pairs, 0)
    once it has judged.
    """

    pairs: Index
    scores: NDArray[np.float32]
    relation: NDArray[np.uint8]
    carried: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def recurred(self) -> NDArray[np.bool_]:
        """(pairs,) whether the later letter says that the matter came back."""
        return np.asarray(self.relation == RELATIONS.index(RECURRED))

    @property
    def relation_names(self) -> NDArray[np.str_]:
        """(pairs,) copy, repeat, joint or recurred."""
        return np.array(RELATIONS)[self.relation]

    def taken(self, some: Index) -> ScoredPairs:
        """These of the pairs."""
        return ScoredPairs(*(getattr(self, name)[some] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: Iterable[ScoredPairs]) -> ScoredPairs:
        """The pairs of all parts."""
        none = np.zeros((0, len(CARRIED)), np.float16)
        empty = cls(np.zeros((0, 2), np.int64), np.zeros(0, np.float32), np.zeros(0, np.uint8), none)
        every = [part for part in parts if len(part)] or [empty]
        return cls(*(np.concatenate([getattr(part, name) for part in every]) for name in cls.__dataclass_fields__))


def score_all(table: Comparables, pairs: Index, scorer: PairScorer, least: float = KEPT) -> ScoredPairs:
    """Of many pairs of one table those of at least this probability, each judged by itself."""
    parts = np.array_split(pairs, max(1, len(pairs) // BATCH))
    with ThreadPoolExecutor(usable_cores()) as threads:
        return ScoredPairs.joined(
            threads.map(lambda part: score_pairs(table, part[:, 0], table, part[:, 1], scorer, least)[0], parts)
        )


def score_pairs(
    left: Comparables, i: Index, right: Comparables, j: Index, scorer: PairScorer, least: float = KEPT
) -> tuple[ScoredPairs, Float]:
    """Of the pairs (left[i], right[j]) those of at least this probability, and their features."""
    features = scorer.features(left, i, right, j)
    scores = scorer.probabilities(features)
    some = np.flatnonzero(scores >= least)
    i, j, features = i[some], j[some], features[some]
    relation = relations(left, i, right, j, features)
    return ScoredPairs(np.stack([i, j], axis=1), scores[some], relation, carried(features)), features


def judged(rows: int, scored: ScoredPairs, scorer: PairScorer) -> ScoredPairs:
    """The pairs of a collection of so many letters with their final scores, each judged among all of them."""
    scores = scored.scores.copy()
    if scorer.registered:
        some = np.flatnonzero(scores >= KEPT)
        around = context(rows, scored.pairs[some], scores[some])

        def judge(part: Index) -> Float:
            return scorer.among_others(np.concatenate([around[part], scored.carried[some[part]]], axis=1))

        with ThreadPoolExecutor(usable_cores()) as threads:
            parts = np.array_split(np.arange(len(some)), max(1, len(some) // BATCH))
            scores[some] = np.concatenate([*threads.map(judge, parts)])
    return replace(scored, scores=scores, carried=np.zeros((len(scored), 0), dtype=np.float16))
