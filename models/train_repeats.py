"""Fits the pair scorer on the written repeats and measures it; nothing is learned or chosen from the test split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.records import Petition
from corpus.splits import held_out
from corpus.written import WrittenPetition, written_petitions, written_repeats, written_reports, written_statements
from models.calibration import sigmoid
from models.comparable import Comparables, Comparer
from models.discipline import DisciplineModel, train_discipline
from models.examples import problem_examples
from models.features import reading_fingerprint
from models.matters import matters
from models.pair_features import FEATURES, Float, Rarity, pair_features
from models.pair_scorer import Judge, PairScorer, upper_pairs
from models.repeat_candidates import candidate_pairs
from models.repeat_gold import gold_pairs, pair_figures
from models.trees import Trees, fit_trees
from models.varied import Variation
from nlp.tokenise import Tokeniser

SPLITS = ("train", "dev")
SEEDS = 3
LOOK_ALIKE_WEIGHT = 2.0
"""A look-alike counts more than another pair of two matters, of which there are a hundred times as many."""
GIVEN_UP = 0.02
OWN = "own"
MATTER = "matter"
DRAWN = 30_000
OWN_WEIGHT = 0.3
OWN_BATCH = 512
OWN_RECALL = 0.9
"""Share of the marked pairs of own letters that the threshold shall reach."""
LATEST_AGAIN = 900
"""Days after which a letter may come again in the perturbed pairs."""
DISTRACTOR = 0.08
"""Pairs of a repeat letter with another letter are learned from where their words are at least so alike."""


@dataclass(frozen=True)
class PairSet:
    """Pairs with their features, what they are, and who wrote the two letters."""

    features: Float
    same: NDArray[np.bool_]
    look_alike: NDArray[np.bool_]
    writers: NDArray[np.str_]

    def but(self, writer: str) -> NDArray[np.bool_]:
        """(pairs,) whether neither letter is by the writer."""
        return np.asarray((self.writers != writer).all(axis=1))


def train_repeats(comparer: Comparer, own: Sequence[Petition] = (), seed: int = 0) -> tuple[PairScorer, dict[str, Any]]:
    """The scorer, and the figures of cross-validation over writers from which calibration and threshold come.

    Args:
        comparer: of the petitions.
        own: an office's letters with their matter in the column `matter`.
        seed: of the trees.
    """
    rows = [row for row in written_repeats() if row.split in SPLITS]
    others = [row for row in written_petitions() if row.split in SPLITS]
    unseen = comparer.with_discipline(blind_discipline(comparer.tokeniser))
    table = unseen.table([row.petition for row in rows])
    around = unseen.table([row.petition for row in others])
    rarity = Rarity.fit(Comparables.joined([table, around]))
    families = [family_pairs(rows, table, rarity), distractors(rows, table, around, rarity)]
    pairs = joined_sets([*families, perturbed_pairs(rows, unseen, rarity, seed)])
    scores = cross_scores(pairs, seed)
    known = np.isfinite(scores)
    local = Judge(_fit(pairs, np.ones(len(pairs.same), dtype=bool), seed), *_platt(scores[known], pairs.same[known]))
    threshold, figures = choose_threshold(
        rows, np.asarray(sigmoid(local.factor * scores + local.offset), dtype=np.float64), pairs
    )
    elsewhere = local if not own else judge_elsewhere(own_pairs(own, unseen, rarity, seed), pairs, threshold, seed)
    return PairScorer(local, elsewhere, rarity, threshold, reading_fingerprint(comparer.tokeniser)), figures


def judge_elsewhere(own: PairSet, pairs: PairSet, threshold: float, seed: int) -> Judge:
    """What judges letters that name no unit, learned from an office's own letters beside the families.

    Nobody marks all repeats, so that wrong merges cannot be counted on such letters, but what is missed can: the
    scale is moved until most of the marked pairs reach the threshold.
    """
    every = joined_sets([pairs, own])
    scores = cross_scores(every, seed, (f"{OWN}0", f"{OWN}1"))
    known = np.isfinite(scores)
    least = float(np.quantile(scores[known & every.same], 1 - OWN_RECALL))
    trees = _fit(every, np.ones(len(every.same), dtype=bool), seed)
    return Judge(trees, 1.0, float(np.log(threshold / (1 - threshold))) - least)


def blind_discipline(tokeniser: Tokeniser) -> DisciplineModel:
    """A discipline part that has not seen the repeat letters, as the shipped one has not seen an office's."""
    letters = [row for row in written_petitions() if row.split in SPLITS]
    reports = [report for report in written_reports() if report.split in SPLITS]
    return train_discipline(problem_examples(letters, reports, written_statements()), tokeniser, 0)[0]


def family_pairs(rows: Sequence[WrittenPetition], table: Comparables, rarity: Rarity) -> PairSet:
    """Every two letters of the repeat families."""
    gold = gold_pairs(rows)
    writer = np.array([row.writer for row in rows])
    features = pair_features(table, gold.i, table, gold.j, rarity)
    return PairSet(features, gold.same, gold.alike, np.stack([writer[gold.i], writer[gold.j]], axis=1))


