"""Which candidates of a text are people, and who of them is accused, complains, or is another.

Two linear models on hashed features (`models.person_features`): person or not, and the role of a person. Features of
the mentions of one form are averaged, so that a name is judged by all that is said around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.people import people_words
from models.person_features import BITS, Float, Int, Mentions, NamePriors, PersonText, mentions
from models.reading import Reading
from models.store import Arrays
from nlp.people import Candidate, PeopleLists, find_candidates

PART = "people"
ROLES = ("accused", "complainant", "other")
REPORT = "report"
"""What a `PersonText` of an inspection report is about; letters have ""."""
CODES = 0x10000


class Person(NamedTuple):
    """One written form of a person: name or post as written, the post, the role and its probability, all spans."""

    text: str
    post: str | None
    rank: str | None
    role: str
    score: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class PeopleModel:
    """`person` (buckets,) and `role` (buckets, 3) weights with their biases, bucket 0 weighing nothing."""

    person: Float
    role: Float
    person_bias: float
    role_bias: Float
    threshold: float
    priors: NamePriors
    reading: str

    def find(self, texts: Sequence[PersonText], knows: Callable[[str], bool]) -> list[list[Person]]:
        """The people of every text, in the order in which they stand.

        Args:
            texts: each with its candidates.
            knows: whether a word stands in the dictionary.
        """
        counts = [len(one.candidates) for one in texts]
        if not sum(counts):
            return [[] for _ in texts]
        found = mentions(texts, self.priors, knows)
        person = self._mean(self.person[found.person_buckets()].sum(axis=1), found.form) + self.person_bias
        probability = 1 / (1 + np.exp(-person))
        shown = probability >= self.threshold
        scored = zip(probability.tolist(), self._roles(found, shown).tolist(), shown.tolist(), strict=True)
        return [_choose([(one, *next(scored)) for one in text.candidates]) for text in texts]

    def _roles(self, found: Mentions, forms: NDArray[np.bool_]) -> NDArray[Any]:
        """(candidates, 3) probabilities for those of `forms`, 0 for the others."""
        probability = np.zeros((len(forms), len(ROLES)))
        if forms.any():
            kept = found.of_forms(forms)
            score = self._mean(self.role[kept.role_buckets()].sum(axis=1), kept.form) + self.role_bias
            odds = np.exp(score - score.max(axis=1, keepdims=True))
            probability[forms] = odds / odds.sum(axis=1, keepdims=True)
        return probability

    @staticmethod
    def _mean(scores: NDArray[Any], form: Int) -> NDArray[Any]:
        first = np.flatnonzero(np.diff(form, prepend=-1))
        sizes = np.diff(np.append(first, len(form)))
        return np.asarray((np.add.reduceat(scores, first, axis=0).T / sizes).T)

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """Only the buckets and characters that weigh something, in half precision, and the manifest's entry."""
        buckets = np.flatnonzero((self.person != 0) | (self.role != 0).any(axis=1))
        codes = np.flatnonzero((self.priors.surname != self.priors.surname[0]) | (self.priors.given != 0).any(axis=0))
        arrays: Arrays = {
            "buckets": buckets.astype(np.uint16),
            "person": self.person[buckets].astype(np.float16),
            "role": self.role[buckets].astype(np.float16),
            "bias": np.array([self.person_bias, *self.role_bias], dtype=np.float32),
            "codes": codes.astype(np.uint16),
            "surname": np.append(self.priors.surname[0], self.priors.surname[codes]).astype(np.float16),
            "given": self.priors.given[:, codes].astype(np.float16),
        }
        return arrays, {"reading": self.reading, "labels": list(ROLES), "threshold": self.threshold, "bits": BITS}

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> PeopleModel:
        """The model that `to_arrays` described.

        Raises:
            ModelError: an array or entry is missing or does not fit.
        """
        try:
            if about["bits"] != BITS or tuple(about["labels"]) != ROLES:
                raise ValueError("other features or roles")
            person = np.zeros(1 << BITS, dtype=np.float32)
            role = np.zeros((1 << BITS, len(ROLES)), dtype=np.float32)
            person[arrays["buckets"]] = arrays["person"]
            role[arrays["buckets"]] = arrays["role"]
            surname = np.full(CODES, arrays["surname"][0], dtype=np.float32)
            surname[arrays["codes"]] = arrays["surname"][1:]
            given = np.zeros((3, CODES), dtype=np.float32)
            given[:, arrays["codes"]] = arrays["given"]
            bias = arrays["bias"]
            priors, threshold = NamePriors(surname, given), float(about["threshold"])
            return cls(person, role, float(bias[0]), bias[1:4], threshold, priors, str(about.get("reading")))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"people: {error!r} in the manifest or arrays; train it again") from error


def people_lists() -> PeopleLists:
    """The word lists that ship, in the form that `nlp.people` takes."""
    words = people_words()
    return PeopleLists(words.surnames, words.mostly_words, words.posts, words.before, words.titles)


def person_text(
    reading: Reading, lists: PeopleLists, knows: Callable[[str], bool], petitioner: str = "", about: str = ""
) -> PersonText:
    """A reading with its candidates. `start` counts characters of the normalised text, up to a few blanks."""
    starts, ends = reading.normalised.starts, reading.normalised.ends
    gaps: frozenset[int] = frozenset()
    if starts is not None and ends is not None:
        gaps = frozenset(n for n, (start, end) in enumerate(zip(starts[1:], ends, strict=False), 1) if start != end)
    candidates = find_candidates(reading.text, reading.words, lists, knows, gaps)
    return PersonText(reading.text, reading.words, candidates, gaps, reading.text_start, petitioner, about)


def _choose(scored: Sequence[tuple[Candidate, float, list[float], bool]]) -> list[Person]:
    """The people among candidates, each with probability, those of the roles, and whether that is enough.

    The likeliest forms come first; of forms that overlap, a mention belongs to the first that took it.
    """
    taken: list[tuple[int, int]] = []
    people = []
    for one, probability, roles, _ in sorted((one for one in scored if one[3]), key=lambda one: -one[1]):
        spans = [span for span in one.spans if all(end <= span[0] or span[1] <= start for start, end in taken)]
        if spans:
            taken += spans
            role = max(roles)
            people.append(
                Person(one.text, one.post, one.rank, ROLES[roles.index(role)], probability * role, tuple(spans))
            )
    return sorted(people, key=lambda person: person.spans[0])
