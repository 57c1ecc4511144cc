"""What a report says about the rectification of each finding, wherever it says it.

A finding's status stands in another column of its row, in the sentences after it, in a later part that answers by
number (针对第3项问题), or in one that repeats its words; a general sentence (以上问题均已整改) covers the rest.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from nlp.numbering import parse_count
from nlp.structure import ROW, Block

_COUNT = r"(?:[0-9０-９]{1,3}|[一二三四五六七八九十]{1,3})"
_JOINED = rf"{_COUNT}(?:(?:[、，,和及与至到—～-]|[、，,]?第|[、，,]?编号)+{_COUNT})*"
_REFERENCE = re.compile(
    rf"第(?P<ordered>{_JOINED})[项条行件个](?!.?[月年]|村|小?组|季度)"
    rf"|(?:编号|问题|序号)(?P<named>{_JOINED})(?![0-9个件条名份%])"
)
_RANGE = re.compile(rf"({_COUNT})(?:[至到—～-](?:第|编号|问题|序号)?({_COUNT}))?")
_ALL = re.compile(r"(?:以上|上述|所有|所列|反馈的|其余|其他)[^，。；]{0,8}(?:问题|事项|项)[^，。；]{0,4}(?:均|都|全部)")
_EXCEPT = re.compile(r"除[^，。；]{1,20}外")
_FIRST, _SECOND = re.compile(r"前者|前一(?:问题|情况|事项)|前项"), re.compile(r"后者|后一(?:问题|情况|事项)|后项")
LEAST_SHARED = 2.0
"""What an answer elsewhere must share with a finding: pairs of characters, each counted by how few findings have it."""

LEAST_SHARED_NEAR = 0.6
"""The same for an answer in the finding's own paragraph; with less it belongs to the last finding before it."""
MOST_NUMBERS = 100
"""Items that one reference (第1至12项) can mean."""
MOST_HOLDERS = 50
FARTHEST = 120
"""Characters between a finding and an answer in its paragraph that shares no words with it."""

