"""Fits the unit router; calibration, factors and threshold come from decisions later than those learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from corpus.decisions import PastDecision, dated, in_time
from corpus.errors import FenbanError
from corpus.unit_kinds import kind_table
from models.calibration import NEVER, Numbers, threshold_for
from models.encoder import Encoder
from models.features import FeatureSpace, Int, Occurrences, occurrences, reading_fingerprint
from models.folds import Fold, group_folds
from models.heads import Head, calibrated_best
from models.linear import NEVER as NO_EXAMPLE
from models.linear import Bool, Float, Linear, fit_linear, one_hot
from models.reading import read, read_texts
from models.router import RouterModel, encoder_fingerprint, kind_features
from models.unit_choice import ChoiceEvidence, NameMentions, UnitChoice, fit_factors, mean_letters, strongest
from models.unit_table import UnitTable, unit_table
from nlp.tokenise import Tokeniser

LEAST_DECISIONS = 20
MOST_FEATURES = 40_000
MOST_OF_UNIT = 120
"""Features kept for a unit's mean letter."""
KIND_PRECISION = 0.9
UNIT_PRECISION = 0.8
"""Share of right answers among the accepted ones that the thresholds are chosen for."""
LEAST_HELD_OUT = 100
"""With fewer held-out decisions every best kind gets the same probability, their share of right ones."""
MOST_HELD_OUT = 5_000
"""Of more held-out decisions the latest are enough."""
CUTS = (0.6, 0.8, 1.0)
"""Calibration learns from the decisions before a cut and looks at those up to the next."""


@dataclass(frozen=True)
class Letters:
    """The letters of a table in the order of time, as the models see them."""

    groups: tuple[str, ...]
    dated: bool
    found: Occurrences
    vectors: Float
    table: UnitTable

    @property
    def kind(self) -> Int:
        """(letters,) the kind of the unit that answered."""
        return self.table.kind[self.table.unit]

    def features(self, rows: sp.csr_matrix) -> sp.csr_matrix:
        """The rows with vectors and districts beside them."""
        return kind_features(rows, self.vectors, self.table.district, len(self.table.districts))


def train_router(
    decisions: Sequence[PastDecision], encoder: Encoder, tokeniser: Tokeniser, seed: int = 0
) -> RouterModel:
    """The router learned from these decisions.

    Args:
        decisions: in any order; days of receipt make the calibration that of later letters.
        encoder: gives the vectors that the router will be asked with.
        tokeniser: cuts the letters and the names.
        seed: of the solver.

    Raises:
        FenbanError: fewer than 20 decisions, or all by one unit.
        ModelError: the encoder is not a static one.
    """
    ordered = in_time(decisions)
    if len(ordered) < LEAST_DECISIONS or len({one.unit for one in ordered}) < 2:
        raise FenbanError(
            f"{len(ordered)} decisions by {len({one.unit for one in ordered})} units to learn from; "
            f"a router needs {LEAST_DECISIONS} decisions by two units at least"
        )
    readings = [read(one.petition, tokeniser) for one in ordered]
    letters = Letters(
        tuple(one.group for one in ordered),
        dated(ordered),
        occurrences(readings),
        encoder.encode(readings),
        unit_table(ordered, kind_table()),
    )
    return _fit(letters, encoder, tokeniser, seed)


def _fit(letters: Letters, encoder: Encoder, tokeniser: Tokeniser, seed: int) -> RouterModel:
    table = letters.table
    mentions = NameMentions.of(occurrences(read_texts(table.units, tokeniser)))
    space = FeatureSpace.fit(letters.found)
    rows = space.rows(letters.found)
    everything = np.arange(len(table.unit))
    parts = [_held_out(letters, rows, mentions, fold, seed) for fold in time_folds(letters, seed)]
    parts = [part for part in parts if len(part.rows)]
    whole = _fit_kinds(letters, rows, everything, seed)
    small = _kept(space, whole, mean_letters(rows, table.unit, len(table.units)))
    rows = small.rows(letters.found)
    head = Head(table.kinds, _fit_kinds(letters, rows, everything, seed), threshold=NEVER)
    choice = _choice(table, rows, mentions, everything)
    choice = replace(choice, means=strongest(choice.means, MOST_OF_UNIT))
    threshold = NEVER
    if parts:
        head, choice, threshold = _calibrated(head, choice, parts, letters)
    return RouterModel(
        small,
        head,
        table.units,
        table.districts,
        choice,
        threshold,
        encoder_fingerprint(encoder),
        reading_fingerprint(tokeniser),
    )


