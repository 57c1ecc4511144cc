"""What tells a person from another word, and an accused from a bystander: hashed features of candidates, in numpy.

A batch is read at once: the characters around every mention come from one array of code points, so that a petition
costs microseconds. No string is kept (feature hashing, see `models.features`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from nlp.people import NAME, POST, SPECIAL, TITLED, Candidate

BITS = 16
MENTIONS = 3
"""Of a form that stands more often, the first ones tell enough."""
BACK, AHEAD = 14, 22
"""Characters read before and after a mention for its role."""

Int = NDArray[np.int64]
Float = NDArray[np.float32]
Columns = dict[str, Int]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
NEWLINE = ord("\n")
_PAD = "\n" * (BACK + AHEAD)


@dataclass(frozen=True)
class PersonText:
    """A text, its words, its candidates, and what else is known of it.

    `gaps`: where blanks were taken out; `start`: where the text begins after its title; `petitioner`: the name that the
    petition gives, or ""; `about`: what kind of document it is.
    """

    text: str
    words: Sequence[str]
    candidates: Sequence[Candidate]
    gaps: frozenset[int] = frozenset()
    start: int = 0
    petitioner: str = ""
    about: str = ""


@dataclass(frozen=True)
class NamePriors:
    """Log-odds of characters in names, float32 by code point.

    `surname` (65536,); `given` (3, 65536): the given character of a short name, the first and second of a longer.
    """

    surname: Float
    given: Float


@dataclass(frozen=True)
class Mentions:
    """The first mentions of every candidate of a batch, one value a mention and column; `form` numbers the candidates.

    `codes` are the code points of all texts with padding between, which `start` and `end` count in.
    """

    codes: Int
    columns: Columns

    @property
    def form(self) -> Int:
        """Number of the candidate of each mention, ascending."""
        return self.columns["form"]

    def person_buckets(self) -> Int:
        """(mentions, columns) buckets of what tells a person from another word."""
        return np.stack([self._bucket(salt, names) for salt, names in enumerate(_PERSON)], axis=1)

    def role_buckets(self) -> Int:
        """(mentions, columns) buckets of what tells the role; 0 stands for nothing."""
        alone = np.stack([self._bucket(100 + salt, names) for salt, names in enumerate(_ROLE)], axis=1)
        before = _window(self.codes, self.columns["start"], -1, BACK)
        return np.hstack([alone, before, _window(self.codes, self.columns["end"], 1, AHEAD)])

    def of_forms(self, forms: NDArray[np.bool_]) -> Mentions:
        """The mentions of these candidates alone."""
        kept = np.flatnonzero(forms[self.form])
        return Mentions(self.codes, {name: column[kept] for name, column in self.columns.items()})

    def _bucket(self, salt: int, names: tuple[str, ...]) -> Int:
        return _bucket(salt, *(self.columns[name] for name in names))


def mentions(texts: Sequence[PersonText], priors: NamePriors, knows: Callable[[str], bool]) -> Mentions:
    """The first mentions of every candidate of the texts, candidates numbered through."""
    joined = "".join([_PAD, *(one.text + _PAD for one in texts)])
    codes = np.minimum(np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32), 0xFFFF).astype(np.int64)
    of_texts = _table(_TEXT, (_of_text(one) for one in texts))
    of_forms = _table(_FORM, (row for one in texts for row in _of_forms(one, knows)))
    columns = _table(_MENTION, (row for one in texts for row in _of_mentions(one)))
    form = np.repeat(np.arange(len(of_forms["kind"])), of_forms.pop("mentions"))
    text = np.repeat(np.arange(len(texts)), of_texts.pop("candidates"))[form]
    columns |= {name: column[form] for name, column in of_forms.items()} | {
        "form": form,
        "about": of_texts["about"][text],
    }
    offsets = np.cumsum(np.append(0, of_texts["length"] + len(_PAD)))[:-1] + len(_PAD)
    _add_places(columns, {name: column[text] for name, column in of_texts.items()})
    columns["start"] += offsets[text]
    columns["end"] += offsets[text]
    begins, gaps = _boundaries(texts, offsets, len(codes))
    columns["gap"] = 2 * gaps[columns["start"]] + gaps[columns["end"]]
    _add_characters(columns, codes, begins, priors)
    return Mentions(codes, columns)


_TEXT = ("length", "own", "last_line", "about", "candidates")
_FORM = ("kind", "rank", "post", "tail", "count", "petitioner", "known", "named", "order", "mentions")
_MENTION = ("start", "end", "beside")

_PERSON = (
    ("shape",), ("shape", "p1"), ("shape", "n1"), ("kind", "p2", "p1"), ("kind", "n1", "n2"), ("shape", "cut"),
    ("shape", "given", "cut"), ("shape", "given", "surname"), ("shape", "known"), ("shape", "beside", "given"),
    ("kind", "rank"), ("shape", "count"), ("kind", "petitioner"), ("kind", "p1", "n1"),
    ("shape", "longer", "given", "cut"), ("kind", "head"), ("kind", "rest"), ("kind", "title"), ("kind", "tail"),
    ("given_1",), ("given_2",), ("kind", "named"),
    ("shape", "gap"), ("shape", "cut", "known", "surname"), ("shape", "beside", "cut"), ("kind", "about"),
    ("kind", "about", "tail"), ("shape", "count", "given"), ("kind", "surname", "p1"), ("shape", "surname", "known"),
    ("kind", "order"),
)  # fmt: skip

_ROLE = (
    ("kind",), ("kind", "rank"), ("tail",), ("post",), ("has_post", "about"), ("count",), ("petitioner",), ("order",),
    ("about",),
    ("kind", "has_post", "about"), ("p1",), ("n1",), ("p2", "p1"), ("n1", "n2"), ("p3", "p2", "p1"), ("n1", "n2", "n3"),
    ("has_post", "n1"), ("has_post", "p1"), ("head",), ("rest",), ("title",), ("place",), ("last_line", "p1"), ("gap",),
    ("rank", "n1"), ("count", "order"), ("about", "title"),
)  # fmt: skip


def _table(names: tuple[str, ...], rows: Iterable[tuple[int, ...]]) -> Columns:
    flat = np.array(list(chain.from_iterable(rows)), dtype=np.int64)
    return dict(zip(names, flat.reshape(-1, len(names)).T, strict=True))


def _of_text(one: PersonText) -> tuple[int, ...]:
    return len(one.text), one.start, one.text.rfind("\n"), _hash(one.about), len(one.candidates)


def _of_forms(one: PersonText, knows: Callable[[str], bool]) -> Iterator[tuple[int, ...]]:
    """A row of `_FORM` for every candidate."""
    text = one.text
    posted = sorted((c for c in one.candidates if c.post and c.kind != POST), key=lambda c: c.spans[0])
    order = {candidate.text: min(place, 3) for place, candidate in enumerate(posted)}
    attached = {candidate.post for candidate in posted}
    for candidate in one.candidates:
        written, kind = candidate.text, candidate.kind
        first = candidate.spans[0][0]
        known = 8 * knows(text[first - 1 : first + 1]) if first else 0
        if kind == NAME:
            known += knows(written) * 4 + knows(written[:2]) * 2 + knows(written[1:])
        elif kind == SPECIAL:
            known += knows(written[:2])
        tail = 0 if kind == NAME else _hash(written[kind == TITLED :])
        named = 2 * (written in attached) + bool(posted) if kind == POST else 0
        post, rank, count = _hash(candidate.post or ""), _hash(candidate.rank or ""), len(candidate.spans)
        petitioner = _petitioner(one.petitioner, written)
        place = order.get(written, 4)
        yield kind, rank, post, tail, min(count, 3), petitioner, known, named, place, min(count, MENTIONS)


def _of_mentions(one: PersonText) -> Iterator[tuple[int, ...]]:
    """A row of `_MENTION` for every mention."""
    for candidate in one.candidates:
        beside = candidate.post if candidate.kind == NAME else None
        for start, end in candidate.spans[:MENTIONS]:
            yield start, end, _beside(one.text, start, end, beside)


@cache
def _hash(word: str) -> int:
    return zlib.crc32(word.encode())


def _petitioner(petitioner: str, written: str) -> int:
    """0 none is given, 1 it is this form, 2 one of the same surname, 3 another."""
    if not petitioner:
        return 0
    return 1 if written == petitioner else 2 if written[0] == petitioner[0] else 3


def _beside(text: str, start: int, end: int, post: str | None) -> int:
    """1 the post stands before, 2 after, 0 elsewhere or there is none."""
    if post is None:
        return 0
    return 1 if text.endswith(post, 0, start) else 2 if text.startswith(post, end) else 0


def _add_places(columns: Columns, text: Columns) -> None:
    """Adds what the offsets of the mentions in their texts say; `text` has a value a mention."""
    start, end, length = columns["start"], columns["end"], text["length"]
    columns["length"] = np.minimum(end - start, 5)
    columns["rest"] = np.minimum((length - end) // 5, 6)
    columns["title"] = (start < text["own"]).astype(np.int64)
    columns["place"] = 5 * start // length
    columns["last_line"] = (text["last_line"] < end).astype(np.int64)


def _boundaries(texts: Sequence[PersonText], offsets: Int, size: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether a word begins (or a text ends) at each code point, and whether a blank was taken out there."""
    begins, gaps = np.zeros(size + 1, dtype=bool), np.zeros(size + 1, dtype=np.int64)
    counts = np.array([len(one.words) for one in texts])
    words = chain.from_iterable(one.words for one in texts)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=int(counts.sum()))
    # The words of all texts follow one another but for the padding between the texts.
    ends = np.cumsum(lengths) + np.repeat(offsets - np.cumsum([0, *(len(one.text) for one in texts[:-1])]), counts)
    begins[offsets] = True
    begins[ends] = True
    gaps[[offset + gap for one, offset in zip(texts, offsets.tolist(), strict=True) for gap in one.gaps]] = 1
    return begins, gaps