Patterns = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Stated:
    """A finding as far as its status needs it: its span, its block and the number of its item or row."""

    start: int
    end: int
    block: int
    number: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, or the ending of one, that may say what became of a finding."""

    start: int
    end: int
    block: int


ANSWERED, RECTIFIED = "answered", "rectified"


def status_of(text: str, patterns: Patterns, *, answers: bool = False) -> str | None:
    """The first status whose pattern is found in a text; words in quotation marks do not count.

    Where the text is known to answer a problem, the looser pattern `answered` tells that it is rectified.
    """
    bare = re.sub(r"“[^”]*”", "", text)
    found = next((name for name, pattern in patterns.items() if pattern.search(bare)), None)
    if found == ANSWERED:
        return RECTIFIED if answers else None
    return found


def rectification(
    text: str,
    blocks: Sequence[Block],
    found: Sequence[Stated],
    answers: Sequence[Answer],
    patterns: Patterns,
    headings: Patterns,
) -> list[str | None]:
    """The status of every finding, None where the document says nothing.

    Args:
        text: the document.
        blocks: its blocks.
        found: its findings in order.
        answers: what is no finding, in order.
        patterns: statuses in the order they are tried.
        headings: what columns and headings of `progress` and of `measures` are called.
    """
    said: list[list[str]] = [[] for _ in found]
    answered: set[int] = set()
    for index, one in enumerate(found):
        block = blocks[one.block]
        if block.kind == ROW:
            said[index] += _in_row(text, block, _order(found, index), headings)
            answered.add(index)
    search = _Search(text, blocks, found, _Pairs.of(text, found, answers), patterns, headings)
    general: list[tuple[str, list[int]]] = []
    for answer, targets, numbered in search.targets(answers):
        words = text[answer.start : answer.end]
        if _ALL.search(words):
            general.append((words, _numbers(words) if _EXCEPT.search(words) else []))
            continue
        for index in targets:
            said[index].append(words)
        answered.update(targets if numbered else ())
    result = [status_of("。".join(one), patterns, answers=index in answered) for index, one in enumerate(said)]
    for words, excepted in general:
        status = status_of(_EXCEPT.sub("", words), patterns)
        for index, one in enumerate(found):
            if result[index] is None and one.number not in excepted:
                result[index] = status
    return result


@dataclass(frozen=True)
class _Search:
    """Which findings an answer is about."""

    text: str
    blocks: Sequence[Block]
    found: Sequence[Stated]
    pairs: _Pairs
    patterns: Patterns
    headings: Patterns

    def targets(self, answers: Sequence[Answer]) -> Iterator[tuple[Answer, list[int], bool]]:
        """Every answer with its findings, and whether a number told them; a number holds on through its paragraph."""
        scope: tuple[int, list[int]] = (-1, [])
        holders = {one.block for one in self.found}
        for answer in answers:
            above = [self.text[slice(*span)] for span in self.blocks[answer.block].above]
            if answer.block not in holders and self._only_measures(above):
                continue
            words = self.text[answer.start : answer.end]
            if numbers := _numbers(words):
                scope = (answer.block, self._numbered(numbers, answer))
            elif scope[0] != answer.block:
                own = [] if answer.block in holders else self._by_item(answer, above, words)
                scope = (answer.block, own) if own else (-1, [])
            if scope[0] == answer.block:
                yield answer, scope[1], True
            else:
                yield answer, self._unnumbered(words, answer), False

    def _only_measures(self, above: Sequence[str]) -> bool:
        first = "".join(above[:1])
        return bool(self.headings["measures"].search(first)) and not self.headings["progress"].search(first)

    def _numbered(self, numbers: Sequence[int], answer: Answer) -> list[int]:
        """The findings with these numbers, of those before the answer."""
        return [i for i, one in enumerate(self.found) if one.number in numbers and one.start < answer.start]

    def _by_item(self, answer: Answer, above: Sequence[str], words: str) -> list[int]:
        """Items of a part about progress that are numbered like those of the problems, and share words with them."""
        number = self.blocks[answer.block].number
        if number is None or not any(self.headings["progress"].search(heading) for heading in above):
            return []
        shared = self.pairs.shared(words)
        return [i for i in self._numbered([number], answer) if shared.get(i, 0.0) >= LEAST_SHARED_NEAR]

    def _unnumbered(self, words: str, answer: Answer) -> list[int]:
        """The finding that an answer without a number is about: one of its paragraph, or one whose words it shares."""
        if status_of(words, self.patterns) is None:
            return []
        before = bisect_left(self.found, answer.start, key=lambda one: one.start)
        near = list(takewhile(lambda i: self.found[i].block == answer.block, range(before - 1, -1, -1)))[::-1]
        if len(near) > 1 and (_SECOND.search(words) or _FIRST.search(words)):
            return [near[-1] if _SECOND.search(words) else near[-2]]
        shared = self.pairs.shared(words)
        among = near or [i for i in shared if i < before]
        best = max(among, key=lambda i: (shared.get(i, 0.0), i), default=-1)
        if best >= 0 and shared.get(best, 0.0) >= (LEAST_SHARED_NEAR if near else LEAST_SHARED):
            return [best]
        is_next = near and answer.start - self.found[near[-1]].end <= FARTHEST
        return near[-1:] if is_next else []


def _in_row(text: str, block: Block, order: tuple[int, int], headings: Patterns) -> list[str]:
    """What the columns of progress say; of two findings in the row each gets its own (前者 …, 后者 …)."""
    said = []
    for cell, column in zip(block.cells, block.columns, strict=False):
        told = headings["progress"].search(column) or headings["notes"].search(column)
        if not told or headings["measures"].search(column) or headings["facts"].search(column):
            continue
        words = text[slice(*cell)]
        position, count = order
        if count == 2 and _FIRST.search(words) and (second := _SECOND.search(words)):
            words = words[second.start() :] if position else words[: second.start()]
        said.append(words)
    return said


def _order(found: Sequence[Stated], index: int) -> tuple[int, int]:
    """Which finding of its block this is, and how many it has."""
    mine = [number for number, one in enumerate(found) if one.block == found[index].block]
    return mine.index(index), len(mine)


def _numbers(words: str) -> list[int]:
    """The items that a sentence refers to: 第7项、第8项, 第4至6项, 编号1."""
    numbers: list[int] = []
    for reference in _REFERENCE.finditer(words):
        for match in _RANGE.finditer(reference["ordered"] or reference["named"]):
            first, last = parse_count(match[1]), parse_count(match[2] or match[1])
            if first is not None and last is not None and last - first < MOST_NUMBERS:
                numbers += range(first, last + 1)
    return numbers


class _Pairs:
    """Which findings share pairs of characters with a sentence; pairs that many sentences have tell nothing."""

    def __init__(self, found: Sequence[str], others: Sequence[str]) -> None:
        self._findings: dict[str, list[int]] = {}
        for index, text in enumerate(found):
            for pair in _pairs(text):
                self._findings.setdefault(pair, []).append(index)
        self._holders = Counter(pair for text in (*found, *others) for pair in _pairs(text))

    @classmethod
    def of(cls, text: str, found: Sequence[Stated], answers: Sequence[Answer]) -> _Pairs:
        return cls(*([text[one.start : one.end] for one in some] for some in (found, answers)))

    def shared(self, words: str) -> dict[int, float]:
        """For every finding the pairs it shares with the words, each divided by the number of sentences with it."""
        scores: dict[int, float] = {}
        for pair in _pairs(words):
            if self._holders[pair] <= MOST_HOLDERS:
                for index in self._findings.get(pair, ()):
                    scores[index] = scores.get(index, 0.0) + 1 / self._holders[pair]
        return scores


def _pairs(text: str) -> set[str]:
    bare = re.sub(r"[^\u4e00-\u9fff]", "", text)
    return {bare[i : i + 2] for i in range(len(bare) - 1)}
