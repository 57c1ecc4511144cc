"""How two petitions of one matter relate: copy, repeat, joint; and matters that came back after rectification."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.comparables import Comparables
from models.pair_features import FEATURES, Float, Index

RELATIONS = COPY, REPEAT, JOINT, RECURRED = "copy", "repeat", "joint", "recurred"
SAME_TEXT = 0.5
"""Share of the shorter text's trigrams in the other from which a letter of one matter is the same text again."""
UNSIGNED = 2.0
RETURN_DAYS = 90
"""A matter that comes back does so after months; a complaint within weeks is about the same event."""
_COLUMN = {name: number for number, name in enumerate(FEATURES)}


def relations(left: Comparables, i: Index, right: Comparables, j: Index, features: Float) -> NDArray[np.uint8]:
    """(pairs,) how the pairs (left[i], right[j]) relate if they are about one matter, as places in RELATIONS.

    Who wrote decides between repeat and joint. Of two unsigned letters nobody can tell that: it is the same where both
    name the same accused, as the rules for accusations have it (`repeats` in the labelling guide).
    """
    same_text = _of(features, "trigrams held") >= SAME_TEXT
    same_writer = (_of(features, "same petitioner") + _of(features, "same phone") > 0) | (
        _of(features, "same surname of petitioner") > 0
    )
    unsigned = _of(features, "unsigned") >= UNSIGNED
    same_accused = (_of(features, "people shared") > 0) | (_of(features, "surnames shared") > 0)
    again = same_writer | (unsigned & same_accused)
    cases = (_recurred(left, i, right, j, features), RECURRED), (same_text, COPY), (again, REPEAT)
    places = [RELATIONS.index(name) for _, name in cases]
    return np.select([case for case, _ in cases], places, RELATIONS.index(JOINT)).astype(np.uint8)


def _recurred(left: Comparables, i: Index, right: Comparables, j: Index, features: Float) -> NDArray[np.bool_]:
    """(pairs,) whether the later letter says that a settled matter came back, months after the earlier one."""
    gap = right.days[j] - left.days[i]
    later_returns = np.where(gap >= 0, right.returns[j], left.returns[i])
    known = (left.days[i] > 0) & (right.days[j] > 0)
    return np.asarray(
        known & later_returns & (np.abs(gap) >= RETURN_DAYS) & (_of(features, "trigrams held") < SAME_TEXT)
    )


def _of(features: Float, name: str) -> Float:
    return np.asarray(features[:, _COLUMN[name]])


REASONS = {
    "同一电话": "same phone",
    "同一信访人": "same petitioner",
    "同村": "villages shared",
    "同人": "people shared",
    "同年份": "years shared",
    "数字相同": "figures shared",
}
CONTRADICTIONS = {
    "信访人不同": "petitioners conflict",
    "不同村": "villages conflict",
    "人名不同": "names conflict",
    "年份不同": "years conflict",
    "数字不同": "figures conflict",
}


def reason_words(features: Float) -> tuple[str, ...]:
    """What a pair, one row of features, agrees and conflicts in, in words for clerks."""
    said = [word for table in (REASONS, CONTRADICTIONS) for word, name in table.items() if features[_COLUMN[name]] > 0]
    same_text = features[_COLUMN["trigrams held"]] >= SAME_TEXT
    return tuple((["文字相同"] if same_text else []) + said)
