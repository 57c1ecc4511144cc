"""Words and character n-grams of readings as sparse TF-IDF rows, hashed in numpy, a batch at a time.

Feature hashing after Weinberger et al. (2009), "Feature Hashing for Large Scale Multitask Learning": no vocabulary of
strings is kept, so a model file holds no text of those who wrote. Of the hash buckets only those seen in at least
`min_documents` training texts become features.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from corpus.records import Petition
from models.reading import Reading, read
from nlp.tokenise import Tokeniser

BITS = 20
BLOCKS = 3
"""0 words, 1 character n-grams, 2 the n-grams of the beginning; each block of a row is scaled to length 1 by itself."""
TEXT_SHIFT = BITS + 2
"""Above block and bucket stands the number of the text, where they are one key."""
HEAD = 40
"""Characters of the beginning: a title, or the first sentence, says more of the matter than any later one."""
CHARACTERS = (1, 2, 3)
MIN_DOCUMENTS = 2

PROBE = "  村支书ＡＢ１２虚报　冒领低保，80㎡\r\n\u200b路灯 坏了 wifi  abc。" + "去年入冬以来巷子里的水管漏了四次，" * 8

_BASE = np.uint64(0x9E3779B97F4A7C15 | 1)
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(31)

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Occurrences:
    """Every word and n-gram of a batch: the text it is in, its bucket, its span there. Arrays of one length."""

    texts: int
    text: Int
    bucket: Int
    start: Int
    end: Int

    def of_texts(self, index: Int) -> Occurrences:
        """The occurrences of the texts at `index` alone, numbered in that order."""
        place = np.full(self.texts, -1, dtype=np.int64)
        place[index] = np.arange(len(index))
        kept = place[self.text] >= 0
        return Occurrences(len(index), place[self.text[kept]], self.bucket[kept], self.start[kept], self.end[kept])

    @cached_property
    def distinct(self) -> Distinct:
        """Every bucket of every text once; sorted once, for all that count."""
        keys = (self.text << TEXT_SHIFT) + self.bucket
        order = np.argsort(keys)
        keys = keys[order]
        changes = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        first = np.concatenate((np.zeros(min(1, len(keys)), dtype=np.int64), changes, [len(keys)]))
        keys = keys[first[:-1]]
        return Distinct(order, first, keys >> TEXT_SHIFT, keys & ((1 << TEXT_SHIFT) - 1))


@dataclass(frozen=True)
class Distinct:
    """The different buckets of every text, by text and bucket ascending.

    Those of place n are the occurrences order[first[n]:first[n + 1]]; `text` and `bucket` have a value a place.
    """

    order: Int
    first: Int
    text: Int
    bucket: Int


def occurrences(readings: Sequence[Reading]) -> Occurrences:
    """All words and character n-grams of the readings. Those that hold no letter, digit or ideograph are left out."""
    lengths = np.array([len(reading.text) + 1 for reading in readings], dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    joined = "".join(f"{reading.text}\n" for reading in readings)
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    content = _is_content(codes)
    spans = [_word_spans(readings)]
    hashes = [_word_hashes(codes, *spans[0])]
    gram = np.zeros(len(codes), dtype=np.uint64)
    valid = np.ones(len(codes), dtype=bool)
    wide = codes.astype(np.uint64) + np.uint64(1)
    for length in CHARACTERS:
        size = len(codes) - length + 1
        gram = gram[:size] * _BASE + wide[length - 1 :]
        valid = valid[:size] & content[length - 1 :]
        start = np.flatnonzero(valid)
        spans.append((start, start + length))
        hashes.append(_mixed(gram[start], length + 1))
    any_content = np.concatenate(([0], np.cumsum(content)))
    keep = np.flatnonzero(any_content[spans[0][1]] > any_content[spans[0][0]])
    spans[0] = (spans[0][0][keep], spans[0][1][keep])
    hashes[0] = hashes[0][keep]
    start = np.concatenate([first for first, _ in spans])
    end = np.concatenate([last for _, last in spans])
    text = np.repeat(np.arange(len(readings)), lengths)[start]
    block = np.repeat([0, 1], [len(hashes[0]), sum(map(len, hashes[1:]))])
    bucket = (np.concatenate(hashes) >> np.uint64(64 - BITS)).astype(np.int64) + (block << BITS)
    return _with_heads(Occurrences(len(readings), text, bucket, start - offsets[text], end - offsets[text]))


def _with_heads(found: Occurrences) -> Occurrences:
    """The occurrences, and the n-grams of every text's beginning once more as block 2."""
    head = np.flatnonzero((found.bucket >> BITS == 1) & (found.end <= HEAD))
    return Occurrences(
        found.texts,
        np.concatenate((found.text, found.text[head])),
        np.concatenate((found.bucket, found.bucket[head] + (1 << BITS))),
        np.concatenate((found.start, found.start[head])),
        np.concatenate((found.end, found.end[head])),
    )


