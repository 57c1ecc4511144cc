"""Who a text may name: by name, surname with post or title, nickname, 某某, or post alone.

Here are candidates only. Which of them are people, and in which role, a model says (`models.people`): 会计 may be the
accused of a letter or nobody at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ahocorasick_rs import AhoCorasick, MatchKind

NAME, SPECIAL, TITLED, POST = range(4)
"""Kinds: a name; 老周, 周某, 周婆婆, a nickname; 周书记; a post alone."""

# What no given name holds: particles, pronouns, places, verbs of letters.
_NO_GIVEN = (
    "某的了是在我你他她它们这那不也就都还又很把被让给叫说讲去到着过与跟从个吗呢吧啊没什么怎谁哪几啥每只再却但而且或及其所要会能可该"
    "村镇乡县局组号楼户亩日间以因对由将并均已未经往按照打收领拿做写送买卖吃住走看问找等"
)
_GIVEN = rf"[^\x00-\u4dff\ua000-\uffff{_NO_GIVEN}]"
_CUT = "\x1f"
LONGEST_BEFORE = 12
"""Characters before a post that may belong to it."""


@dataclass(frozen=True)
class PeopleLists:
    """The word lists that finding people rests on.

    `surnames` of one or two characters, of which `mostly_words` are more often words (和, 水); `posts` → rank;
    `before`: what may precede a post and belongs to it (副, 村, 原); `titles`: what follows a surname and is no post
    (先生, 大姐).
    """

    surnames: frozenset[str]
    mostly_words: frozenset[str]
    posts: Mapping[str, str]
    before: tuple[str, ...]
    titles: tuple[str, ...]

    @cached_property
    def doubles(self) -> frozenset[str]:
        """Surnames of two characters."""
        return frozenset(name for name in self.surnames if len(name) == 2)

    @cached_property
    def openers(self) -> frozenset[str]:
        """Characters that open a surname."""
        return frozenset(name[0] for name in self.surnames)

    def family(self, text: str, start: int) -> int:
        """How many characters of a surname begin there; 0 where none does."""
        if text[start : start + 1] not in self.openers:
            return 0
        return 2 if text[start : start + 2] in self.doubles else int(text[start] in self.surnames)

    def find_posts(self, text: str) -> list[tuple[str, int, int]]:
        """Rank, start and end of every post of the list in the text, the longest that fits."""
        ranks, automaton = self._posts
        return [(ranks[number], start, end) for number, start, end in automaton.find_matches_as_indexes(text)]

    @cached_property
    def _posts(self) -> tuple[list[str], AhoCorasick]:
        return list(self.posts.values()), AhoCorasick(list(self.posts), matchkind=MatchKind.LeftmostLongest)

    def start_of_post(self, text: str, start: int) -> int:
        """Where a post that starts here begins with what belongs to it."""
        if text[start - 1 : start] in self._ends_before:
            before = self._before_post.search(text, max(0, start - LONGEST_BEFORE), start)
            return before.start() if before else start
        return start

    @cached_property
    def _before_post(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{_alternatives(self.before)})+\Z")

    @cached_property
    def _ends_before(self) -> frozenset[str]:
        return frozenset(word[-1] for word in self.before)

    @cached_property
    def special(self) -> re.Pattern[str]:
        """老周, 姓周的, 周某某, 周××, 周家老二, 周婆婆, 外号“周麻子”. One class opens it, for a quick scan."""
        family, double = _characters(self.surnames), _alternatives(self.doubles)
        firsts, seconds = ("".join(sorted({name[place] for name in self.doubles})) for place in (0, 1))
        titles = _alternatives(self.titles)
        after = f"同志|老板|先生|女的|妹子|老爹|法官|{_alternatives(self.posts)}"
        return re.compile(
            rf"""[{family}{firsts}老小姓外绰诨人](?:
                (?<=姓)(?:{double}|[{family}])(?:的(?:[\u4e00-\u9fff]{{0,4}}?(?:{after}))?)?
              | (?<=[老小])(?:{double}|[{family}])(?:头|师傅)?
              | [{seconds}](?<={double})(?:
                    某[某一二甲乙丙]? | [×✕xX*＊]{{1,2}}(?![a-z0-9×*]) | 家?(?:老[大二三四五六七八九幺]|{titles})
                )
              | (?<=[{family}])某[某一二甲乙丙]?
              | (?<=[{family}])[×✕xX*＊]{{1,2}}(?![a-z0-9×*])
              | (?<=[{family}])家?(?:老[大二三四五六七八九幺]|{titles})
              | [号称](?<=外号|绰号|诨号|人称)叫?[“"]?(?P<nickname>[\u4e00-\u9fff]{{2,3}})(?=[”"的，。])
            )""",
            re.VERBOSE,
        )

    @cached_property
    def cut_name(self) -> re.Pattern[str]:
        """In words joined by U+001F: a surname and what follows it within two words."""
        family = _characters(self.surnames - self.mostly_words)
        words = _characters(self.mostly_words)
        double, first = _alternatives(self.doubles), "".join(sorted({name[0] for name in self.doubles}))
        # 诸葛 is a word of the dictionary, and 诸 a surname as well: the longer surname goes first.
        return re.compile(
            rf"{_CUT}((?=[{first}])(?:{double}){_CUT}?{_GIVEN}(?:{_CUT}?{_GIVEN})?"
            rf"|[{family}](?:{_CUT}{_GIVEN}(?:{_CUT}?{_GIVEN}(?={_CUT}))?|{_GIVEN}{{1,3}}(?={_CUT})(?:{_CUT}{_GIVEN}(?={_CUT}))?)"
            rf"|[{words}]{_GIVEN}{{2}}(?={_CUT}))"
        )

    @cached_property
    def cued_name(self) -> re.Pattern[str]:
        """A surname after what often stands before a name and is cut wrongly with it (叫范/小兵, 城建/办于淑芬)."""
        family = _characters(self.surnames - self.mostly_words)
        double = _alternatives(self.doubles)
        return re.compile(f"[叫村组社区人员办、：:\\n弟兄子妻侄女长记任计](?:{double}|[{family}])")


@dataclass(slots=True)
class Candidate:
    """One written form of what may be a person, everywhere it stands; the post beside it and the post's rank."""

    text: str
    kind: int
    post: str | None = None
    rank: str | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)


