"""Fitting the choice of the subject unit on letters whose unit is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpus.units import Unit, UnitRegistry
from corpus.written import WrittenPetition
from models.calibration import Numbers, softmax, softmax_scale
from models.content import pruned
from models.discipline import KINDS, HeldOut
from models.features import FeatureSpace, Occurrences, occurrences, reading_fingerprint
from models.folds import group_folds
from models.heads import Head
from models.linear import Linear, fit_linear, one_hot
from models.people import Person
from models.reading import Reading, read
from models.remits import RemitFinder, remit_hits
from models.subject import LOCAL, ProblemShares, SubjectModel, summaries
from models.unit_candidates import LEVELS, NONE, UnitCandidate, add_bureau, add_people, add_summary, candidates
from models.unit_finder import bureau_codes, mention_finder
from nlp.tokenise import Tokeniser

MIN_DOCUMENTS = 3
MOST_FEATURES = 20_000
RIDGE = 1.0
"""Penalty on the squared weights of the choice; chosen by cross-validation over writers among 0.3, 1 and 3."""
ABSENT = -3.0
"""Score of a bureau that a fold had no example of."""


@dataclass(frozen=True)
class Letters:
    """Letters with their readings and the gold numbers of level and bureau (-1: none is known)."""

    rows: Sequence[WrittenPetition]
    readings: Sequence[Reading]
    found: Occurrences
    bureaus: tuple[str, ...]
    level: NDArray[np.int64]
    bureau: NDArray[np.int64]


def train_subject(
    rows: Sequence[WrittenPetition],
    held_out: HeldOut,
    problem_labels: Sequence[str],
    people: Sequence[Sequence[Person]],
    registry: UnitRegistry,
    tokeniser: Tokeniser,
    seed: int = 0,
) -> SubjectModel:
    """Fits the heads, and the choice on scores of models that did not see a letter's writer.

    Args:
        rows: labelled letters.
        held_out: the discipline part's held-out scores of the same letters, row by row.
        problem_labels: columns of those scores.
        people: of every letter, held out likewise.
        registry: the units that the labels name.
        tokeniser: of all parts.
        seed: of folds and solvers.
    """
    letters = letters_of(rows, registry, tokeniser)
    space = FeatureSpace.fit(letters.found, MIN_DOCUMENTS)
    level, bureau = _held_out_heads(letters, space, seed)
    space, final_level, final_bureau = _final_heads(letters, space, seed)
    primary = np.array([list(problem_labels).index(row.gold.primary) for row in rows])
    kind = np.array([KINDS.index(row.gold.kind) for row in rows])
    codes = bureau_codes(letters.bureaus, registry)
    hits = remit_hits(RemitFinder(registry), letters.readings, letters.bureaus, codes)
    scale, weight = _bureau_scales(bureau, hits, letters.bureau)
    model = SubjectModel(
        space,
        Head(LEVELS, final_level),
        Head(letters.bureaus, final_bureau),
        scale,
        weight,
        softmax_scale(held_out.problems, primary),
        softmax_scale(held_out.kind, kind),
        {},
        reading_fingerprint(tokeniser),
    )
    shares = model.problem_shares(problem_labels, held_out.problems, KINDS, held_out.kind)
    bureau_shares = softmax(bureau * scale + weight * hits)
    table = _choices(letters, registry, level, bureau_shares, shares, people, codes)
    return replace(model, choice=fit_choice(table, [row.gold.subject_unit or NONE for row in rows]))


def letters_of(rows: Sequence[WrittenPetition], registry: UnitRegistry, tokeniser: Tokeniser) -> Letters:
    """Readings and gold numbers of the letters."""
    readings = [read(row.petition, tokeniser) for row in rows]
    names = [bureau_label(row, registry) for row in rows]
    bureaus = tuple(sorted({name for name in names if name}))
    levels = [NONE if (code := row.gold.subject_unit) is None else registry[code].kind for row in rows]
    return Letters(
        rows,
        readings,
        occurrences(readings),
        bureaus,
        np.array([LEVELS.index(level) for level in levels]),
        np.array([bureaus.index(name) if name else -1 for name in names]),
    )


def bureau_label(row: WrittenPetition, registry: UnitRegistry) -> str:
    """The bureau whose work a letter is about, as a name of work; LOCAL for the town's own; "" where unknown."""
    subject, handling = row.gold.subject_unit, row.gold.handling_unit
    if subject is not None:
        unit = registry[subject]
        return work_name(unit) if unit.kind == "department" else ""
    unit = registry[handling] if handling is not None else registry[next(iter(registry.units))]
    if unit.kind == "town":
        return LOCAL
    return work_name(unit) if unit.kind == "department" and row.gold.primary == "Z0" else ""


