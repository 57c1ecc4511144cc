"""Which unit of a kind of bureau: P(unit | kind, district, text), for units with many examples, three, or none.

A unit is scored by how alike a letter is to those it answered (cosine to their mean, after Rocchio, 1971), how many of
the district's letters it answered, and how much of its name the letter says. The factors of the three are those under
which held-out decisions are likeliest (a conditional logit, after McFadden, 1974). Beside a district's known units
every kind has a place for one that was never seen there: it bears the name that the same bureau has in other districts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.calibration import Numbers
from models.features import BITS, BLOCKS, Int, Occurrences

SHORTEST_GRAM = 2
SHRINK = 0.5
"""Added to the length of a unit's summed letters, so that a single letter is not taken for the unit's whole work."""

Factors = tuple[float, float, float, float]
DEFAULT: Factors = (10.0, 0.5, 10.0, -2.0)
"""Likeness, log of the letters answered, share of the name, and the score of a unit never seen: used where too few
decisions can be held out to fit them."""


@dataclass(frozen=True)
class NameMentions:
    """Character n-grams of unit names. `grams` (grams,) buckets, ascending; `weights` (units, grams), rows sum to 1."""

    grams: Int
    weights: sp.csr_matrix

    @classmethod
    def of(cls, names: Occurrences) -> NameMentions:
        """The n-grams of two characters or more; those that few of the names share weigh most."""
        grams, number = np.unique(names.bucket[_long(names)], return_inverse=True)
        held = _presence(names.text[_long(names)], number, (names.texts, len(grams)))
        rarity = np.square(np.log((1 + names.texts) / np.maximum(1, np.asarray(held.sum(axis=0)).ravel())))
        weights = held @ sp.diags(rarity)
        totals = np.maximum(np.asarray(weights.sum(axis=1)).ravel(), 1e-9)
        return cls(grams, sp.csr_matrix(sp.diags(1 / totals) @ weights, dtype=np.float32))

    def shares(self, found: Occurrences) -> Numbers:
        """(texts, units): which part of every unit's name a text says, 0 to 1, by weight."""
        number = self._numbers[found.bucket]
        known = (number >= 0) & (found.end - found.start >= SHORTEST_GRAM)
        said = _presence(found.text[known], number[known].astype(np.int64), (found.texts, len(self.grams)))
        return np.asarray((said @ self.weights.T).toarray())

    @cached_property
    def _numbers(self) -> NDArray[np.int32]:
        table = np.full(BLOCKS << BITS, -1, dtype=np.int32)
        table[self.grams] = np.arange(len(self.grams), dtype=np.int32)
        return table


def _long(found: Occurrences) -> NDArray[np.bool_]:
    return np.asarray((found.bucket >> BITS == 1) & (found.end - found.start >= SHORTEST_GRAM))


def _presence(text: Int, number: Int, shape: tuple[int, int]) -> sp.csr_matrix:
    table = sp.csr_matrix((np.ones(len(text), dtype=np.float32), (text, number)), shape=shape)
    table.data[:] = 1.0
    return table


@dataclass(frozen=True)
class UnitChoice:
    """All that tells the units of a kind apart.

    `kind` (units,) number of each unit's kind; `counts` (districts + 1, units) letters it answered from a district, in
    the last row from all of them; `assumed` (the same) whether a unit of this name was never seen and is supposed in
    the district, one of a kind at most; `means` (units, features) directions of the letters that each unit answered.
    """

    kinds: int
    kind: Int
    counts: NDArray[np.float32]
    assumed: NDArray[np.bool_]
    means: sp.csr_matrix
    mentions: NameMentions
    factors: Factors = DEFAULT

    def evidence(self, found: Occurrences, rows: sp.csr_matrix, district: Int) -> ChoiceEvidence:
        """What the texts say for every unit.

        Args:
            found: words and n-grams of the texts.
            rows: (texts, features) their features.
            district: (texts,) numbers of their districts; -1, the last row, where it is not known.
        """
        alike = np.asarray((rows @ self.means.T).toarray())
        return ChoiceEvidence(alike, self.counts[district], self.assumed[district], self.mentions.shares(found))

    def probabilities(self, kinds: Numbers, given: ChoiceEvidence) -> Numbers:
        """(texts, units) probability of every unit, from those of the kinds (texts, kinds).

        What is missing to the kinds' own probabilities belongs to units that were never seen and cannot be named.
        """
        weight, unseen = given.weights(self.factors)
        membership = sp.csr_matrix(
            (np.ones(len(self.kind), dtype=np.float32), (np.arange(len(self.kind)), self.kind)),
            shape=(len(self.kind), self.kinds),
        )
        known = np.where(given.assumed, 0.0, weight) @ membership
        share = kinds / (known + unseen)
        return np.asarray(share[:, self.kind] * weight)


