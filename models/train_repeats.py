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
from models.comparables import Comparables
from models.comparer import Comparer
from models.discipline import DisciplineModel, train_discipline
from models.examples import problem_examples
from models.features import reading_fingerprint
from models.matters import matters
from models.pair_context import carried, context
from models.pair_features import FEATURES, Float, Index, Rarity, pair_features
from models.pair_scorer import Judge, PairScorer
from models.pair_scores import KEPT
from models.repeat_candidates import candidate_pairs
from models.repeat_gold import gold_pairs, pair_figures
from models.trees import Trees, fit_trees
from models.varied import Variation
from nlp.tokenise import Tokeniser

SPLITS = ("train", "dev")
SEEDS = 3
FOLDS = 6
THRESHOLDS = tuple(np.round(np.arange(0.1, 0.9, 0.04), 2).tolist())
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
    """Pairs with their features, what they are, who wrote the two letters, and which letters they are.

    `letters` (pairs, 2) numbers the letters of all writers' collections; -1 where a pair stands in none.
    """

    features: Float
    same: NDArray[np.bool_]
    look_alike: NDArray[np.bool_]
    writers: NDArray[np.str_]
    letters: Index


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
    local = Judge(fit_pairs(pairs, seed), *platt(scores[known], pairs.same[known]))
    alone = np.asarray(sigmoid(local.factor * scores + local.offset), dtype=np.float32)
    among, final = judge_among(pairs, alone, seed)
    threshold, figures = choose_threshold(rows, final, pairs)
    figures["pair_f1_judged_alone"] = max_f1(rows, alone, pairs)
    elsewhere = local if not own else judge_elsewhere(own_pairs(own, unseen, rarity, seed), pairs, threshold, seed)
    reading = reading_fingerprint(comparer.tokeniser)
    return PairScorer(local, elsewhere, among, rarity, threshold, reading), figures


def judge_among(pairs: PairSet, alone: NDArray[np.float32], seed: int) -> tuple[Judge, NDArray[np.float32]]:
    """What judges pairs again among the others of their collection, and its cross-validated probabilities.

    Args:
        pairs: of the families and their distractors; every writer's letters are a collection.
        alone: (pairs,) cross-validated probabilities of each pair by itself, NaN where there is none.
        seed: of the trees.
    """
    some = np.flatnonzero((alone >= KEPT) & (pairs.letters >= 0).all(axis=1))
    around = context(int(pairs.letters.max()) + 1, pairs.letters[some], alone[some])
    features = np.concatenate([around, carried(pairs.features[some])], axis=1)
    kept = PairSet(features, pairs.same[some], pairs.look_alike[some], pairs.writers[some], pairs.letters[some])
    scores = cross_scores(kept, seed)
    factor, offset = platt(scores, kept.same)
    final = alone.copy()
    final[some] = sigmoid(factor * scores + offset)
    return Judge(fit_pairs(kept, seed), factor, offset), final


def judge_elsewhere(own: PairSet, pairs: PairSet, threshold: float, seed: int) -> Judge:
    """What judges letters that name no unit, learned from an office's own letters beside the families.

    Nobody marks all repeats, so that wrong merges cannot be counted on such letters, but what is missed can: the
    scale is moved until most of the marked pairs reach the threshold.
    """
    every = joined_sets([pairs, own])
    scores = cross_scores(every, seed, (f"{OWN}0", f"{OWN}1"))
    known = np.isfinite(scores)
    least = float(np.quantile(scores[known & every.same], 1 - OWN_RECALL))
    trees = fit_pairs(every, seed)
    return Judge(trees, 1.0, float(np.log(threshold / (1 - threshold))) - least)


def blind_discipline(tokeniser: Tokeniser) -> DisciplineModel:
    """A discipline part that has not seen the repeat letters, as the shipped one has not seen an office's."""
    letters = [row for row in written_petitions() if row.split in SPLITS]
    reports = [report for report in written_reports() if report.split in SPLITS]
    return train_discipline(problem_examples(letters, reports, written_statements()), tokeniser, 0)[0]


def family_pairs(rows: Sequence[WrittenPetition], table: Comparables, rarity: Rarity) -> PairSet:
    """Every two letters of one writer."""
    parts = []
    for writer in writers_of(rows):
        mine = np.flatnonzero([row.writer == writer for row in rows])
        gold = gold_pairs([rows[place] for place in mine.tolist()])
        letters = mine[np.stack([gold.i, gold.j], axis=1)]
        features = pair_features(table, letters[:, 0], table, letters[:, 1], rarity)
        parts.append(PairSet(features, gold.same, gold.alike, np.full(letters.shape, writer), letters))
    return joined_sets(parts)