def work_name(unit: Unit) -> str:
    """A department's name as every county has it: the longest alias that its name holds, or the name without 县."""
    inside = [alias for alias in unit.aliases if alias in unit.name and len(alias) > 2]
    return max(inside, key=len) if inside else unit.name.lstrip("县市区")


def _fit_heads(letters: Letters, space: FeatureSpace, train: NDArray[np.int64], seed: int) -> tuple[Linear, Linear]:
    rows = space.rows(letters.found)
    level = fit_linear(rows[train], one_hot(letters.level[train], len(LEVELS)), seed=seed)
    known = train[letters.bureau[train] >= 0]
    return level, fit_linear(rows[known], one_hot(letters.bureau[known], len(letters.bureaus)), seed=seed)


def _final_heads(letters: Letters, space: FeatureSpace, seed: int) -> tuple[FeatureSpace, Linear, Linear]:
    """The features that weigh most, and the heads of level and bureau on them, from all letters."""
    everything = np.arange(len(letters.rows))
    level, bureau = _fit_heads(letters, space, everything, seed)
    space = pruned(space, Linear(np.hstack((level.weights, bureau.weights)), level.bias), MOST_FEATURES)
    return space, *_fit_heads(letters, space, everything, seed)


def _held_out_heads(letters: Letters, space: FeatureSpace, seed: int) -> tuple[Numbers, Numbers]:
    rows = space.rows(letters.found)
    level = np.zeros((len(letters.rows), len(LEVELS)))
    bureau = np.full((len(letters.rows), len(letters.bureaus)), ABSENT)
    groups = [row.writer for row in letters.rows]
    for train, test in group_folds(groups, letters.level, seed):
        level_head, bureau_head = _fit_heads(letters, space, train, seed)
        level[test] = level_head.scores(rows[test])
        bureau[test] = bureau_head.scores(rows[test])
    return level, bureau


def _bureau_scales(scores: Numbers, hits: Numbers, target: NDArray[np.int64]) -> tuple[float, float]:
    """The factors on head scores and remit hits under which the known bureaus are likeliest."""
    from scipy.optimize import minimize

    known = target >= 0
    scores, hits, target = scores[known], hits[known], target[known]

    def loss(factors: NDArray[np.float64]) -> float:
        shares = softmax(scores * np.exp(factors[0]) + hits * factors[1])
        return float(-np.log(shares[np.arange(len(target)), target] + 1e-12).mean())

    best = minimize(loss, np.array([1.0, 0.5]), method="Nelder-Mead").x
    return float(np.exp(best[0])), float(best[1])


def _choices(
    letters: Letters,
    registry: UnitRegistry,
    level: Numbers,
    bureau: Numbers,
    shares: ProblemShares,
    people: Sequence[Sequence[Person]],
    codes: dict[str, str],
) -> list[dict[str, UnitCandidate]]:
    """The candidates of every letter."""
    finder = mention_finder(registry)
    table = []
    said = summaries(level, shares)
    for number, reading in enumerate(letters.readings):
        mentions = finder.find(reading.text, reading.words)
        found = candidates(reading, mentions, finder.gazetteer)
        add_bureau(found, {codes[name]: bureau[number, k] for k, name in enumerate(letters.bureaus) if name in codes})
        add_people(found, people[number], mentions)
        add_summary(found, said[number])
        table.append(found)
    return table


def fit_choice(
    table: Sequence[dict[str, UnitCandidate]], gold: Sequence[str], ridge: float = RIDGE
) -> dict[str, float]:
    """The weights, named kind:feature, under which the gold candidates are likeliest.

    Letters whose unit is no candidate are left out.
    """
    from scipy.optimize import minimize

    kept = [(found, right) for found, right in zip(table, gold, strict=True) if right in found]
    rows = [_named(one) for found, _ in kept for one in found.values()]
    names = sorted({name for features in rows for name in features})
    column = {name: number for number, name in enumerate(names)}
    owner = np.array([number for number, (found, _) in enumerate(kept) for _ in found])
    chosen = np.array([code == right for found, right in kept for code in found])
    values = np.zeros((len(owner), len(names)))
    for row, features in enumerate(rows):
        for name, value in features.items():
            values[row, column[name]] = value

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = values @ weights
        top = np.full(len(kept), -np.inf)
        np.maximum.at(top, owner, scores)
        powers = np.exp(scores - top[owner])
        totals = np.bincount(owner, powers)
        likelihood = (scores[chosen] - top - np.log(totals)).sum()
        slope = values.T @ (powers / totals[owner] - chosen)
        return float(ridge * weights @ weights - likelihood), slope + 2 * ridge * weights

    weights = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return dict(zip(names, np.round(weights, 4).tolist(), strict=True))


def _named(candidate: UnitCandidate) -> dict[str, float]:
    """The features under the names that their weights have: the kind alone, or kind:feature."""
    return {f"{candidate.kind}:{name}" if name else candidate.kind: value for name, value in candidate.features.items()}
