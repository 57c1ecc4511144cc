"""Which clauses of a text moved a linear model to a label.

A score is a sum over features, so every occurrence of a word or n-gram has an exact share in it: the row's value of its
feature times the label's weight, divided evenly among the feature's occurrences in the text. A clause's share is the
sum over the occurrences that begin in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from models.features import FeatureSpace, Int, Occurrences
from models.linear import Float, Linear
from models.reading import Reading
from models.suggestions import Evidence

MOST = 3
SHARE = 0.5
"""A clause is shown when its share is at least this part of the strongest one's."""


class ClauseShares:
    """Shares of the clauses of a batch in the scores that one feature space gives."""

    def __init__(
        self,
        space: FeatureSpace,
        found: Occurrences,
        counts: sp.csr_matrix,
        rows: sp.csr_matrix,
        readings: Sequence[Reading],
    ) -> None:
        number, known = space.features(found)
        order = np.argsort(found.text[known], kind="stable")
        text, start = found.text[known][order], found.start[known][order]
        self._number = number[known][order]
        self._bounds = np.searchsorted(text, np.arange(found.texts + 1))
        self._share = self._shares(counts, rows)
        self._clause, self._first_clause = _clauses(text, start, readings)

    def _shares(self, counts: sp.csr_matrix, rows: sp.csr_matrix) -> Float:
        """The row's value of every occurrence's feature, divided among the feature's occurrences."""
        each = rows.data / counts.data
        value = np.zeros(rows.shape[1], dtype=np.float32)
        share = np.empty(len(self._number), dtype=np.float32)
        for text in range(rows.shape[0]):
            row = slice(rows.indptr[text], rows.indptr[text + 1])
            part = slice(self._bounds[text], self._bounds[text + 1])
            value[rows.indices[row]] = each[row]
            share[part] = value[self._number[part]]
        return share

    def sums(self, linear: Linear, texts: Int, labels: Int) -> list[Float]:
        """For every pair of a text and a label, the shares of the text's clauses in the label's score."""
        lengths = self._bounds[texts + 1] - self._bounds[texts]
        ends = np.cumsum(lengths)
        index = np.repeat(self._bounds[texts] - (ends - lengths), lengths) + np.arange(int(lengths.sum()))
        share = self._share[index] * linear.weights[self._number[index], np.repeat(labels, lengths)]
        clauses = self._first_clause[texts + 1] - self._first_clause[texts]
        offsets = np.concatenate(([0], np.cumsum(clauses)))
        slot = self._clause[index] + np.repeat(offsets[:-1] - self._first_clause[texts], lengths)
        known = self._clause[index] >= 0
        totals = np.bincount(slot[known], weights=share[known], minlength=int(offsets[-1]))
        return [totals[first:last].astype(np.float32) for first, last in pairwise(offsets)]


def _clauses(text: Int, start: Int, readings: Sequence[Reading]) -> tuple[Int, Int]:
    """The clause, numbered through the batch, in which each occurrence begins (-1: none), and each text's first one."""
    counts = [len(reading.clauses) for reading in readings]
    first = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    widest = 1 + max((len(reading.text) for reading in readings), default=0)
    keys = np.array(
        [number * widest + begin for number, reading in enumerate(readings) for begin, _ in reading.clauses],
        dtype=np.int64,
    )
    clause = np.searchsorted(keys, text * widest + start, side="right") - 1
    clause[clause < first[text]] = -1
    return clause, first


def evidence(reading: Reading, original: str, sums: Float) -> tuple[Evidence, ...]:
    """The clauses of the petition's own text that raised the score most, in the order of the text, three at most.

    Args:
        reading: the petition as it was read.
        original: the petition's text, which offsets count in.
        sums: the clauses' shares, from `ClauseShares.sums`.
    """
    chosen: list[tuple[int, int]] = []
    least = 0.0
    for index in np.argsort(-sums):
        if sums[index] <= least or len(chosen) == MOST:
            break
        place = reading.span_in_text(*reading.clauses[index])
        if place is not None:
            least = least or SHARE * float(sums[index])
            chosen.append(place)
    return tuple(Evidence(start, end, original[start:end]) for start, end in sorted(chosen))
