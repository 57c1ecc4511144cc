"""Which unit a petition is about: a choice among the units that the text names, and none.

A conditional logit (McFadden, 1974) over the candidates' features: how and where they are named, what kind of unit the
text as a whole speaks of, which bureau's work it is, and which problems it alleges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from corpus.errors import ModelError
from models.calibration import Numbers, softmax
from models.features import FeatureSpace, Occurrences
from models.heads import Head
from models.space import space_from_arrays, space_to_arrays
from models.store import Arrays
from models.unit_candidates import LEVELS, Summary, UnitCandidate

PART = "subject"
LOCAL = "town"
"""Label of the bureau head for matters that the town itself handles (属地管理)."""
LEAST_SHARE = 0.01


@dataclass(frozen=True)
class ProblemShares:
    """What the discipline part says of a batch, as probabilities that add up to 1 in each row.

    `primary` (texts, problem labels) which problem is the primary one, `kind` (texts, kinds).
    """

    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    primary: Numbers
    kind: Numbers


@dataclass(frozen=True)
class SubjectModel:
    """Heads for the kind of the subject unit and for the bureau whose work it is, and the weights of the choice.

    Bureaus are labels of work (农业农村局), not units of a registry, so that the model serves every county.
    """

    space: FeatureSpace
    level: Head
    bureau: Head
    bureau_scale: float
    remit_weight: float
    primary_scale: float
    kind_scale: float
    choice: dict[str, float]
    reading: str

    def text_scores(self, found: Occurrences) -> tuple[Numbers, Numbers]:
        """(texts, levels) and (texts, bureaus) scores."""
        rows = self.space.rows(found)
        return self.level.scores(rows), self.bureau.scores(rows)

    def problem_shares(
        self, labels: Sequence[str], primary: Numbers, kinds: Sequence[str], kind: Numbers
    ) -> ProblemShares:
        """Probabilities from the discipline part's scores."""
        return ProblemShares(
            tuple(labels), tuple(kinds), softmax(primary * self.primary_scale), softmax(kind * self.kind_scale)
        )

    def probabilities(self, candidates: Mapping[str, UnitCandidate]) -> dict[str, float]:
        """Probability of every candidate to be the subject unit."""
        scores = []
        for one in candidates.values():
            weigh = self._weights[one.kind].get
            scores.append(sum([weigh(name, 0.0) * value for name, value in one.features.items()]))
        best = max(scores)
        powers = [math.exp(score - best) for score in scores]
        total = sum(powers)
        return {code: power / total for code, power in zip(candidates, powers, strict=True)}

    @cached_property
    def _weights(self) -> dict[str, dict[str, float]]:
        """Kind of candidate → feature → weight."""
        table: dict[str, dict[str, float]] = {kind: {} for kind in LEVELS}
        for key, weight in self.choice.items():
            kind, _, name = key.partition(":")
            table.setdefault(kind, {})[name] = weight
        return table

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """What the store keeps: arrays, and the manifest's entry."""
        level, about_level = self.level.to_arrays("level")
        bureau, about_bureau = self.bureau.to_arrays("bureau")
        about = {
            "reading": self.reading,
            "labels": list(LEVELS),
            "level": about_level,
            "bureau": about_bureau,
            "scales": [self.bureau_scale, self.remit_weight, self.primary_scale, self.kind_scale],
            "choice": self.choice,
        }
        return space_to_arrays(self.space) | level | bureau, about

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> SubjectModel:
        """The model that `to_arrays` described.

        Raises:
            ModelError: an array or entry is missing or has the wrong shape.
        """
        space = space_from_arrays(arrays)
        level, bureau = (
            Head.from_arrays(name, arrays, about.get(name, {}), len(space.buckets)) for name in ("level", "bureau")
        )
        try:
            scales = [float(scale) for scale in about["scales"]]
            choice = {str(name): float(weight) for name, weight in about["choice"].items()}
            bureau_scale, remit_weight, primary_scale, kind_scale = scales
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"part {PART}: {error!r} in the manifest; train it again") from error
        return cls(
            space,
            level,
            bureau,
            bureau_scale,
            remit_weight,
            primary_scale,
            kind_scale,
            choice,
            str(about.get("reading")),
        )


def summaries(level: Numbers, shares: ProblemShares) -> list[Summary]:
    """What each text as a whole says of its subject.

    Args:
        level: (texts, levels) scores.
        shares: of the same texts.
    """
    kind = dict(zip(shares.kinds, shares.kind.T, strict=True))
    aspects = {
        aspect: shares.primary[:, [label.startswith(aspect) for label in shares.labels]].sum(axis=1)
        for aspect in ("A", "B", "C", "Z")
    }
    columns = {
        "service": kind["out_of_scope"] + kind["advice"],
        "appeal": kind["appeal"],
        "no substance": kind["no_substance"],
        **aspects,
    }
    logs = np.log(LEAST_SHARE + np.stack(list(columns.values()), axis=1)).tolist()
    return [
        Summary(dict(zip(LEVELS, levels, strict=True)), dict(zip(columns, rest, strict=True)))
        for levels, rest in zip(level.tolist(), logs, strict=True)
    ]