def find_candidates(
    text: str,
    words: Sequence[str],
    lists: PeopleLists,
    knows: Callable[[str], bool],
    gaps: frozenset[int] = frozenset(),
) -> list[Candidate]:
    """The candidates of a text, each form once.

    Args:
        text: any plain text.
        words: the text cut into words.
        lists: surnames, posts and titles.
        knows: whether a word stands in the dictionary, so that it is hardly a name.
        gaps: offsets where a blank was taken out, as between the names under a letter.
    """
    found: dict[str, Candidate] = {}
    _find_posts(text, lists, found)
    for match in lists.special.finditer(text):
        _add(found, match["nickname"] or match[0], SPECIAL)
    _find_cut_names(words, lists, knows, found)
    for match in lists.cued_name.finditer(text):
        start = match.start() + 1
        if match.end() == start + 2 or not knows(text[start : start + 2]):
            _add_names(found, text, start, lists)
    for start in gaps:
        _add_names(found, text, start, lists)
    for form, candidate in found.items():
        if candidate.kind != POST:
            candidate.spans = _everywhere(text, form)
    return [candidate for candidate in found.values() if candidate.spans]


def _find_posts(text: str, lists: PeopleLists, found: dict[str, Candidate]) -> None:
    """Posts with the names right before and after them, or alone."""
    openers = lists.openers
    for rank, start, end in lists.find_posts(text):
        first = lists.start_of_post(text, start)
        post = text[first:end]
        named = text[end : end + 1] in openers and _add_names(found, text, end, lists, post, rank)
        for begin in range(max(0, first - 4), first - 1):
            if text[begin] not in openers or (begin and text[begin - 1 : begin + 1] in lists.doubles):
                continue
            size = lists.family(text, begin)
            if size and first - begin - size in (1, 2) and _is_given(text[begin + size : first]):
                _add(found, text[begin:first], NAME, post, rank)
        family = start - 1 if text[start - 1 : start] == "副" else start
        if family >= 2 and text[family - 2 : family] in lists.doubles:
            _add(found, text[family - 2 : end], TITLED, text[family:end], rank)
        elif family >= 1 and text[family - 1] in lists.surnames:
            _add(found, text[family - 1 : end], TITLED, text[family:end], rank)
        elif not named:
            _add(found, post, POST, post, rank).spans.append((first, end))


def _find_cut_names(
    words: Sequence[str], lists: PeopleLists, knows: Callable[[str], bool], found: dict[str, Candidate]
) -> None:
    """Names that the cuts show: words that the dictionary lacks, or short words after a surname."""
    for match in lists.cut_name.finditer(_CUT + _CUT.join(words) + _CUT):
        first, _, rest = match[1].partition(_CUT)
        form = first + rest.replace(_CUT, "")
        known = len(first) > 1 and knows(first)
        whole = len(first) == 1 and len(rest) == 2 and rest[0] != _CUT  # 徐/家栋 is no 徐家
        for length in (3,) if whole else (3, 2) if form[:2] not in lists.doubles else (4, 3):
            if len(form) >= length and not (known and len(first) > length - (len(first) == 2)):
                _add(found, form[:length], NAME)


def _add_names(
    found: dict[str, Candidate],
    text: str,
    start: int,
    lists: PeopleLists,
    post: str | None = None,
    rank: str | None = None,
) -> bool:
    """Adds what begins at `start` as names, where that is a surname; gives whether there are any."""
    size = lists.family(text, start)
    added = False
    for length in (size + 2, size + 1) if size else ():
        if len(text) >= start + length and _is_given(text[start + size : start + length]):
            _add(found, text[start : start + length], NAME, post, rank)
            added = True
    return added


_IS_GIVEN = re.compile(f"{_GIVEN}{{1,3}}")


def _is_given(characters: str) -> bool:
    return _IS_GIVEN.fullmatch(characters) is not None


def _add(
    found: dict[str, Candidate], form: str, kind: int, post: str | None = None, rank: str | None = None
) -> Candidate:
    candidate = found.get(form)
    if candidate is None:
        candidate = found[form] = Candidate(form, kind, post, rank)
    elif candidate.post is None:
        candidate.post, candidate.rank = post, rank
    return candidate


def _everywhere(text: str, form: str) -> list[tuple[int, int]]:
    spans = []
    start = text.find(form)
    while start >= 0:
        spans.append((start, start + len(form)))
        start = text.find(form, start + len(form))
    return spans


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def _characters(surnames: Iterable[str]) -> str:
    return "".join(sorted(name for name in surnames if len(name) == 1))
