"""Splits that never part near-identical texts, and the overlap between two sets of texts."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from corpus.records import LabelledText

COMMON = 0.15
"""A word in more than this share of the texts tells nothing about which text it comes from."""
CONTAINED = 0.6
"""A text is counted as held in another when this share of its telling words stands there."""


def held_out(group: str, tenths: int = 1) -> bool:
    """Whether a group belongs to the held-out tenths. Decided by a hash of its name, so for ever."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % 10 < tenths


def split_by_group(examples: Sequence[LabelledText]) -> tuple[list[LabelledText], list[LabelledText]]:
    """Training and held-out examples, nine tenths and one; examples without a group all train."""
    train = [example for example in examples if not example.group or not held_out(example.group)]
    test = [example for example in examples if example.group and held_out(example.group)]
    return train, test


def without_copies(examples: Sequence[LabelledText], words: Callable[[str], Sequence[str]]) -> list[LabelledText]:
    """The examples less those without a group that are, in other dress, an example with one.

    Compared by the share of telling words, so that a copy without stop words or punctuation is found as well:
    left in, it would stand on the other side of a split from its original.
    """
    originals = [{word for word in words(one.text) if len(word) > 1} for one in examples if one.group]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, bag in enumerate(originals):
        for word in bag:
            holders[word].append(number)
    most = max(2, int(COMMON * len(originals)))
    return [one for one in examples if one.group or not _held(words(one.text), holders, most)]


def _held(words: Sequence[str], holders: dict[str, list[int]], most: int) -> bool:
    telling = {word for word in words if len(word) > 1 and len(holders.get(word, ())) <= most}
    shared = Counter(number for word in telling for number in holders.get(word, ()))
    return bool(shared) and shared.most_common(1)[0][1] >= max(3.0, CONTAINED * len(telling))
