"""The unit router: which unit handled letters like this one, learned from an office's own past decisions.

P(unit | text, district) = P(kind of bureau | text, district) × P(unit | kind, district, text). The kind is learned from
all places together, so that a unit with three examples, or with none in its district, still gets a sensible answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from corpus.errors import ModelError
from models.calibration import Numbers
from models.encoder import Encoder, StaticEncoder
from models.features import BITS, BLOCKS, FeatureSpace, Int, Occurrences
from models.heads import Head
from models.linear import Float
from models.space import space_from_arrays, space_to_arrays
from models.sparse import sparse_from_arrays, sparse_to_arrays
from models.store import Arrays
from models.unit_choice import NameMentions, UnitChoice

PART = "unit"
MEANING = 2.0
"""Weight of the encoder's vector beside the words: the scaling of features halves a column that is never 0."""
MEANING_IN_DISTRICT = 1.4
"""The same for the vector within a district, which lets a district divide the work in its own way."""

MOST_COUNTED = 60_000
"""More letters of one unit and district are kept as so many; half precision ends there."""


@dataclass(frozen=True)
class UnitShares:
    """Whose a batch's letters probably are: `kinds` (texts, kinds), `units` (texts, units)."""

    kinds: Numbers
    units: Numbers


@dataclass(frozen=True)
class RouterModel:
    """What was learned from past decisions.

    `units` are the names of the units, those that are only assumed included; `districts` the names of the districts;
    `threshold` is what a unit's probability must reach to be accepted; `encoder` and `reading` are the fingerprints of
    what the model was trained with.
    """

    space: FeatureSpace
    kinds: Head
    units: tuple[str, ...]
    districts: tuple[str, ...]
    choice: UnitChoice
    threshold: float
    encoder: str
    reading: str

    def route(self, found: Occurrences, vectors: Float, districts: Sequence[str]) -> UnitShares:
        """Probabilities of kinds and units for a batch.

        Args:
            found: words and n-grams of the texts.
            vectors: (texts, dimensions) of the encoder that the model was trained with.
            districts: what intake knows of each letter's place; "" or one never seen leaves all units in question.
        """
        rows = self.space.rows(found)
        district = numbers_of(districts, self.districts)
        scores = self.kinds.scores(kind_features(rows, vectors, district, len(self.districts)))
        kinds = self.kinds.probabilities(scores)
        given = self.choice.evidence(found, rows, district)
        return UnitShares(kinds, self.choice.probabilities(kinds, given))

    def scores(
        self, found: Occurrences, vectors: Float, districts: Sequence[str], most: int = 5
    ) -> list[list[tuple[str, float]]]:
        """For every text the most probable units, best first, with their probabilities; arguments as in `route`."""
        probability = self.route(found, vectors, districts).units
        order = np.argsort(-probability, axis=1, kind="stable")[:, :most]
        return [
            [(self.units[unit], float(probability[text, unit])) for unit in best if probability[text, unit] > 0]
            for text, best in enumerate(order)
        ]

    def kind_of(self, unit: str) -> str:
        """The kind of bureau of one of `units`.

        Raises:
            ValueError: the unit is unknown.
        """
        number = int(self.choice.kind[self.units.index(unit)])
        return self.kinds.labels[number]

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """What the store keeps: arrays, and the manifest's entry."""
        head_arrays, head = self.kinds.to_arrays("kinds")
        choice = self.choice
        arrays = space_to_arrays(self.space) | head_arrays
        arrays |= {
            "units.kind": choice.kind.astype(np.int32),
            "units.grams": choice.mentions.grams.astype(np.int32),
        }
        arrays |= sparse_to_arrays("units.counts", sp.csr_matrix(np.minimum(choice.counts, MOST_COUNTED)))
        arrays |= sparse_to_arrays("units.assumed", sp.csr_matrix(choice.assumed.astype(np.float32)))
        arrays |= sparse_to_arrays("units.means", choice.means)
        arrays |= sparse_to_arrays("units.names", choice.mentions.weights)
        return arrays, {
            "labels": list(self.units),
            "districts": list(self.districts),
            "kinds": head,
            "factors": list(choice.factors),
            "threshold": self.threshold,
            "encoder": self.encoder,
            "reading": self.reading,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> RouterModel:
        """The model that `to_arrays` described.

        Raises:
            ModelError: an array or entry is missing or has the wrong shape.
        """
        space = space_from_arrays(arrays)
        try:
            units, districts = tuple(about["labels"]), tuple(about["districts"])
            kind = arrays["units.kind"].astype(np.int64)
            grams = arrays["units.grams"].astype(np.int64)
            likeness, experience, name, never = (float(factor) for factor in about["factors"])
            head, threshold = about["kinds"], float(about["threshold"])
            columns = len(arrays["kinds.weights"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"unit router: {error!r} in the manifest or arrays; train it again") from error
        kinds = Head.from_arrays("kinds", arrays, head, columns)
        shape = (len(districts) + 1, len(units))
        if grams.size and not (grams.min() >= 0 and grams.max() < BLOCKS << BITS):
            raise ModelError("unit router: name n-grams out of bounds; train it again")
        if kind.shape != (len(units),) or not ((kind >= 0) & (kind < len(kinds.labels))).all():
            raise ModelError("unit router: units and kinds do not fit; train it again")
        if (columns - len(space.buckets)) % (len(districts) + 1) != len(districts):
            raise ModelError("unit router: weights do not fit features and districts; train it again")
        choice = UnitChoice(
            len(kinds.labels),
            kind,
            sparse_from_arrays("units.counts", arrays, shape).toarray(),
            sparse_from_arrays("units.assumed", arrays, shape).toarray() > 0,
            sparse_from_arrays("units.means", arrays, (len(units), len(space.buckets))),
            NameMentions(grams, sparse_from_arrays("units.names", arrays, (len(units), len(grams)))),
            (likeness, experience, name, never),
        )
        encoder, reading = str(about.get("encoder")), str(about.get("reading"))
        return cls(space, kinds, units, districts, choice, threshold, encoder, reading)


def kind_features(rows: sp.csr_matrix, vectors: Float, district: Int, districts: int) -> sp.csr_matrix:
    """(texts, features + dimensions + districts × dimensions + districts): what the kind is learned from.

    The words, the vector, the vector once more in the columns of the letter's district, and the district. A letter
    whose district is not known (-1) has nothing in the last two.
    """
    texts, dimensions = vectors.shape
    known = np.flatnonzero(district >= 0)
    column = district[known][:, None] * dimensions + np.arange(dimensions)
    within = sp.csr_matrix(
        (
            (MEANING_IN_DISTRICT * vectors[known]).ravel(),
            (np.repeat(known, dimensions), column.ravel()),
        ),
        shape=(texts, districts * dimensions),
    )
    one = sp.csr_matrix((np.ones(len(known)), (known, district[known])), shape=(texts, districts))
    joined = sp.hstack([rows, sp.csr_matrix(MEANING * vectors), within, one])
    return sp.csr_matrix(joined, dtype=np.float32)


def numbers_of(names: Sequence[str], known: Sequence[str]) -> Int:
    """The place of every name among the known ones, -1 where it is none of them."""
    place = {name: number for number, name in enumerate(known)}
    return np.array([place.get(name, -1) for name in names], dtype=np.int64)


def encoder_fingerprint(encoder: Encoder) -> str:
    """Changes with the encoder's vectors and words.

    Raises:
        ModelError: not a static encoder, which alone can be told from another.
    """
    if not isinstance(encoder, StaticEncoder):
        raise ModelError("the unit router needs a static encoder; train one with fenban train encoder")
    content = hashlib.sha256(np.ascontiguousarray(encoder.vectors).tobytes())
    content.update("\n".join(encoder.vocabulary).encode())
    return content.hexdigest()[:16]
