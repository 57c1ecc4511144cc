"""What a pair of petitions has in common and what it contradicts, as numbers, many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.comparable_names import AGREEMENT, GRAMS, PETITIONER, WEIGHED
from models.comparables import Comparables
from models.features import BITS

Float = NDArray[np.float32]
Index = NDArray[np.int64]

MOST_SHARED = 4
RARE = 5.0
COMMON, TELLING = 1.0, 6.0
"""Words and bigrams with a weight between these speak of the kind of matter rather than of this one."""
UNKNOWN_GAP = 90.0
CUES = ("another", "earlier", "returns")
"""What a letter says of how it stands to others; of letters without days the second counts as the later."""
CHUNK = 20_000

FEATURES = (
    *(f"{name} {what}" for name in WEIGHED for what in ("cosine", "held", "rare", "rare held", "of the matter")),
    "trigrams cosine",
    "trigrams held",
    *(f"{name} {what}" for name in AGREEMENT for what in ("shared", "held", "conflict")),
    "named in the other",
    "given name in the other",
    "names conflict",
    "same petitioner",
    "same surname of petitioner",
    "same phone",
    "petitioners conflict",
    "unsigned",
    "problem",
    "content",
    "letters that name a unit",
    *(f"{cue} {when}" for cue in CUES for when in ("in the later", "in the earlier")),
    "days between",
    "shorter",
    "ratio of lengths",
)


@dataclass(frozen=True)
class Rarity:
    """How rare every word and bigram is: `documents` (2, 2**BITS) letters with each bucket, of `letters` in all.

    The weight is the inverse document frequency, cut off where the letters of the training reach (`reach` of them), so
    that a word is as rare in a collection of a million as in one of two thousand.
    """

    documents: NDArray[np.int32]
    letters: int
    reach: int

    @classmethod
    def fit(cls, table: Comparables) -> Rarity:
        """From the letters of a table."""
        return cls(_documents(table), len(table), len(table))

    def within(self, table: Comparables) -> Rarity:
        """The same with the letters of a collection counted as well: its own place names are not rare in it."""
        return Rarity(self.documents + _documents(table), self.letters + len(table), self.reach)

    @property
    def highest(self) -> np.float32:
        """The weight above which none lies, in whatever collection."""
        return np.float32(-np.log(1 / (self.reach + 1)))

    def of(self, keys: NDArray[np.int32], name: str) -> Float:
        """Weights of keys of the kind `name`."""
        return np.asarray(self._weights[WEIGHED.index(name)][keys], dtype=np.float32)

    def sums(self, rows: sp.csr_matrix, name: str) -> Float:
        """(rows, 3) of each row's keys: weights squared, what rare ones have above RARE, squared of those between."""
        return np.asarray(rows @ self._kinds[WEIGHED.index(name)], dtype=np.float32)

    @cached_property
    def _weights(self) -> Float:
        share = (self.documents + 1) / np.float32(self.letters + 1)
        return np.asarray(-np.log(np.maximum(share, 1 / (self.reach + 1))), dtype=np.float32)

    @cached_property
    def _kinds(self) -> Float:
        weights, squared = self._weights, self._weights**2
        middle = np.where((weights > COMMON) & (weights < TELLING), squared, 0)
        return np.stack([squared, np.maximum(weights - RARE, 0), middle], axis=2).astype(np.float32)


def _documents(table: Comparables) -> NDArray[np.int32]:
    rows = [np.bincount(table.sets[name].keys, minlength=1 << BITS) for name in WEIGHED]
    return np.asarray(rows, dtype=np.int32)


def pair_features(left: Comparables, i: Index, right: Comparables, j: Index, rarity: Rarity) -> Float:
    """(pairs, FEATURES) of the pairs (left[i], right[j])."""
    parts = [
        _chunk(left, i[start : start + CHUNK], right, j[start : start + CHUNK], rarity)
        for start in range(0, len(i), CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, len(FEATURES)), dtype=np.float32)


