"""How much texts repeat each other: shared runs of characters, near-identical texts, sentence frames."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

RUN = 20
SHINGLE = 5
SHORTEST_FRAME = 8

_SENTENCE = re.compile(r"[^。！？；!?;\n]+")
_VALUE = re.compile(r"[0-9零一二两三四五六七八九十百千万亿几半.%％]+")


def bare(text: str) -> str:
    """The text without blanks."""
    return re.sub(r"\s+", "", text)


def sharing_runs(texts: Sequence[str], length: int = RUN) -> set[int]:
    """Numbers of the texts that share a run of `length` characters, blanks apart, with another text."""
    owners: dict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(map(bare, texts)):
        for start in range(len(text) - length + 1):
            owners[text[start : start + length]].add(number)
    return {number for owner in owners.values() if len(owner) > 1 for number in owner}


def near_identical(left: Sequence[str], right: Sequence[str], share: float = 0.5) -> list[tuple[int, int]]:
    """Pairs (left, right) that have at least `share` of the shorter text's 5-character shingles in common."""
    holders: dict[str, list[int]] = defaultdict(list)
    shingles = [_shingles(text) for text in right]
    for number, bag in enumerate(shingles):
        for shingle in bag:
            holders[shingle].append(number)
    pairs = []
    for number, text in enumerate(left):
        mine = _shingles(text)
        common = Counter(other for shingle in mine for other in holders.get(shingle, ()))
        least = share * len(mine)
        pairs += [
            (number, other) for other, count in common.items() if count >= min(least, share * len(shingles[other]))
        ]
    return pairs


def sentence_frames(texts: Iterable[str], names: Iterable[str]) -> Counter[str]:
    """Sentences with names and numbers taken out, and in how many texts each stands."""
    name = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    frames: Counter[str] = Counter()
    for text in texts:
        frames.update({frame for sentence in _SENTENCE.findall(text) if (frame := _frame(sentence, name))})
    return frames


def _frame(sentence: str, name: re.Pattern[str]) -> str:
    frame = _VALUE.sub("0", name.sub("N", bare(sentence)))
    return frame if len(frame) >= SHORTEST_FRAME else ""


def _shingles(text: str) -> set[str]:
    clean = bare(text)
    return {clean[start : start + SHINGLE] for start in range(max(1, len(clean) - SHINGLE + 1))}
