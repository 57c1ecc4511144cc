"""Which clauses of a text moved a linear model to a label.

A score is a sum over features, so every occurrence of a word or n-gram has an exact share in it: the row's value of its
feature times the label's weight, divided evenly among the feature's occurrences in the text. A clause's share is the
sum over the occurrences that begin in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.features import Counts, Int, Occurrences
from models.linear import Linear
from models.reading import Reading
from models.suggestions import Evidence

MOST = 3
SHARE = 0.5
"""A clause is shown when its share is at least this part of the strongest one's."""


class Clauses:
    """The clauses of a batch, numbered through, and the occurrences that begin in them.

    `first` (texts + 1,) is each text's first clause, `own` (clauses,) whether one stands in the petition's own text and
    not in its title, `of` (occurrences,) the clause of each in the order of `found.distinct`, -1 for none.
    """

    def __init__(self, found: Occurrences, readings: Sequence[Reading], texts: Sequence[str]) -> None:
        """Takes the readings of a batch, what occurs in them, and the petitions' texts, which offsets count in."""
        self.found = found
        self._readings, self._texts = readings, texts
        self._spans = [span for reading in readings for span in reading.clauses]
        self.first = np.cumsum([0, *(len(reading.clauses) for reading in readings)])
        self.own = np.array([start >= one.own_start for one in readings for start, _ in one.clauses], dtype=bool)
        self.of = self._clause_of_occurrences()
        self._shown: dict[int, Evidence] = {}

    def _clause_of_occurrences(self) -> Int:
        offsets = np.cumsum([0, *(len(reading.text) for reading in self._readings)])
        starts = np.fromiter((start for start, _ in self._spans), dtype=np.int64, count=len(self._spans))
        begins = np.zeros(int(offsets[-1]) + 1, dtype=np.int64)
        begins[starts + np.repeat(offsets[:-1], np.diff(self.first))] = 1
        text = self.found.text
        clause = (np.cumsum(begins) - 1)[offsets[text] + self.found.start]
        clause = np.where(clause < self.first[text], -1, clause)
        return np.asarray(clause[self.found.distinct.order])

    def evidence(self, text: int, clause: int) -> Evidence:
        """A clause of a text as it stands in the petition."""
        if clause not in self._shown:
            start, end = self._readings[text].normalised.span(*self._spans[clause])
            start, end = start - self._readings[text].text_start, end - self._readings[text].text_start
            self._shown[clause] = Evidence(start, end, self._texts[text][start:end])
        return self._shown[clause]


class ClauseShares:
    """Shares of the clauses of a batch in the scores that one feature space gives."""

    def __init__(self, clauses: Clauses, counts: Counts, rows: sp.csr_matrix) -> None:
        """Takes the counts and the weighted rows that the space makes of the clauses' batch."""
        self._clauses = clauses
        sizes = np.diff(clauses.found.distinct.first)
        # Which of the rows' values each occurrence belongs to.
        value = np.full(len(sizes), -1)
        value[counts.places] = np.arange(len(counts.places))
        value = np.repeat(value, sizes)
        kept = np.flatnonzero((value >= 0) & (clauses.of >= 0))
        value = value[kept]
        self._share = (rows.data / counts.table.data)[value]
        self._feature = rows.indices[value]
        self._clause = clauses.of[kept]
        self._bounds = np.searchsorted(value, rows.indptr)

    def sums(self, linear: Linear, texts: Int, labels: Int) -> tuple[NDArray[np.float32], Int]:
        """For every pair of a text and a label, the shares of the text's clauses in the label's score.

        Returns:
            The shares one after the other, and where those of each pair begin, with the end of the last.
        """
        lengths = self._bounds[texts + 1] - self._bounds[texts]
        ends = np.cumsum(lengths)
        index = np.repeat(self._bounds[texts] - (ends - lengths), lengths) + np.arange(int(lengths.sum()))
        share = self._share[index] * linear.weights[self._feature[index], np.repeat(labels, lengths)]
        first = self._clauses.first
        offsets = np.concatenate(([0], np.cumsum(first[texts + 1] - first[texts])))
        slot = self._clause[index] + np.repeat(offsets[:-1] - first[texts], lengths)
        return np.bincount(slot, weights=share, minlength=int(offsets[-1])).astype(np.float32), offsets

    def evidence(self, linear: Linear, texts: Int, labels: Int) -> list[tuple[Evidence, ...]]:
        """For every pair the clauses of the petition's own text that raised the score most, three at most, in order."""
        shares, offsets = self.sums(linear, texts, labels)
        sizes = np.diff(offsets)
        clause = np.arange(len(shares)) + np.repeat(self._clauses.first[texts] - offsets[:-1], sizes)
        shares *= self._clauses.own[clause]
        best = np.zeros(len(texts), dtype=np.float32)
        best[sizes > 0] = np.maximum.reduceat(shares, offsets[:-1][sizes > 0]) if len(shares) else 0
        pair = np.repeat(np.arange(len(texts)), sizes)
        strong = np.flatnonzero((shares > 0) & (shares > SHARE * best[pair]))
        chosen: list[list[int]] = [[] for _ in texts]
        for number, one in zip(pair[strong].tolist(), strong.tolist(), strict=True):
            chosen[number].append(one)
        return [
            tuple(self._clauses.evidence(text, int(clause[one])) for one in _strongest(found, shares))
            for text, found in zip(texts.tolist(), chosen, strict=True)
        ]


def _strongest(numbers: list[int], shares: NDArray[np.float32]) -> list[int]:
    """The numbers of the MOST largest shares, ascending."""
    if len(numbers) > MOST:
        return sorted(sorted(numbers, key=lambda number: -shares[number])[:MOST])
    return numbers
