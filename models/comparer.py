"""From petitions to the columns that they are compared by."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from corpus.dictionary import domain_words
from corpus.records import Petition
from corpus.repeat_words import LISTS, RepeatWords, repeat_words
from corpus.units import demo_county, load_units
from models.calibration import Numbers, softmax
from models.comparable_names import GRAMS, SETS
from models.comparables import KEY_BITS, Comparables, Rows
from models.content import ContentModel
from models.discipline import DisciplineModel
from models.encoder import Encoder, load_encoder
from models.facts import PeopleFinder
from models.features import BITS, Occurrences, gram_bucket, occurrences
from models.loading import load_parts
from models.people import Person, people_lists
from models.reading import Reading, read
from models.store import SHIPPED
from models.unit_finder import mention_finder
from nlp.amounts import find_amounts
from nlp.dates import find_dates
from nlp.fingerprints import any_of, figures, groups, petitioner_names, phone_digits
from nlp.mentions import MentionFinder
from nlp.tokenise import Tokeniser

SHARPNESS = 8.0
"""Scores of problems are sharpened by this before they become shares, so that two letters agree on their problem."""
CONTENT_SHARPNESS = 3.0
LEAST_AMOUNT = 10
LONGEST_NAME = 4
ROUGH = 1.12
"""Two amounts that differ by less than this factor are told of one sum (两万多, 21600元)."""
MOST_SAID = 4
POST = 2
"""Characters at the end of a post that tell it: 村支书 and 支书 are one."""
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")


@dataclass(frozen=True)
class Comparer:
    """Makes `Comparables` of petitions. Made by `load`; safe to share between threads.

    `salt` keys the hashes of petitioners' names and phones; two tables compare only under the same salt.
    """

    tokeniser: Tokeniser
    encoder: Encoder
    content: ContentModel
    discipline: DisciplineModel
    finder: MentionFinder
    people: PeopleFinder
    words: RepeatWords
    salt: bytes

    @classmethod
    def load(cls, salt: bytes, models: Path | None = None, county: Path | None = None) -> Comparer:
        """With the shipped models, or those of a version folder, and the demo county's units or an office's own.

        Raises:
            ModelError: a version is missing or damaged.
            DataFileError: the units or word lists have faults.
        """
        tokeniser = Tokeniser(domain_words())
        parts, _ = load_parts(tokeniser, models)
        registry = demo_county() if county is None else load_units(county)
        words = repeat_words()
        return cls(
            tokeniser,
            load_encoder(SHIPPED / "encoder"),
            parts.content,
            parts.discipline,
            mention_finder(registry),
            PeopleFinder(parts.people, people_lists(), tokeniser),
            words,
            salt,
        )

    def with_discipline(self, model: DisciplineModel) -> Comparer:
        """The same with another discipline part, one that has not seen the letters that a scorer learns from."""
        return replace(self, discipline=model)

    def table(self, petitions: Sequence[Petition]) -> Comparables:
        """The columns of a batch."""
        readings = [read(petition, self.tokeniser) for petition in petitions]
        found = occurrences(readings)
        problems = softmax(self.discipline.problems.scores(self.discipline.space.rows(found)) * SHARPNESS)
        contents = softmax(self.content.head.scores(self.content.space.rows(found)) * CONTENT_SHARPNESS)
        sets = _grams(found) | self._particulars(petitions, readings)
        texts = [reading.text for reading in readings]
        said = {name: _counts(pattern, texts) for name, pattern in self._patterns.items()}
        return Comparables(
            tuple(petition.id for petition in petitions),
            sets,
            _half(np.sqrt(problems)),
            _half(np.sqrt(contents)),
            _half(self.encoder.encode(readings)),
            np.array([_ordinal(petition.received) for petition in petitions], dtype=np.int32),
            np.array(list(map(len, texts)), dtype=np.int32),
            (said["rectified"] > 0) & (said["again"] > 0),
            said["another"],
            said["earlier"],
        )

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {name: any_of(getattr(self.words, name)) for name in LISTS}

    def _particulars(self, petitions: Sequence[Petition], readings: Sequence[Reading]) -> dict[str, Rows]:
        columns: dict[str, list[Any]] = {name: [] for name in SETS if name not in GRAMS}
        people = self.people.find_people(readings, petitions)
        for petition, reading, named in zip(petitions, readings, people, strict=True):
            for name, keys in self._keys(petition, reading, named).items():
                columns[name].append(keys)
        return {name: Rows.of(column) for name, column in columns.items()}

    def _keys(self, petition: Petition, reading: Reading, people: Sequence[Person]) -> dict[str, Iterable[int]]:
        kind = self.finder.gazetteer.kind
        codes = [m.codes for m in self.finder.find(reading.text, reading.words) if m.how != "relative"]
        villages = [code for one in codes for code in one if kind[code] == "village"]
        towns = {code for one in codes for code in one if kind[code] == "town"}
        towns |= {parent for code in villages if (parent := self.finder.gazetteer.parent[code]) is not None}
        writers = petitioner_names(petition.petitioner)
        others = [one for one in people if one.role != "complainant" and one.text not in writers]
        names = {name for one in others if (name := person_name(one))}
        amounts = [int(one.yuan) for one in find_amounts(reading.text) if one.yuan >= LEAST_AMOUNT]
        days = [one.value for one in find_dates(reading.text, day_of(petition.received)) if one.value]
        phone = phone_digits(petition.phone)
        return {
            "villages": map(_key, villages),
            "towns": map(_key, towns),
            "first_unit": map(_key, villages[:1]),
            "people": map(_gram, names),
            "given_names": (_gram(name[1:]) for name in names if len(name) == 3),
            "surnames": (ord(one.text[0]) for one in others if one.text != one.post),
            "accused_posts": (_key(one.post[-POST:]) for one in others if one.role == "accused" and one.post),
            "amounts": (amount % (1 << KEY_BITS) for amount in amounts),
            "rough_amounts": (step + up for amount in amounts for step in [_step(amount)] for up in (0, 1)),
            "figures": (_key(reading.text[start:end]) for start, end in figures(reading.text)),
            "years": (int(day[:4]) for day in days),
            "months": (_key(day[:7]) for day in days if len(day) >= len("2024-05")),
            "dates": (_key(day) for day in days if len(day) == len("2024-05-01")),
            "groups": map(_key, groups(reading.text)),
            "petitioners": (self._secret(one) for name in writers for one in {name, name[-2:]} if len(one) > 1),
            "petitioner_surnames": (self._secret(name[0]) for name in writers),
            "phones": [self._secret(phone)] if phone else [],
        }

    def _secret(self, value: str) -> int:
        digest = hashlib.blake2b(value.encode(), key=self.salt, digest_size=4).digest()
        return int.from_bytes(digest, "big") >> (32 - KEY_BITS)


def person_name(person: Person) -> str:
    """The full name of a person; nothing where only the surname or the post is told (满会计, 支书)."""
    name = person.text.removesuffix(person.post or "")
    return name if 2 <= len(name) <= LONGEST_NAME and name[0] not in "老小" and name[-1] not in "某×*" else ""


def _grams(found: Occurrences) -> dict[str, Rows]:
    """The sets of words and n-grams; a bucket shared by n-grams of several lengths is in the set of each."""
    distinct = found.distinct
    length, block = (found.end - found.start)[distinct.order], found.bucket[distinct.order] >> BITS
    place = np.repeat(np.arange(len(distinct.text)), np.diff(distinct.first))
    chosen = {"words": (block == 0) & (length > 1), "bigrams": (block == 1) & (length == 2)}
    chosen["trigrams"] = (block == 1) & (length == 3)
    rows = {}
    for name, right in chosen.items():
        places = place[np.flatnonzero(right)]
        places = places[np.flatnonzero(np.diff(places, prepend=-1))]
        starts = np.searchsorted(distinct.text[places], np.arange(found.texts + 1))
        rows[name] = Rows(starts.astype(np.int64), (distinct.bucket[places] & ((1 << BITS) - 1)).astype(np.int32))
    return rows


def _counts(pattern: re.Pattern[str], texts: Sequence[str]) -> NDArray[np.uint8]:
    """(texts,) how often the pattern stands in each, up to a few times."""
    return np.array([min(len(pattern.findall(text)), MOST_SAID) for text in texts], dtype=np.uint8)


def _half(values: Numbers) -> NDArray[np.float16]:
    return np.asarray(values, dtype=np.float16)


def _key(value: str) -> int:
    return crc32(value.encode()) >> (32 - KEY_BITS)


def _step(amount: int) -> int:
    return int(math.log(amount) / math.log(ROUGH))


@lru_cache(maxsize=65_536)
def _gram(value: str) -> int:
    return gram_bucket(value)


def _ordinal(received: str) -> int:
    day = day_of(received)
    return 0 if day is None else day.toordinal()


def day_of(received: str) -> date | None:
    """The day on which a petition was received, where that is told as year, month, day."""
    match = _DAY.match(received)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None
