"""Hot issues are wider than matters: messages of many writers about one thing, put together by what they are headed.

A matter (事项) is one event with its people, found by `models.repeats`; an issue here is what a title names (a mixing
plant beside a housing estate), whoever writes and whatever they ask. It joins more: for ranking, not for merging.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from corpus.analysis_rules import IssueRules
from corpus.errors import FenbanError
from nlp.normalise import normalise

SHORTEST, LONGEST = 2, 4
"""Characters of the n-grams that are compared."""
MOST_COMMON, NEVER_COMMON = 0.05, 20
"""N-grams in more of the titles than this share, and than this number, say nothing: the county's name, 反映, 建议."""


def by_issue(ledger: pd.DataFrame, rules: IssueRules) -> pd.DataFrame:
    """The ledger with the issue of each message as its `matter`; a message without a title keeps its own.

    Titles are weighed by TF-IDF of character n-grams and grouped by average link (Sokal and Michener, 1958) while the
    average cosine of two groups reaches `least_likeness`.

    Raises:
        FenbanError: more messages than can be compared all with all; cut the ledger to a period.
    """
    titled = ledger[ledger["title"] != ""]
    if len(titled) > rules.most_messages:
        raise FenbanError(
            f"{len(titled)} titles, at most {rules.most_messages} can be compared; cut the ledger to a period"
        )
    result = ledger.copy()
    if len(titled) > 1:
        groups = _grouped([normalise(title).text for title in titled["title"]], rules.least_likeness)
        result.loc[titled.index, "matter"] = [f"热点{number}" for number in groups]
    return result


def _grouped(titles: list[str], least: float) -> np.ndarray:
    """Number of the group of every title."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.feature_extraction.text import TfidfVectorizer

    common = min(1.0, max(MOST_COMMON, NEVER_COMMON / len(titles)))
    weigher = TfidfVectorizer(analyzer="char", ngram_range=(SHORTEST, LONGEST), max_df=common, sublinear_tf=True)
    try:
        rows = weigher.fit_transform(titles)
    except ValueError:  # no n-gram is left: nothing tells the titles apart, or all are of one character
        return np.arange(1, len(titles) + 1)
    distances = [1 - np.clip((rows[one] @ rows[one + 1 :].T).toarray()[0], 0, 1) for one in range(len(titles) - 1)]
    tree = linkage(np.concatenate(distances), "average")
    return np.asarray(fcluster(tree, 1 - least, "distance"))
