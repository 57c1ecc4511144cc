"""Whether incoming texts still look like those the models were measured on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from corpus.analysis_rules import DriftRules
from models.analysis.ledger import suggested_columns
from nlp.normalise import normalise
from nlp.tokenise import Tokeniser

STEADY, WATCH, ACT = "平稳", "关注", "应复测模型"
LABELS = ("kind_label", "content_label", "primary")
SCORES = ("content_score", "discipline_score")
PARTS = 10
LEAST_SHARE = 1e-4
"""Stands for a share of nothing, whose logarithm there is none of."""


def drift(reference: pd.DataFrame, incoming: pd.DataFrame, rules: DriftRules) -> pd.DataFrame:
    """A row a feature of two tagged tables: labels (content by its first level), scores, length of the text.

    `stability` is the population stability index Σ (b − a)·ln(b ÷ a) of the shares (Siddiqi, 2006), numbers cut at the
    tenths of the reference; `largest` the label or range whose share changed most, with both shares. `verdict` is 平稳,
    关注 or 应复测模型 by the rules. Few letters make the index high by chance: `expected` is about what two samples of
    these sizes of the same texts give ((k − 1)·(1/n + 1/m); Yurdakul, 2018), and is taken off before the verdict.
    """
    first, second = _features(reference), _features(incoming)
    return pd.DataFrame([_row(name, first[name], second[name], rules) for name in first if name in second])


def new_words(
    reference: Iterable[str], incoming: Iterable[str], tokeniser: Tokeniser, most: int = 20
) -> tuple[float, pd.DataFrame]:
    """The share of incoming words that stand in no reference text, and the words that came up most.

    The table has `word`, `before` and `now` (texts that hold it) and `ratio` of the shares, half a text added to each.
    """
    old, many_old = _texts_by_word(reference, tokeniser)
    new, many_new = _texts_by_word(incoming, tokeniser)
    unknown = sum(count for word, count in new.items() if word not in old) / max(1, sum(new.values()))
    table = pd.DataFrame({"word": list(new), "before": [old[word] for word in new], "now": list(new.values())})
    table["ratio"] = ((table["now"] + 0.5) / (many_new + 1)) / ((table["before"] + 0.5) / (many_old + 1))
    table = table[(table["now"] >= 3) & (table["word"].str.len() > 1)]
    return unknown, table.sort_values(["ratio", "now"], ascending=False, kind="stable").head(most).reset_index(
        drop=True
    )


def _features(tagged: pd.DataFrame) -> dict[str, pd.Series]:
    columns = suggested_columns(tagged)
    found = {name: columns[name].fillna("").astype(str) for name in LABELS if name in columns}
    if "content_label" in found:
        found["content_label"] = found["content_label"].str.split("/").str[0]
    found |= {name: pd.to_numeric(columns[name], errors="coerce").dropna() for name in SCORES if name in columns}
    text = next((columns[name] for name in ("text", "内容") if name in columns), None)
    return found if text is None else found | {"length": text.fillna("").astype(str).str.len()}


def _row(name: str, first: pd.Series, second: pd.Series, rules: DriftRules) -> dict[str, object]:
    before, now = _shares(first, second)
    a, b = before.clip(lower=LEAST_SHARE), now.clip(lower=LEAST_SHARE)
    stability = float(((b - a) * np.log(b / a)).sum())
    expected = (len(a) - 1) * (1 / max(1, len(first)) + 1 / max(1, len(second)))
    beyond = stability - expected
    largest = (now - before).abs().idxmax()
    return {
        "feature": name,
        "stability": stability,
        "expected": expected,
        "verdict": ACT if beyond >= rules.act else WATCH if beyond >= rules.watch else STEADY,
        "largest": str(largest),
        "before": before[largest],
        "now": now[largest],
    }


def _shares(first: pd.Series, second: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_numeric_dtype(first):
        edges = np.unique(np.quantile(first, np.linspace(0, 1, PARTS + 1)[1:-1]))
        first, second = (pd.cut(one, [-np.inf, *edges, np.inf]).astype(str) for one in (first, second))
    shares = pd.DataFrame({"a": first.value_counts(normalize=True), "b": second.value_counts(normalize=True)}).fillna(0)
    return shares["a"], shares["b"]


def _texts_by_word(texts: Iterable[str], tokeniser: Tokeniser) -> tuple[Counter[str], int]:
    found: Counter[str] = Counter()
    many = 0
    for text in texts:
        many += 1
        found.update({word for word in tokeniser.cut(normalise(text).text) if not word.isspace()})
    return found, many
