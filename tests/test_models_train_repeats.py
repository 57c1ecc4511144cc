from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corpus.records import Petition
from corpus.written import written_repeats
from models.comparer import Comparer
from models.pair_features import FEATURES, Rarity
from models.pair_scorer import PairScorer
from models.repeat_gold import gold_pairs, joined_figures
from models.train_repeats import joined_sets, own_pairs, perturbed_pairs
from models.varied import Variation, varied_letters
from models.weak_matters import weak_matters

ROWS = written_repeats("train")[:40]


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    return Comparer.load(b"0" * 16)


def test_perturbed_letters_are_copies_of_one_matter_and_templates_of_another(comparer: Comparer) -> None:
    rarity = Rarity.fit(comparer.table([row.petition for row in ROWS]))
    pairs = perturbed_pairs(ROWS, comparer, rarity, seed=0)
    assert pairs.same.sum() == len(ROWS)
    conflict = pairs.features[:, FEATURES.index("villages conflict")]
    assert conflict[~pairs.same].all()
    assert not conflict[pairs.same].any()


def test_own_letters_are_learned_from_where_their_matter_is_told(comparer: Comparer) -> None:
    own = [replace(row.petition, extra={"matter": row.gold.matter}) for row in ROWS]
    rarity = Rarity.fit(comparer.table(own))
    pairs = own_pairs([*own, Petition(text="路灯坏了没人修，夜里走路害怕。")], comparer, rarity, seed=0)
    assert pairs.same.sum() == gold_pairs(ROWS).same.sum()
    both = joined_sets([pairs, pairs])
    assert len(both.same) == 2 * len(pairs.same)


def test_variations_are_the_same_for_a_seed_and_differ_in_village() -> None:
    assert list(varied_letters(30)) == list(varied_letters(30))
    letter = ROWS[0].petition
    assert letter.text not in {Variation(seed).elsewhere(letter).text for seed in range(5)}


def test_letters_of_kept_clusters_are_not_learned_from() -> None:
    text = "小区旁边建了一座搅拌站，日夜施工，灰尘和噪音让人没法住。"
    rows = [
        Petition(id="kept", text=text, extra={"gold_seed": "x"}),
        Petition(id="near", text=f"{text}请管一管。"),
        *(
            Petition(id=str(n), text=f"公交站台的灯坏了{n}天，晚上等车的人看不清路。", extra={"user": "u"})
            for n in range(2)
        ),
        Petition(id="other", text="孩子上学要办转学证明，教育局说要等到九月才能受理申请。"),
    ]
    found = {one.id: one.extra["matter"] for one in weak_matters(rows)}
    assert set(found) == {"0", "1", "other"}
    assert found["0"] == found["1"] != found["other"]


def test_the_shipped_scorer_comes_back_from_its_arrays(comparer: Comparer) -> None:
    scorer = PairScorer.load()
    again = PairScorer.from_arrays(*scorer.to_arrays())
    table = comparer.table([row.petition for row in ROWS])
    i, j = np.arange(39), np.arange(1, 40)
    one, other = (each.probabilities(each.features(table, i, table, j)) for each in (scorer, again))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_figures_of_pairs() -> None:
    joined = np.array([True, True, False, False])
    same = np.array([True, False, True, False])
    figures = joined_figures(joined, same, ~same)
    assert figures == {"pair_precision": 0.5, "pair_recall": 0.5, "pair_f1": 0.5, "look_alikes_joined": 0.5}