@dataclass(frozen=True)
class ChoiceEvidence:
    """For every text and unit: likeness, letters answered, whether it is only assumed, share of its name."""

    alike: Numbers
    counts: Numbers
    assumed: NDArray[np.bool_]
    said: Numbers

    def weights(self, factors: Factors) -> tuple[Numbers, Numbers]:
        """(texts, units) weight of every unit, 0 for one not in question, and (texts, 1) that of a unit never seen."""
        likeness, experience, name, never = factors
        answered = np.log(np.maximum(self.counts, 1))
        score = likeness * self.alike + experience * answered + name * self.said
        score = np.where(self.assumed, never, score)
        in_question = (self.counts > 0) | self.assumed
        top = np.maximum(np.where(in_question, score, -np.inf).max(axis=1, initial=-np.inf), never)[:, None]
        return np.where(in_question, np.exp(np.minimum(score - top, 0.0)), 0.0), np.exp(never - top)


def mean_letters(rows: sp.csr_matrix, unit: Int, units: int) -> sp.csr_matrix:
    """(units, features) the sum of the letters of each unit, scaled to about length 1."""
    answered = sp.csr_matrix((np.ones(len(unit), dtype=np.float32), (unit, np.arange(len(unit)))), (units, len(unit)))
    sums = sp.csr_matrix(answered @ rows)
    length = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / (length + SHRINK)) @ sums, dtype=np.float32)


def strongest(means: sp.csr_matrix, most: int) -> sp.csr_matrix:
    """The same with the `most` largest values of every row."""
    rows = []
    for row in range(means.shape[0]):
        one = means[row]
        if one.nnz > most:
            one.data[np.argpartition(-np.abs(one.data), most)[most:]] = 0
            one.eliminate_zeros()
        rows.append(one)
    return sp.csr_matrix(sp.vstack(rows))


def fit_factors(choice: UnitChoice, given: ChoiceEvidence, unit: Int, kind: Int) -> Factors:
    """The factors under which the held-out decisions are likeliest, given the right kind.

    Args:
        choice: what was learned without sight of these decisions.
        given: what their texts say.
        unit: (texts,) the units that answered; -1 for one that `choice` has no name for.
        kind: (texts,) their kinds.
    """
    from scipy.optimize import minimize

    same = choice.kind[None, :] == kind[:, None]
    seen = (unit >= 0) & (given.counts[np.arange(len(unit)), unit] > 0)
    narrowed = ChoiceEvidence(given.alike, np.where(same, given.counts, 0), np.zeros_like(given.assumed), given.said)

    def loss(factors: NDArray[np.float64]) -> float:
        weight, unseen = narrowed.weights(tuple(factors))
        right = np.where(seen, weight[np.arange(len(unit)), unit], unseen[:, 0])
        likelihood = right / (weight.sum(axis=1) + unseen[:, 0])
        return float(-np.log(likelihood + 1e-12).mean() + 1e-4 * np.square(factors - DEFAULT).sum())

    found = minimize(loss, np.array(DEFAULT), method="L-BFGS-B", bounds=[(0, 40), (0, 3), (0, 40), (-10, 10)])
    likeness, experience, name, never = (float(value) for value in found.x)
    return likeness, experience, name, never
