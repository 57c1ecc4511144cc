"""Which pairs are worth scoring: copies by fingerprint, neighbours by the encoder, letters that share particulars."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from models.comparables import Comparables, Rows
from models.neighbours import EXACT, NEIGHBOURS, buckets, nearest
from models.pair_features import RARE, Rarity

Pairs = NDArray[np.int64]
"""(pairs, 2) row numbers, the smaller first."""
Codes = NDArray[np.int64]
"""(pairs,) the same as one number each: the smaller row number times the number of rows, and the larger."""
Index = NDArray[np.int64]
Keys64 = NDArray[np.uint64]
Columns = list[tuple[Index, Keys64]]

BLOCK = 20_000
"""Letters whose keys are made at once."""
BANDS = 8
BAND_ROWS = 2
"""Two texts that share half of their trigrams fall together in one of eight bands of two in nine cases of ten."""
LARGEST_BUCKET = 40
NEXT = 12
"""In a larger bucket a letter is compared with so many that came after it."""
LARGEST_OF_MANY, NEXT_OF_MANY = 12, 4
TELLING_WORDS = 4
VECTOR_SALT = 100
MOST_VOTES = 255
COMMON_STEPS = 1000
_OWNER, _COMMON, _HASH = np.uint64(40), np.uint64(26), np.uint64(38)
"""Places in a sort key: the row, how common a word is in steps, and the first bits of its hash."""
EVERY_PAIR = 600
"""Up to so many petitions, every pair is scored."""
MANY = 50_000
MOST_OF_FEW, MOST_OF_MANY = 40, 5
"""Candidates kept of one petition, those with most in common first; fewer of very many petitions."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(29)


def candidate_pairs(table: Comparables, rarity: Rarity) -> Pairs:
    """The pairs to score, none twice, ascending."""
    if len(table) <= EVERY_PAIR:
        return np.stack(np.triu_indices(len(table), 1), axis=1).astype(np.int64)
    codes, votes = _counted(_gathered([*_sides(table, rarity).values()]))
    return _pairs(_most_in_common(codes, votes, len(table)), len(table))


def candidate_sides(table: Comparables, rarity: Rarity) -> dict[str, Pairs]:
    """The pairs of every side by itself, for measuring."""
    return {name: _pairs(_counted(codes)[0], len(table)) for name, codes in _sides(table, rarity).items()}


def _sides(table: Comparables, rarity: Rarity) -> dict[str, Codes]:
    return {
        "copies": _sharing(copy_keys(table), table.days),
        "neighbours": _neighbours(table),
        "particulars": _sharing(particular_keys(table, rarity), table.days),
    }


def _neighbours(table: Comparables) -> Codes:
    if len(table) <= EXACT:
        one, other = nearest(table.vectors, NEIGHBOURS).T
        return _codes(one, other, len(table))
    return _sharing(vector_keys(table, len(table)), table.days)


def vector_keys(table: Comparables, collection: int) -> Columns:
    """(rows, keys) of the buckets of every letter's vector in a collection of so many letters."""
    rows = np.arange(len(table), dtype=np.int64)
    found = buckets(table.vectors, collection)
    return [(rows, _mixed(one + _salt(VECTOR_SALT + number))) for number, one in enumerate(found)]


def copy_keys(table: Comparables) -> Columns:
    """(rows, keys) of the bands of every text's MinHash (Broder, 1997) over its trigrams."""
    return _by_blocks(table, _copy_keys)


def particular_keys(table: Comparables, rarity: Rarity) -> Columns:
    """(rows, keys) of what few letters share: petitioner, phone, people, a village with a surname or problem, words."""
    return _by_blocks(table, lambda part: _particular_keys(part, rarity))


def _by_blocks(table: Comparables, keys_of: Callable[[Comparables], Columns]) -> Columns:
    """The keys of all letters from blocks of them: a letter's keys depend on it alone, and little is held besides."""
    blocks = []
    for start in range(0, max(1, len(table)), BLOCK):
        blocks.append([(rows + start, keys) for rows, keys in keys_of(table.part(start, start + BLOCK))])
    columns = []
    for column in zip(*blocks, strict=True):
        rows, keys = zip(*column, strict=True)
        columns.append((np.concatenate(rows), np.concatenate(keys)))
    return columns


def _copy_keys(table: Comparables) -> Columns:
    trigrams = table.sets["trigrams"]
    some = np.flatnonzero(trigrams.sizes > 0)
    keys = trigrams.keys.astype(np.uint64)
    result = []
    for band in range(BANDS):
        value = np.full(len(some), np.uint64(band + 1), dtype=np.uint64)
        for row in range(BAND_ROWS):
            salted = _mixed(keys + _salt(band * BAND_ROWS + row))
            least = np.minimum.reduceat(salted, trigrams.starts[some]) if len(some) else value
            value = _mixed(value * _ODD + least)
        result.append((some, value))
    return result


def _particular_keys(table: Comparables, rarity: Rarity) -> Columns:
    sets = table.sets
    problem = Rows(np.arange(len(table) + 1, dtype=np.int64), table.problems.argmax(axis=1).astype(np.int32))
    singles = [_single(sets[name], salt) for salt, name in enumerate(("phones", "petitioners", "people"), 1)]
    crossed = [
        _crossed(sets["villages"], sets["surnames"], 5),
        _crossed(sets["villages"], problem, 6),
        _crossed(sets["towns"], sets["surnames"], 7),
        _crossed(sets["towns"], sets["given_names"], 8),
        _crossed(sets["towns"], problem, 9),
    ]
    telling = [_telling(sets[name], rarity, name, salt) for salt, name in enumerate(("words", "bigrams"), 11)]
    return [*singles, *crossed, *telling]