def _add_characters(columns: Columns, codes: Int, begins: NDArray[np.bool_], priors: NamePriors) -> None:
    """Adds what the characters in and around the mentions say."""
    start, end, length, kind = (columns[name] for name in ("start", "end", "length", "kind"))
    for distance in (1, 2, 3):
        columns[f"p{distance}"] = codes[start - distance]
        columns[f"n{distance}"] = codes[end + distance - 1]
    inside = np.add.reduceat(
        begins[:-1].astype(np.int64), np.stack([start + 1, np.maximum(end, start + 2)], axis=1).ravel()
    )[::2]
    columns["cut"] = begins[start] * 4 + begins[end] * 2 + (inside == 0)
    name = kind == NAME
    first, second = codes[start + 1], codes[np.minimum(start + 2, len(codes) - 1)]
    short, long = priors.given[0][first], priors.given[1][first] + priors.given[2][second]
    bins = np.digitize(long, (-3, -1, 0.5, 2, 4))
    columns["given"] = np.where(name, np.where(length == 2, np.digitize(short, (-2, -0.5, 0.5, 1.5, 3)), bins), 9)
    columns["longer"] = np.where(name & (length == 2), bins, 9)
    family = np.where(
        np.isin(codes[start], [ord(character) for character in "老小姓"]) & ~name, codes[start + 1], codes[start]
    )
    columns["surname"] = np.where(kind == POST, 9, np.digitize(priors.surname[family], (-6, -4.5, -3.5, -2, -1, 0.5)))
    columns["given_1"] = np.where(name, first, 0)
    columns["given_2"] = np.where(name & (length > 2), second, 0)
    columns["shape"] = kind * 8 + length
    newlines = [codes[start - distance] == NEWLINE for distance in range(1, 5)]
    columns["head"] = np.select(newlines, (1, 2, 3, 4), 5)
    columns["has_post"] = (columns["post"] != _hash("")).astype(np.int64)