def reading_fingerprint(tokeniser: Tokeniser) -> str:
    """Changes with the dictionary and with the code from normalising to hashing; a model fits one reading only."""
    found = occurrences([read(Petition(title="标题", text=PROBE), tokeniser)])
    content = tokeniser.fingerprint.encode() + found.bucket.tobytes() + found.start.tobytes()
    return hashlib.sha256(content).hexdigest()[:16]


def gram_bucket(gram: str) -> int:
    """The bucket (of its block, 0 to 2**BITS) that `occurrences` gives this n-gram of characters."""
    value = 0
    for character in gram:
        value = (value * int(_BASE) + ord(character) + 1) % (1 << 64)
    with np.errstate(over="ignore"):
        return int(_mixed(np.array([value], dtype=np.uint64), len(gram) + 1)[0] >> np.uint64(64 - BITS))


def _word_spans(readings: Sequence[Reading]) -> tuple[Int, Int]:
    words = chain.from_iterable((*reading.words, "\n") for reading in readings)
    lengths = np.fromiter(map(len, words), dtype=np.int64)
    ends = np.cumsum(lengths)
    return ends - lengths, ends


def _word_hashes(codes: NDArray[np.uint32], start: Int, end: Int) -> NDArray[np.uint64]:
    """Polynomial hash of every span from prefix sums: (S[end] - S[start]) / base**start, modulo 2**64."""
    powers = np.full(len(codes) + 1, _BASE, dtype=np.uint64)
    inverses = np.full(len(codes) + 1, _INVERSE, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    powers, inverses = np.multiply.accumulate(powers), np.multiply.accumulate(inverses)
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * powers[:-1], out=sums[1:])
    return _mixed((sums[end] - sums[start]) * inverses[start], 1)


def _mixed(values: NDArray[np.uint64], salt: int) -> NDArray[np.uint64]:
    """Spreads the hash over all bits (the finaliser of splitmix64)."""
    mixed = values + np.uint64(salt * int(_BASE) % (1 << 64))
    mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX
    return (mixed ^ (mixed >> _SHIFT)) * _BASE


@cache
def _content_table() -> NDArray[np.bool_]:
    return np.array([chr(code).isalnum() for code in range(0x10000)])


def _is_content(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return _content_table()[np.minimum(codes, 0xFFFF)] | (codes > 0xFFFF)


class Counts(NamedTuple):
    """`table` (texts, features) float32 how often, and at which places of `distinct` its values stand, in its order."""

    table: sp.csr_matrix
    places: Int


@dataclass(frozen=True)
class FeatureSpace:
    """Which buckets are features, and their weights by inverse document frequency.

    `buckets` int64 and `idf` float32, both (features,), buckets ascending.
    """

    buckets: Int
    idf: NDArray[np.float32]

    @classmethod
    def fit(
        cls, found: Occurrences, min_documents: int = MIN_DOCUMENTS, counted: NDArray[np.bool_] | None = None
    ) -> FeatureSpace:
        """The buckets that occur in at least `min_documents` texts, of those that are `counted` (None: all)."""
        distinct = found.distinct
        used = slice(None) if counted is None else counted[distinct.text]
        texts = found.texts if counted is None else int(counted.sum())
        documents = np.bincount(distinct.bucket[used], minlength=BLOCKS << BITS)
        buckets = np.flatnonzero(documents >= min_documents)
        idf = np.log((1 + texts) / (1 + documents[buckets])) + 1
        return cls(buckets, idf.astype(np.float32))

    def keep(self, index: Int) -> FeatureSpace:
        """The features at `index` alone."""
        chosen = np.sort(index)
        return FeatureSpace(self.buckets[chosen], self.idf[chosen])

    @cached_property
    def _numbers(self) -> NDArray[np.int32]:
        table = np.full(BLOCKS << BITS, -1, dtype=np.int32)
        table[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        return table

    def counts(self, found: Occurrences) -> Counts:
        """How often each feature occurs in each text."""
        number = self._numbers[found.distinct.bucket]
        known = np.flatnonzero(number >= 0)
        counts = np.diff(found.distinct.first)[known].astype(np.float32)
        starts = np.searchsorted(found.distinct.text[known], np.arange(found.texts + 1)).astype(np.int32)
        # Buckets ascend with the features' numbers, so rows come out sorted.
        table = sp.csr_matrix((counts, number[known], starts), shape=(found.texts, len(self.buckets)))
        return Counts(table, known)

    def weighted(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """(texts, features) float32: (1 + log count) × idf, each block of a row scaled to length 1."""
        texts = counts.shape[0]
        data = (1 + np.log(counts.data)) * self.idf[counts.indices]
        block = np.repeat(np.arange(texts), np.diff(counts.indptr)) * BLOCKS + (self.buckets >> BITS)[counts.indices]
        norms = np.sqrt(np.bincount(block, weights=np.square(data), minlength=texts * BLOCKS))
        data = (data / norms[block]).astype(np.float32)
        return sp.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)

    def rows(self, found: Occurrences) -> sp.csr_matrix:
        """(texts, features) float32, counted and weighted."""
        return self.weighted(self.counts(found).table)
