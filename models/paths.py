"""From the first level of the content scheme down to the second and third: nearest class mean, cut where unsure.

Most of the 517 classes have few examples or none, so every class starts from its name and the names below it, and the
texts labelled with it are averaged in (Rocchio, 1971; names after Chang et al., 2008, "dataless classification").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from corpus.errors import ModelError
from corpus.schemes import Scheme
from models.calibration import softmax, softmax_scale
from models.features import Int
from models.linear import Float
from models.store import Arrays

MOST_FEATURES = 400
"""Features kept a class, the largest."""
OTHER = "其他"


@dataclass(frozen=True)
class PathModel:
    """Class means of the second and third level as sparse rows, (classes, features), each of length 1."""

    codes: tuple[str, ...]
    means: sp.csr_matrix
    scale: float
    threshold: float

    @cached_property
    def children(self) -> dict[str, list[int]]:
        """Code → numbers of the classes right below it."""
        return _places(code.rsplit("/", 1)[0] for code in self.codes)

    def similarities(self, rows: sp.csr_matrix) -> Float:
        """(texts, classes) cosine of every text with every class mean, times a constant of the text."""
        return np.asarray((rows @ self.means.T).todense(), dtype=np.float32)

    def below(self, codes: Sequence[str], rows: sp.csr_matrix) -> Float:
        """`similarities` of every text with the classes below its code of the first level alone; 0 elsewhere."""
        similarity = np.zeros((len(codes), len(self.codes)), dtype=np.float32)
        for code, texts in _places(codes).items():
            if code in self._branches:
                numbers, means = self._branches[code]
                similarity[np.ix_(np.array(texts), numbers)] = (rows[texts] @ means).toarray()
        return similarity

    @cached_property
    def _branches(self) -> dict[str, tuple[Int, sp.csr_matrix]]:
        """Code of the first level → numbers of the classes below it, and their means as columns."""
        below = _places(code.split("/")[0] for code in self.codes)
        return {code: (np.array(numbers), sp.csr_matrix(self.means[numbers].T)) for code, numbers in below.items()}

    def descend(self, labels: Sequence[tuple[str, float]], similarity: Float) -> list[tuple[str, float]]:
        """The deepest class that is still sure below each label, and its probability.

        Args:
            labels: a class and its probability for each text.
            similarity: (texts, classes) of the texts, at least with the classes below.
        """
        result = list(labels)
        deeper: list[int] = []
        for code, texts in _places(code for code, _ in labels).items():
            if below := self.children.get(code):
                shares = softmax(self.scale * similarity[np.ix_(texts, below)])
                best = shares.argmax(axis=1).tolist()
                for text, number, share in zip(texts, best, shares.max(axis=1).tolist(), strict=True):
                    score = labels[text][1] * share
                    if score >= self.threshold:
                        result[text] = self.codes[below[number]], score
                        deeper.append(text)
        if deeper:
            found = self.descend([result[text] for text in deeper], similarity[deeper])
            for text, label in zip(deeper, found, strict=True):
                result[text] = label
        return result

    def to_arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """What the store keeps."""
        arrays: Arrays = {
            "paths.data": self.means.data.astype(np.float16),
            "paths.features": self.means.indices.astype(np.int32),
            "paths.rows": self.means.indptr.astype(np.int32),
        }
        return arrays, {"codes": list(self.codes), "scale": self.scale, "threshold": self.threshold}

    @classmethod
    def from_arrays(cls, arrays: Arrays, about: dict[str, Any], features: int) -> PathModel:
        """The model that `to_arrays` described.

        Raises:
            ModelError: an array is missing or has the wrong shape.
        """
        try:
            parts = (arrays["paths.data"].astype(np.float32), arrays["paths.features"], arrays["paths.rows"])
            means = sp.csr_matrix(parts, shape=(len(about["codes"]), features))
            # Indices come from a file: one out of bounds would make the product read foreign memory.
            means.check_format(full_check=True)
            return cls(tuple(about["codes"]), means, float(about["scale"]), float(about["threshold"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"content paths: {error}; train them again") from error


def _places(codes: Iterable[str]) -> dict[str, list[int]]:
    """Code → where it stands among the codes."""
    table: dict[str, list[int]] = {}
    for number, code in enumerate(codes):
        table.setdefault(code, []).append(number)
    return table


def class_names(scheme: Scheme) -> dict[str, str]:
    """Code of the second or third level → the words that its name and the names below it give."""
    below: dict[str | None, list[str]] = {}
    for category in scheme.categories.values():
        below.setdefault(category.parent, []).append(category.name)
    texts = {}
    for category in (*scheme.level(2), *scheme.level(3)):
        names = [*category.code.split("/")[1:], *below.get(category.code, ())]
        texts[category.code] = "，".join(name for name in names if name != OTHER) or category.code.split("/")[0]
    return texts


def fit_paths(
    rows: sp.csr_matrix, paths: Sequence[str], name_rows: sp.csr_matrix, codes: Sequence[str], scale: float = 1.0
) -> PathModel:
    """Averages the rows of every class, starting from its name.

    Args:
        rows: (texts, features) of the labelled texts.
        paths: their content paths; one that stops early counts for the levels it has.
        name_rows: (codes, features) of the class names.
        codes: the classes of the second and third level.
        scale: of the softmax among sisters.
    """
    number = {code: index for index, code in enumerate(codes)}
    pairs = [(number[code], text) for text, path in enumerate(paths) for code in _ancestors(path) if code in number]
    index = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    members = sp.csr_matrix((np.ones(len(pairs)), (index[:, 0], index[:, 1])), shape=(len(codes), rows.shape[0]))
    means = _unit(_unit(members @ rows) + _unit(name_rows))
    return PathModel(tuple(codes), _largest(means), scale, 0.0)


def fit_scale(similarity: Float, paths: Sequence[str], model: PathModel) -> float:
    """The scale under which the right classes among their sisters are likeliest, on texts the means did not see."""
    number = {code: index for index, code in enumerate(model.codes)}
    gathered: list[Float] = []
    target: list[int] = []
    widest = max(map(len, model.children.values()))
    for text, path in enumerate(paths):
        for code in _ancestors(path):
            if code not in number:
                continue
            sisters = model.children[code.rsplit("/", 1)[0]]
            padded = np.full(widest, -1e3, dtype=np.float32)
            padded[: len(sisters)] = similarity[text, sisters]
            gathered.append(padded)
            target.append(sisters.index(number[code]))
    return softmax_scale(np.array(gathered), np.array(target))


def _ancestors(path: str) -> list[str]:
    """`a/b/c` → [`a/b`, `a/b/c`]."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(2, len(parts) + 1)]


def _unit(matrix: sp.csr_matrix) -> sp.csr_matrix:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(norms, 1e-9)) @ matrix)


def _largest(matrix: sp.csr_matrix) -> sp.csr_matrix:
    data, indices, indptr = [], [], [0]
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        order = np.sort(np.argsort(-matrix.data[part])[:MOST_FEATURES])
        data.append(matrix.data[part][order])
        indices.append(matrix.indices[part][order])
        indptr.append(indptr[-1] + len(order))
    return sp.csr_matrix((np.concatenate(data), np.concatenate(indices), indptr), shape=matrix.shape)