def _chunk(left: Comparables, i: Index, right: Comparables, j: Index, rarity: Rarity) -> Float:
    columns: list[NDArray[np.floating]] = []
    grams = {name: (left.sets[name].take(i, BITS), right.sets[name].take(j, BITS)) for name in GRAMS}
    for name in WEIGHED:
        columns += _weighed(*grams[name], name, rarity)
    a, b = grams["trigrams"]
    shared, sizes = _shared(a, b), (_sizes(a), _sizes(b))
    columns += [shared / np.sqrt(sizes[0] * sizes[1]).clip(1), shared / np.minimum(*sizes).clip(1)]
    for name in AGREEMENT:
        columns += _agreement(left, i, right, j, name)
    columns += _names(left, i, right, j, grams)
    columns += _petitioners(left, i, right, j)
    columns += [_likeness(left.problems[i], right.problems[j]), _likeness(left.contents[i], right.contents[j])]
    columns.append((left.sets["towns"].sizes[i] > 0).astype(np.float32) + (right.sets["towns"].sizes[j] > 0))
    right_is_later = right.days[j] >= left.days[i]
    for cue in CUES:
        a, b = getattr(left, cue)[i], getattr(right, cue)[j]
        columns += [np.where(right_is_later, b, a), np.where(right_is_later, a, b)]
    days = np.abs(left.days[i] - right.days[j]).astype(np.float32)
    known = (left.days[i] > 0) & (right.days[j] > 0)
    lengths = np.log(np.stack([left.lengths[i], right.lengths[j]]).clip(1))
    columns += [np.log1p(np.where(known, days, UNKNOWN_GAP)), lengths.min(axis=0), np.abs(lengths[0] - lengths[1])]
    return np.stack(columns, axis=1).astype(np.float32)


def _weighed(a: sp.csr_matrix, b: sp.csr_matrix, name: str, rarity: Rarity) -> list[NDArray[np.floating]]:
    parts = (a.multiply(b).tocsr(), a, b)
    squared, rare, middle = np.stack([rarity.sums(part, name).T for part in parts], axis=1)
    return [
        squared[0] / np.sqrt(squared[1] * squared[2]).clip(1e-6),
        squared[0] / np.minimum(squared[1], squared[2]).clip(1e-6),
        np.log1p(rare[0]),
        rare[0] / np.minimum(rare[1], rare[2]).clip(1),
        middle[0] / np.sqrt(middle[1] * middle[2]).clip(1e-6),
    ]


def _agreement(left: Comparables, i: Index, right: Comparables, j: Index, name: str) -> list[NDArray[np.floating]]:
    a, b = left.sets[name].take(i), right.sets[name].take(j)
    shared, least = _shared(a, b), np.minimum(_sizes(a), _sizes(b))
    return [np.minimum(shared, MOST_SHARED), shared / least.clip(1), ((least > 0) & (shared == 0)).astype(np.float32)]


def _names(
    left: Comparables, i: Index, right: Comparables, j: Index, grams: dict[str, tuple[sp.csr_matrix, sp.csr_matrix]]
) -> list[NDArray[np.floating]]:
    """Names of people in one text that stand anywhere in the other, where nothing may mark them as names."""
    people = left.sets["people"].take(i, BITS), right.sets["people"].take(j, BITS)
    given = left.sets["given_names"].take(i, BITS), right.sets["given_names"].take(j, BITS)
    pairs, triples = grams["bigrams"], grams["trigrams"]
    named = sum(_shared(people[one], texts[1 - one]) for texts in (pairs, triples) for one in (0, 1))
    called = _shared(given[0], pairs[1]) + _shared(given[1], pairs[0])
    conflict = (_sizes(people[0]) > 0) & (_sizes(people[1]) > 0) & (named == 0) & (called == 0)
    return [np.minimum(named, MOST_SHARED), np.minimum(called, MOST_SHARED), conflict.astype(np.float32)]


def _petitioners(left: Comparables, i: Index, right: Comparables, j: Index) -> list[NDArray[np.floating]]:
    sides = {name: (left.sets[name].take(i), right.sets[name].take(j)) for name in PETITIONER}
    same, surname, phone = ((_shared(*sides[name]) > 0).astype(np.float32) for name in PETITIONER)
    signed = [(_sizes(one) > 0) for one in sides["petitioner_surnames"]]
    conflict = (signed[0] & signed[1] & (surname == 0) & (phone == 0)).astype(np.float32)
    return [same, surname, phone, conflict, 2.0 - signed[0] - signed[1]]


def _shared(a: sp.csr_matrix, b: sp.csr_matrix) -> Float:
    shared: Float = np.asarray(a.multiply(b).sum(axis=1), dtype=np.float32).ravel()
    return shared


def _sizes(rows: sp.csr_matrix) -> Float:
    return np.asarray(np.diff(rows.indptr), dtype=np.float32)


def _likeness(a: NDArray[np.float16], b: NDArray[np.float16]) -> Float:
    return np.asarray(np.einsum("pk,pk->p", a.astype(np.float32), b.astype(np.float32)), dtype=np.float32)