def distractors(rows: Sequence[WrittenPetition], table: Comparables, around: Comparables, rarity: Rarity) -> PairSet:
    """Pairs of a family's letter with a letter of another matter that has words in common with it."""
    i, j = (part.ravel().astype(np.int64) for part in np.indices((len(table), len(around))))
    features = pair_features(table, i, around, j, rarity)
    some = features[:, 0] >= DISTRACTOR
    writers = np.array([(rows[a].writer, rows[a].writer) for a in i[some]]).reshape(-1, 2)
    none = np.zeros(int(some.sum()), dtype=bool)
    return PairSet(features[some], none, none.copy(), writers)


def own_pairs(petitions: Sequence[Petition], comparer: Comparer, rarity: Rarity, seed: int) -> PairSet:
    """Candidates among an office's letters whose column `matter` says which of them are about one."""
    table = Comparables.joined(
        [comparer.table(petitions[n : n + OWN_BATCH]) for n in range(0, len(petitions), OWN_BATCH)]
    )
    matter = np.array([str(one.extra.get(MATTER, "")) for one in petitions])
    within = rarity.within(table)
    i, j = candidate_pairs(table, within).T
    known = np.flatnonzero((matter[i] != "") & (matter[j] != ""))
    drawn = np.sort(np.random.default_rng(seed).permutation(known)[:DRAWN])
    i, j = i[drawn], j[drawn]
    same = matter[i] == matter[j]
    features = pair_features(table, i, table, j, within)
    fold = np.array([f"{OWN}{int(held_out(one, 5))}" for one in matter[i].tolist()])
    return PairSet(features, same, np.zeros_like(same), np.stack([fold, fold], axis=1))


def perturbed_pairs(rows: Sequence[WrittenPetition], comparer: Comparer, rarity: Rarity, seed: int) -> PairSet:
    """Letters with themselves sent again (one matter), and with the same letter about another village (another)."""
    variation = Variation(seed)
    letters = [row.petition for row in rows]
    again = [variation.again(letter, LATEST_AGAIN) for letter in letters]
    elsewhere = [variation.elsewhere(letter) for letter in letters]
    tables = [comparer.table(part) for part in (letters, again, elsewhere)]
    n = np.arange(len(rows), dtype=np.int64)
    copies, templates = (pair_features(tables[0], n, other, n, rarity) for other in tables[1:])
    moved = templates[:, FEATURES.index("villages conflict")] > 0
    writer = np.array([row.writer for row in rows])
    writers = np.concatenate([writer, writer[moved]])
    same = np.arange(len(writers)) < len(rows)
    features = np.concatenate([copies, templates[moved]])
    return PairSet(features, same, np.zeros_like(same), np.stack([writers, writers], axis=1))


def joined_sets(sets: Sequence[PairSet]) -> PairSet:
    """All pairs in order."""
    return PairSet(*(np.concatenate([getattr(one, name) for one in sets]) for name in PairSet.__dataclass_fields__))


def cross_scores(pairs: PairSet, seed: int = 0, writers: Sequence[str] = ()) -> NDArray[np.float64]:
    """(pairs,) log-odds by trees that have not seen the writer (of all, or those named); NaN for other pairs."""
    scores = np.full(len(pairs.same), np.nan)
    for writer in writers or sorted(set(pairs.writers.ravel().tolist())):
        mine = (pairs.writers == writer).all(axis=1)
        scores[mine] = _fit(pairs, pairs.but(writer), seed).scores(pairs.features[mine])
    return scores


def _fit(pairs: PairSet, chosen: NDArray[np.bool_], seed: int) -> Trees:
    weight = np.where(pairs.look_alike, LOOK_ALIKE_WEIGHT, 1.0).astype(np.float32)
    weight[np.char.startswith(pairs.writers[:, 0].astype(str), OWN)] = OWN_WEIGHT
    return fit_trees(pairs.features[chosen], pairs.same[chosen], weight[chosen], range(seed, seed + SEEDS))


def _platt(scores: NDArray[np.float64], same: NDArray[np.bool_]) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(scores[:, None], same)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def choose_threshold(
    rows: Sequence[WrittenPetition], scores: NDArray[np.float64], pairs: PairSet
) -> tuple[float, dict[str, Any]]:
    """The highest threshold whose matters agree about best with gold in cross-validation, and its figures.

    A wrong merge costs an office more than a missed one, so of thresholds alike in F1 the highest is taken.
    """
    tried = {}
    for threshold in np.round(np.arange(0.1, 0.9, 0.02), 2).tolist():
        tried[threshold] = grouped_figures(rows, scores, pairs, threshold)
    least = max(one["pair_f1"] for one in tried.values()) - GIVEN_UP
    best = max(threshold for threshold, one in tried.items() if one["pair_f1"] >= least)
    return float(best), tried[best]


def grouped_figures(
    rows: Sequence[WrittenPetition], scores: NDArray[np.float64], pairs: PairSet, threshold: float
) -> dict[str, float]:
    """Figures of the matters of every writer by himself, all together."""
    i, j = upper_pairs(len(rows))
    known = np.isfinite(scores[: len(i)])
    pairs_known = np.stack([i[known], j[known]], axis=1)
    labels = matters(len(rows), pairs_known, scores[: len(i)][known].astype(np.float32), threshold)
    return pair_figures(labels, i[known], j[known], pairs.same[: len(i)][known], pairs.look_alike[: len(i)][known])