@dataclass(frozen=True)
class HeldOut:
    """What a model of other decisions says of those at `rows`."""

    rows: Int
    scores: Numbers
    given: ChoiceEvidence


def time_folds(letters: Letters, seed: int = 0) -> list[Fold]:
    """Pairs (earlier, later) of row numbers; groups that begin in the earlier part are left out of the later one.

    Without any date the folds are by group.
    """
    count = len(letters.groups)
    if not letters.dated:
        return group_folds(letters.groups, np.zeros(count, dtype=np.int64), seed)
    folds = []
    for start, stop in pairwise(CUTS):
        first, last = int(start * count), int(stop * count)
        known = set(letters.groups[:first])
        later = [row for row in range(first, last) if letters.groups[row] not in known]
        folds.append((np.arange(first), np.array(later, dtype=np.int64)))
    return folds


def _held_out(letters: Letters, rows: sp.csr_matrix, mentions: NameMentions, fold: Fold, seed: int) -> HeldOut:
    earlier, later = fold
    later = later[-MOST_HELD_OUT:]
    linear = _fit_kinds(letters, rows, earlier, seed)
    choice = _choice(letters.table, rows, mentions, earlier)
    given = choice.evidence(letters.found.of_texts(later), rows[later], letters.table.district[later])
    return HeldOut(later, linear.scores(letters.features(rows)[later]), given)


def _fit_kinds(letters: Letters, rows: sp.csr_matrix, chosen: Int, seed: int) -> Linear:
    """Scores of the kinds learned from the letters at `chosen`."""
    targets = one_hot(letters.kind, len(letters.table.kinds))[chosen]
    features = letters.features(rows)[chosen]
    if targets.any(axis=0).sum() > 1:
        return fit_linear(features, targets, seed=seed)
    weights = np.zeros((features.shape[1], targets.shape[1]), dtype=np.float32)
    return Linear(weights, np.where(targets.any(axis=0), 1, NO_EXAMPLE).astype(np.float32))


def _choice(table: UnitTable, rows: sp.csr_matrix, mentions: NameMentions, chosen: Int) -> UnitChoice:
    means = mean_letters(rows[chosen], table.unit[chosen], len(table.units))
    return UnitChoice(len(table.kinds), table.kind, table.counts(chosen), table.assumed, means, mentions)


def _kept(space: FeatureSpace, linear: Linear, means: sp.csr_matrix) -> FeatureSpace:
    """The features that weigh most for the kinds, and those that tell the units apart."""
    size = np.abs(linear.weights[: len(space.buckets)]).max(axis=1)
    of_kinds = np.argsort(-size, kind="stable")[:MOST_FEATURES]
    return space.keep(np.union1d(of_kinds, strongest(means, MOST_OF_UNIT).indices))


def _calibrated(
    head: Head, choice: UnitChoice, parts: Sequence[HeldOut], letters: Letters
) -> tuple[Head, UnitChoice, float]:
    """Head, factors and the units' threshold from all held-out decisions."""
    rows = np.concatenate([part.rows for part in parts])
    unit, kind = letters.table.unit[rows], letters.kind[rows]
    targets = one_hot(kind, len(head.labels))
    scores = np.concatenate([part.scores for part in parts])
    head = calibrated_best(head, scores, targets, KIND_PRECISION)
    if len(rows) < LEAST_HELD_OUT:
        head = _evenly_sure(head, targets[np.arange(len(rows)), scores.argmax(axis=1)])
    given = ChoiceEvidence(
        np.concatenate([part.given.alike for part in parts]),
        np.concatenate([part.given.counts for part in parts]),
        np.concatenate([part.given.assumed for part in parts]),
        np.concatenate([part.given.said for part in parts]),
    )
    choice = replace(choice, factors=fit_factors(choice, given, unit, kind))
    probability = choice.probabilities(head.probabilities(scores), given)
    right = probability.argmax(axis=1) == unit
    return head, choice, threshold_for(probability.max(axis=1), right, UNIT_PRECISION)


def _evenly_sure(head: Head, right: Bool) -> Head:
    """The head whose best label is always as probable as its held-out answers were right (Laplace's rule)."""
    odds = (right.sum() + 1) / ((~right).sum() + 1)
    return replace(head, ranked=replace(head.ranked, best=(0.0, 0.0, float(np.log(odds)))), threshold=NEVER)