def writers_of(rows: Sequence[WrittenPetition]) -> list[str]:
    """Who wrote the letters, in order."""
    return sorted({row.writer for row in rows})


def distractors(rows: Sequence[WrittenPetition], table: Comparables, around: Comparables, rarity: Rarity) -> PairSet:
    """Pairs of a family's letter with a letter of another matter that has words in common with it."""
    i, j = (part.ravel().astype(np.int64) for part in np.indices((len(table), len(around))))
    features = pair_features(table, i, around, j, rarity)
    some = features[:, 0] >= DISTRACTOR
    i, j = i[some], j[some]
    writer = np.array([row.writer for row in rows])[i]
    writers = np.stack([writer, writer], axis=1)
    # Every writer's collection has the other letters in it once.
    place = len(table) + np.searchsorted(writers_of(rows), writer) * len(around) + j
    none = np.zeros(len(i), dtype=bool)
    return PairSet(features[some], none, none.copy(), writers, np.stack([i, place], axis=1))


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
    return PairSet(features, same, np.zeros_like(same), np.stack([fold, fold], axis=1), nowhere(same))


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
    return PairSet(features, same, np.zeros_like(same), np.stack([writers, writers], axis=1), nowhere(same))


def nowhere(pairs: NDArray[np.bool_]) -> Index:
    """(pairs, 2) of pairs that stand in no collection."""
    return np.full((len(pairs), 2), -1, dtype=np.int64)


def joined_sets(sets: Sequence[PairSet]) -> PairSet:
    """All pairs in order."""
    return PairSet(*(np.concatenate([getattr(one, name) for one in sets]) for name in PairSet.__dataclass_fields__))


def cross_scores(pairs: PairSet, seed: int = 0, chosen: Sequence[str] = ()) -> NDArray[np.float64]:
    """(pairs,) log-odds by trees that have not seen the pair's writer; NaN for pairs of two writers or of others.

    Args:
        pairs: of any writers.
        seed: of the trees.
        chosen: writers whose pairs are scored; all without it.
    """
    scores = np.full(len(pairs.same), np.nan)
    writers = np.array(chosen or sorted(set(pairs.writers.ravel().tolist())))
    for fold in range(min(FOLDS, len(writers))):
        left_out = np.isin(pairs.writers, writers[fold::FOLDS])
        mine = left_out.all(axis=1) & (pairs.writers[:, 0] == pairs.writers[:, 1])
        scores[mine] = fit_pairs(pairs, seed, np.asarray(~left_out.any(axis=1))).scores(pairs.features[mine])
    return scores


def fit_pairs(pairs: PairSet, seed: int, chosen: NDArray[np.bool_] | slice = slice(None)) -> Trees:
    """Trees learned from the chosen pairs; from all without a choice."""
    weight = np.where(pairs.look_alike, LOOK_ALIKE_WEIGHT, 1.0).astype(np.float32)
    weight[np.char.startswith(pairs.writers[:, 0].astype(str), OWN)] = OWN_WEIGHT
    return fit_trees(pairs.features[chosen], pairs.same[chosen], weight[chosen], range(seed, seed + SEEDS))


def platt(scores: NDArray[np.float64], same: NDArray[np.bool_]) -> tuple[float, float]:
    """Factor and offset that make probabilities of log-odds (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(scores[:, None], same)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def choose_threshold(
    rows: Sequence[WrittenPetition], scores: NDArray[np.float32], pairs: PairSet
) -> tuple[float, dict[str, Any]]:
    """The highest threshold whose matters agree about best with gold in cross-validation, and its figures.

    A wrong merge costs an office more than a missed one, so of thresholds alike in F1 the highest is taken.
    """
    tried = {one: grouped_figures(rows, scores, pairs, one) for one in THRESHOLDS}
    least = max(one["pair_f1"] for one in tried.values()) - GIVEN_UP
    best = max(threshold for threshold, one in tried.items() if one["pair_f1"] >= least)
    return float(best), tried[best]


def max_f1(rows: Sequence[WrittenPetition], scores: NDArray[np.float32], pairs: PairSet) -> float:
    """The pair F1 of the best threshold."""
    return max(grouped_figures(rows, scores, pairs, one)["pair_f1"] for one in THRESHOLDS)


def grouped_figures(
    rows: Sequence[WrittenPetition], scores: NDArray[np.float32], pairs: PairSet, threshold: float
) -> dict[str, float]:
    """Figures of the matters of every writer by himself, all together."""
    known = np.isfinite(scores) & (pairs.letters >= 0).all(axis=1) & (pairs.letters < len(rows)).all(axis=1)
    letters = pairs.letters[known]
    labels = matters(len(rows), letters, scores[known], threshold)
    i, j = letters.T
    return pair_figures(labels, i, j, pairs.same[known], pairs.look_alike[known])
