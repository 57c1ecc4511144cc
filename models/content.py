"""The content classifier: which class of 信访事项内容分类 a petition falls into, as deep as the model is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from corpus.errors import FenbanError
from corpus.records import Petition
from corpus.schemes import content_scheme
from models.calibration import Numbers, threshold_for
from models.examples import ContentExample
from models.features import FeatureSpace, Occurrences, occurrences, reading_fingerprint
from models.folds import Fold, group_folds
from models.heads import Head, calibrated_best
from models.linear import Linear, fit_linear, one_hot
from models.paths import PathModel, class_names, fit_paths, fit_scale
from models.reading import read
from models.space import space_from_arrays, space_to_arrays
from models.store import Arrays
from nlp.tokenise import Tokeniser

PART = "content"
MOST_FEATURES = 150_000
PRECISION = 0.97
"""The share of right answers among the accepted ones that the operating threshold is chosen for."""
PATH_PRECISION = 0.8
"""The same for a label of the second or third level, below which a path is cut."""


@dataclass(frozen=True)
class ContentModel:
    """Feature space, head of the first level, and the way down from there."""

    space: FeatureSpace
    head: Head
    paths: PathModel | None
    reading: str

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """What the store keeps: arrays, and the manifest's entry."""
        arrays = space_to_arrays(self.space)
        head_arrays, about = self.head.to_arrays("level1")
        arrays |= head_arrays
        entry: dict[str, Any] = {"reading": self.reading, "labels": about["labels"], "level1": about}
        if self.paths is not None:
            path_arrays, entry["paths"] = self.paths.to_arrays()
            arrays |= path_arrays
        return arrays, entry

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any]) -> ContentModel:
        """The model that `to_arrays` described.

        Raises:
            ModelError: an array or entry is missing or has the wrong shape.
        """
        space = space_from_arrays(arrays)
        head = Head.from_arrays("level1", arrays, about.get("level1", {}), len(space.buckets))
        paths = PathModel.from_arrays(arrays, about["paths"], len(space.buckets)) if "paths" in about else None
        return cls(space, head, paths, str(about.get("reading")))


def train_content(examples: Sequence[ContentExample], tokeniser: Tokeniser, seed: int = 0) -> ContentModel:
    """Fits the classifier; calibration and thresholds come from texts predicted without sight of their group.

    The first level learns from all examples; the levels below are fitted where examples name them.

    Raises:
        FenbanError: fewer than two labels, a label that the scheme does not know, or too few groups.
    """
    found = read_occurrences([example.petition for example in examples], tokeniser)
    first = [example.path.split("/")[0] for example in examples]
    labels = tuple(sorted(set(first)))
    unknown = [label for label in labels if label not in content_scheme()]
    if unknown:
        # They are not repeated: in a table whose columns were mixed up they would be letters.
        raise FenbanError(f"{len(unknown)} labels are no classes of the content scheme; use paths like 民政/优抚")
    if len(labels) < 2:
        raise FenbanError("training needs texts of at least two different labels")
    target = np.array([labels.index(label) for label in first])
    targets = one_hot(target, len(labels))
    space = FeatureSpace.fit(found)
    rows = space.rows(found)
    folds = group_folds([example.group for example in examples], target, seed)
    held_out = np.zeros((len(target), len(labels)))
    for train, test in folds:
        held_out[test] = fit_linear(rows[train], targets[train], seed=seed).scores(rows[test])
    small = pruned(space, fit_linear(rows, targets, seed=seed), MOST_FEATURES)
    head = Head(labels, fit_linear(small.rows(found), targets, seed=seed))
    letters = np.array([example.letter for example in examples])
    head = calibrated_best(head, held_out[letters], targets[letters], PRECISION)
    paths = _train_paths(examples, found, (space, small), head.probabilities(held_out), labels, folds, tokeniser)
    return ContentModel(small, head, paths, reading_fingerprint(tokeniser))


def pruned(space: FeatureSpace, linear: Linear, most: int) -> FeatureSpace:
    """The features with the largest weights.

    Choosing them looks at every label, so scores that are to be calibrated come from the whole space: in a pruned one
    even a model that did not see a text would know which of its features tell.
    """
    if len(space.buckets) <= most:
        return space
    size = np.abs(linear.weights).max(axis=1)
    return space.keep(np.argpartition(-size, most)[:most])


def _train_paths(
    examples: Sequence[ContentExample],
    found: Occurrences,
    spaces: tuple[FeatureSpace, FeatureSpace],
    probability: Numbers,
    labels: tuple[str, ...],
    folds: Sequence[Fold],
    tokeniser: Tokeniser,
) -> PathModel | None:
    """The way down, its means in the pruned space; scale and threshold from means that did not see a text's group.

    Args:
        examples: those whose path goes below the first level are learned from.
        found: words and n-grams of the examples.
        spaces: the whole feature space, for the folds, and the pruned one.
        probability: (examples, labels) held-out probabilities of the first level.
        labels: the first level.
        folds: groups kept whole.
        tokeniser: cuts the class names.
    """
    scheme = content_scheme()
    deep = np.array([example.path.count("/") > 0 and example.path in scheme for example in examples])
    if not deep.any():
        return None
    paths = np.array([example.path for example in examples])
    names = class_names(scheme)
    named = read_occurrences([Petition(text=text) for text in names.values()], tokeniser)
    whole, small = spaces
    rows, name_rows = whole.rows(found), whole.rows(named)
    similarity = np.zeros((len(examples), len(names)), dtype=np.float32)
    for train, test in folds:
        part = fit_paths(rows[train[deep[train]]], paths[train[deep[train]]], name_rows, tuple(names))
        similarity[test] = part.similarities(rows[test])
    model = fit_paths(small.rows(found)[deep], paths[deep], small.rows(named), tuple(names))
    model = replace(model, scale=fit_scale(similarity[deep], paths[deep], model))
    best = [(labels[int(row.argmax())], float(row.max())) for row in probability[deep]]
    shown = model.descend(best, similarity[deep])
    score = np.array([score for _, score in shown])
    right = np.array([_leads_to(code, path) for (code, _), path in zip(shown, paths[deep], strict=True)])
    return replace(model, threshold=threshold_for(score, right, PATH_PRECISION))


def _leads_to(code: str, path: str) -> bool:
    return path == code or path.startswith(f"{code}/")


def predict_first_level(model: ContentModel, petitions: Sequence[Petition], tokeniser: Tokeniser) -> Numbers:
    """(texts, labels) probabilities of the first level."""
    rows = model.space.rows(read_occurrences(petitions, tokeniser))
    return model.head.probabilities(model.head.scores(rows))


def read_occurrences(petitions: Sequence[Petition], tokeniser: Tokeniser) -> Occurrences:
    """Words and n-grams of petitions."""
    return occurrences([read(petition, tokeniser) for petition in petitions])