def _window(codes: Int, edge: Int, step: int, size: int) -> Int:
    """Buckets (mentions, 2 × size) of the characters and pairs before or after the mentions.

    They reach to the beginning of the clause, and to the end of the next one; what lies beyond is 0.
    """
    first = edge - 1 if step < 0 else edge
    seen = codes[first[:, None] + step * np.arange(size + 1)]
    clause = np.cumsum(_breaks()[seen], axis=1)
    side = np.where(clause > 0, 2, 1) + (4 if step < 0 else 0)
    pairs = _bucket(200, seen[:, :-1], seen[:, 1:], side[:, :-1])
    single = _bucket(201, seen[:, :-1], side[:, :-1])
    beyond = clause[:, :-1] > (1 if step > 0 else 0)
    return np.hstack([np.where(beyond, 0, pairs), np.where(beyond, 0, single)])


@cache
def _breaks() -> Int:
    table = np.zeros(0x10000, dtype=np.int64)
    table[[ord(character) for character in "，。！？；：\n,!?;:"]] = 1
    return table


def _bucket(salt: int, *columns: Int) -> Int:
    """One of 2**BITS - 1 buckets, from 1, for the columns' values taken together."""
    mixed = np.full(columns[0].shape, (salt + 1) * int(_PRIME) & 0xFFFFFFFFFFFFFFFF, dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * _PRIME
        mixed ^= mixed >> np.uint64(29)
    return 1 + ((mixed * _PRIME) >> np.uint64(64 - BITS)).astype(np.int64) % ((1 << BITS) - 1)