def _single(rows: Rows, salt: int) -> tuple[Index, Keys64]:
    owner = np.repeat(np.arange(len(rows)), rows.sizes)
    return owner, _mixed(rows.keys.astype(np.uint64) + _salt(salt))


def _crossed(left: Rows, right: Rows, salt: int) -> tuple[Index, Keys64]:
    """A key for every pair of a left and a right key of one row."""
    owner, one = _single(left, salt)
    sizes = right.sizes[owner]
    ends = np.cumsum(sizes)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(right.starts[owner] - (ends - sizes), sizes)
    return np.repeat(owner, sizes), _mixed(np.repeat(one, sizes) * _ODD + right.keys[places].astype(np.uint64))


def _telling(rows: Rows, rarity: Rarity, name: str, salt: int) -> tuple[Index, Keys64]:
    """The keys of every row's rarest words or bigrams; of equally rare ones those with the smallest hash."""
    weight = rarity.of(rows.keys, name)
    rare = np.flatnonzero(weight >= RARE)
    owner = (np.searchsorted(rows.starts, rare, side="right") - 1).astype(np.int64)
    keys = _mixed(rows.keys[rare].astype(np.uint64) + _salt(salt))
    # From the highest weight there is, not of these letters: a letter's keys do not depend on its batch.
    common = ((rarity.highest - weight[rare]) * COMMON_STEPS).astype(np.uint64)
    sort_key = (owner.astype(np.uint64) << _OWNER) + (common << _COMMON) + (keys >> _HASH)
    order = np.argsort(sort_key, kind="stable")
    first = np.searchsorted(owner, owner[order])
    chosen = order[np.arange(len(order)) - first < TELLING_WORDS]
    return owner[chosen], keys[chosen]


def _sharing(columns: Columns, days: NDArray[np.int32]) -> Codes:
    """Pairs of rows that have a key in common; in large buckets those that came one after the other."""
    rows = len(days)
    return _gathered(
        [_codes(*pairs, rows) for owner, keys in columns for pairs in in_buckets(owner, keys, days[owner], rows)]
    )


def _gathered(parts: list[Codes]) -> Codes:
    """All codes in one array. Takes the parts out of the list one by one, so that nothing is held twice."""
    end = sum(map(len, parts))
    whole = np.empty(end, dtype=np.int64)
    while parts:
        part = parts.pop()
        whole[end - len(part) : end] = part
        end -= len(part)
    return whole


def bucket_limits(collection: int) -> tuple[int, int]:
    """Up to how many letters of a bucket all are compared, and with how many that follow in a larger one."""
    return (LARGEST_OF_MANY, NEXT_OF_MANY) if collection > MANY else (LARGEST_BUCKET, NEXT)


def most_candidates(collection: int) -> int:
    """How many candidates of one petition are kept."""
    return MOST_OF_MANY if collection > MANY else MOST_OF_FEW


def in_buckets(owner: Index, keys: Keys64, days: NDArray[np.int32], collection: int) -> Iterator[tuple[Index, Index]]:
    """(earlier, later) rows of entries with one key, of a collection of so many letters; work grows with the entries.

    Args:
        owner: the row of every entry.
        keys: its key.
        days: when the row was received.
        collection: letters in all.
    """
    order = np.lexsort((owner, days, keys))
    owner, keys = owner[order], keys[order]
    sizes = np.diff(np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1], [True]))))
    largest, following = bucket_limits(collection)
    small = np.repeat(sizes <= largest, sizes)
    for step in range(1, largest):
        together = keys[step:] == keys[:-step]
        if step > following:
            together &= small[step:]
        if not together.any():
            return
        yield owner[:-step][together], owner[step:][together]


def _codes(one: Index, other: Index, rows: int) -> Codes:
    """The pairs of different rows as one number each, so that millions of them are sorted in little memory."""
    apart = one != other
    one, other = one[apart], other[apart]
    return np.asarray(np.minimum(one, other) * rows + np.maximum(one, other), dtype=np.int64)


def _pairs(codes: Codes, rows: int) -> Pairs:
    return np.stack([codes // max(rows, 1), codes % max(rows, 1)], axis=1)


def _counted(codes: Codes) -> tuple[Codes, NDArray[np.uint8]]:
    """Every pair once, ascending, and how often it was found. Sorts what it is given."""
    codes.sort()
    first = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))[: len(codes)])
    votes = np.diff(first, append=len(codes)).clip(max=MOST_VOTES).astype(np.uint8)
    return codes[first], votes


def _most_in_common(codes: Codes, votes: NDArray[np.uint8], rows: int) -> Codes:
    """Of every petition's candidates those found most often; a pair stays when either petition keeps it."""
    most = most_candidates(rows)
    keep = np.zeros(len(codes), dtype=bool)
    for side in (codes // rows, codes % rows):
        # Sorted by petition, then votes; of equal votes the pair with the smaller numbers comes first.
        order = np.argsort(side * (MOST_VOTES + 1) + (MOST_VOTES - votes), kind="stable")
        owner = side[order]
        starts = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1]))[: len(owner)])
        rank = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
        keep[order[rank < most]] = True
    return codes[keep]


def _salt(number: int) -> np.uint64:
    return np.uint64((2 * number + 1) * int(_ODD) % (1 << 64))


def _mixed(values: Keys64) -> Keys64:
    """Spreads a hash over all bits (the finaliser of splitmix64)."""
    mixed = (values ^ (values >> _SHIFT)) * _MIX
    return np.asarray((mixed ^ (mixed >> _SHIFT)) * _ODD, dtype=np.uint64)
