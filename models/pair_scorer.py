"""Whether two petitions are about one matter: boosted trees over what the pair shares and contradicts, calibrated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from models.calibration import Numbers, sigmoid
from models.comparable_names import WEIGHED
from models.comparables import Comparables
from models.features import BITS
from models.pair_context import CARRIED, CONTEXT
from models.pair_features import FEATURES, Float, Index, Rarity, pair_features
from models.store import SHIPPED, Arrays, Version, open_version
from models.trees import Trees

PART = "repeats"
JUDGES = ("local", "elsewhere", "among")
ENOUGH, LEAST_NAMED = 200, 0.2
"""Of so many letters at least this share names a unit where the registry is that of the letters."""


@dataclass(frozen=True)
class Judge:
    """Trees, and the `factor` and `offset` that bring their log-odds to a common scale."""

    trees: Trees
    factor: float
    offset: float

    def probabilities(self, features: Float) -> Numbers:
        """(pairs,) probability that both are about one matter."""
        return np.asarray(sigmoid(self.factor * self.trees.scores(features) + self.offset), dtype=np.float32)


@dataclass(frozen=True)
class PairScorer:
    """Scores pairs; `threshold` joins two petitions.

    `local` judges a pair by itself, `among` again among the other pairs of its collection. `elsewhere` judges alone in
    a collection whose letters name no units of the registry (`registered` is False): the agreement and conflict of
    units, on which most rests in a county, say nothing there. `named` of the `letters` of the collection name one.
    """

    local: Judge
    elsewhere: Judge
    among: Judge
    rarity: Rarity
    threshold: float
    reading: str
    named: int = 0
    letters: int = 0

    @property
    def registered(self) -> bool:
        """Whether the letters are those of the registry's county, as far as so many of them name a unit of it."""
        return self.letters < ENOUGH or self.named >= LEAST_NAMED * self.letters

    def within(self, table: Comparables) -> PairScorer:
        """The scorer for pairs of a collection, whose own words are counted with those that it learned from."""
        named = self.named + int((table.sets["towns"].sizes > 0).sum())
        return replace(self, rarity=self.rarity.within(table), named=named, letters=self.letters + len(table))

    def features(self, left: Comparables, i: Index, right: Comparables, j: Index) -> Float:
        """(pairs, FEATURES) of the pairs (left[i], right[j])."""
        return pair_features(left, i, right, j, self.rarity)

    def probabilities(self, features: Float) -> Numbers:
        """(pairs,) probability that both are about one matter, of each pair by itself."""
        return (self.local if self.registered else self.elsewhere).probabilities(features)

    def among_others(self, features: Float) -> Numbers:
        """(pairs,) the same of pairs that were scored, from (pairs, CONTEXT and CARRIED)."""
        return self.among.probabilities(features)

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """What the store keeps: arrays, and the manifest's entry."""
        about = {
            "reading": self.reading,
            "labels": [*FEATURES, *CONTEXT, *CARRIED],
            "calibration": {name: [one.factor, one.offset] for name, one in self._judges()},
            "threshold": self.threshold,
            "letters": self.rarity.letters,
        }
        documents = np.minimum(self.rarity.documents, np.iinfo(np.uint16).max).astype(np.uint16)
        used = np.flatnonzero(documents)
        rarity: Arrays = {"rarity.buckets": used.astype(np.int32), "rarity.documents": documents.ravel()[used]}
        trees = {f"{name}.{key}": array for name, one in self._judges() for key, array in one.trees.to_arrays().items()}
        return trees | rarity, about

    def _judges(self) -> tuple[tuple[str, Judge], ...]:
        return ("local", self.local), ("elsewhere", self.elsewhere), ("among", self.among)

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> PairScorer:
        """The scorer that `to_arrays` described.

        Raises:
            ModelError: something is missing, or was trained for other features.
        """
        if tuple(about.get("labels", ())) != (*FEATURES, *CONTEXT, *CARRIED):
            raise ModelError(f"part {PART}: trained for other features; train it again with fenban train repeats")
        try:
            scales = {name: [float(value) for value in about["calibration"][name]] for name in JUDGES}
            threshold, letters = float(about["threshold"]), int(about["letters"])
            documents = np.zeros((len(WEIGHED), 1 << BITS), dtype=np.int32)
            documents.ravel()[arrays["rarity.buckets"]] = arrays["rarity.documents"]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"part {PART}: {error!r} in the manifest; train it again") from error
        judges = []
        for name, features in zip(JUDGES, (len(FEATURES), len(FEATURES), len(CONTEXT) + len(CARRIED)), strict=True):
            mine = {key.removeprefix(f"{name}."): one for key, one in arrays.items() if key.startswith(f"{name}.")}
            judges.append(Judge(Trees.from_arrays(mine, features), *scales[name]))
        local, elsewhere, among = judges
        return cls(local, elsewhere, among, Rarity(documents, letters, letters), threshold, str(about.get("reading")))

    @classmethod
    def load(cls, models: Path | None = None, reading: str | None = None) -> PairScorer:
        """The shipped scorer, or that of a version folder which has one.

        Args:
            models: a version folder.
            reading: fingerprint of the tokeniser in use; None checks nothing.

        Raises:
            ModelError: it is missing, damaged, or was trained with another tokeniser.
        """
        version = scorer_version(models)
        if PART not in version.parts:
            raise ModelError(f"{version.folder}: has no part {PART}; train it with fenban train repeats")
        scorer = cls.from_arrays(version.arrays(PART), version.parts[PART])
        if reading not in (None, scorer.reading):
            raise ModelError(f"{version.folder}: trained with another dictionary or reader; fenban train repeats")
        return scorer


def upper_pairs(rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every two of so many rows, the smaller number first."""
    i, j = np.triu_indices(rows, 1)
    return i.astype(np.int64), j.astype(np.int64)


def scorer_version(models: Path | None) -> Version:
    """The version folder whose scorer is used: the given one where it has one, else the shipped one.

    Raises:
        ModelError: the folder is no version folder.
    """
    version = open_version(SHIPPED if models is None else models)
    return version if PART in version.parts or models is None else open_version(SHIPPED)
