"""Other ways to find the unit, run beside the router on the same letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.calibration import Numbers


@dataclass(frozen=True)
class Asked:
    """Texts (words joined by blanks) with their districts."""

    texts: Sequence[str]
    districts: Sequence[str]

    def with_districts(self) -> list[str]:
        """The texts with the district as one word more."""
        return [f"district:{district} {text}" for text, district in zip(self.texts, self.districts, strict=True)]


Peer = Callable[[Asked, Sequence[str], Asked], tuple[list[str], Numbers]]
"""Training letters, their labels, test letters → labels, and (texts, labels) scores, the best largest."""


def linear_svc(train: Asked, labels: Sequence[str], test: Asked) -> tuple[list[str], Numbers]:
    """TF-IDF of words and district, linear SVC."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True)
    model = LinearSVC(random_state=0).fit(words.fit_transform(train.with_districts()), labels)
    scores = model.decision_function(words.transform(test.with_districts()))
    if scores.ndim == 1:
        scores = np.stack((-scores, scores), axis=1)
    return [str(label) for label in model.classes_], scores


def nearest(train: Asked, labels: Sequence[str], test: Asked) -> tuple[list[str], Numbers]:
    """The labels of the nearest letters by TF-IDF cosine of words and district."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True)
    known = words.fit_transform(train.with_districts())
    similar = (words.transform(test.with_districts()) @ known.T).toarray()
    names = sorted(set(labels))
    given = np.array(labels)
    return names, np.stack([similar[:, given == name].max(axis=1) for name in names], axis=1)


def majority(train: Asked, labels: Sequence[str], test: Asked) -> tuple[list[str], Numbers]:
    """The labels that the district had most often; of all districts where it had none."""
    names = sorted(set(labels))
    places = sorted(set(train.districts))
    number = [names.index(label) for label in labels]
    counts = np.zeros((len(places) + 1, len(names)))
    np.add.at(counts, ([places.index(district) for district in train.districts], number), 1)
    counts[-1] = counts.sum(axis=0)
    counts[:-1] += counts[-1] / (1 + len(labels))
    return names, counts[[places.index(one) if one in places else -1 for one in test.districts]]


PEERS: dict[str, Peer] = {
    "TF-IDF + linear SVC": linear_svc,
    "nearest letter": nearest,
    "majority of the district": majority,
}


def ranked_peer(peer: Peer, train: Asked, labels: Sequence[str], test: Asked, *, of_district: bool) -> list[list[str]]:
    """The peer's three best labels for every text.

    Args:
        peer: one of `PEERS`.
        train: letters to learn from.
        labels: of those letters.
        test: letters to answer.
        of_district: labels that a letter's district had come before those that it had not.
    """
    names, scores = peer(train, labels, test)
    if of_district:
        seen = set(zip(train.districts, labels, strict=True))
        known = set(train.districts)
        span = float(scores.max() - scores.min()) + 1
        strange = [[d in known and (d, name) not in seen for name in names] for d in test.districts]
        scores = scores - span * np.array(strange)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    return [[names[label] for label in best] for best in order]
