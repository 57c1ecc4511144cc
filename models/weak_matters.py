"""Which letters of a collection without marks are likely about one matter, so that a scorer can learn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from corpus.records import Petition
from models.matters import components

SAME_WRITER, ANYBODY = 0.2, 0.45
"""Cosine of character TF-IDF from which two letters of one writer, or of any two, are taken to be one matter."""
NEAR_TEST = 0.15
"""Letters so near to one of a cluster that is kept for measuring are not learned from."""
CLUSTER, WRITER = "gold_seed", "user"


def weak_matters(petitions: Sequence[Petition], matter: str = "matter") -> list[Petition]:
    """The letters with a matter in their column `matter`; those of named clusters, and their like, are left out.

    Args:
        petitions: letters; `user` or the petitioner tells the writer, `gold_seed` a cluster that is kept for measuring.
        matter: name of the column to write.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [one.full_text()[0] for one in petitions]
    rows = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2).fit_transform(texts)
    kept = np.array([bool(one.extra.get(CLUSTER)) for one in petitions])
    near = np.asarray((rows @ rows[np.flatnonzero(kept)].T).max(axis=1).toarray()).ravel() if kept.any() else None
    learned = np.flatnonzero(~kept if near is None else ~kept & (near < NEAR_TEST))
    alike = (rows[learned] @ rows[learned].T).tocoo()
    writer = np.array([str(petitions[n].extra.get(WRITER) or petitions[n].petitioner) for n in learned.tolist()])
    same = (writer[alike.row] == writer[alike.col]) & (writer[alike.row] != "")
    joined = (alike.row < alike.col) & ((alike.data >= ANYBODY) | (same & (alike.data >= SAME_WRITER)))
    groups = components(len(learned), np.stack([alike.row[joined], alike.col[joined]], axis=1).astype(np.int64))
    return [
        replace(petitions[row], extra={**petitions[row].extra, matter: f"weak {group}"})
        for row, group in zip(learned.tolist(), groups.tolist(), strict=True)
    ]
