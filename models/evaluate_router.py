"""Figures of the unit router on later letters, with peers beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.decisions import PastDecision
from corpus.errors import FenbanError
from corpus.unit_kinds import folded, kind_table
from models.calibration import calibration_error
from models.encoder import Encoder
from models.evaluate import Answers, Report, curves, figures_table
from models.features import occurrences
from models.reading import read
from models.router import RouterModel
from models.router_peers import PEERS, Asked, ranked_peer
from models.unit_table import current_names
from nlp.normalise import normalise
from nlp.tokenise import Tokeniser


@dataclass(frozen=True)
class Gold:
    """What is right: the units that answered, their names in one spelling, and their kinds."""

    units: list[str]
    kinds: list[str]
    groups: list[str]


def router_report(model: RouterModel, test: Sequence[PastDecision], encoder: Encoder, tokeniser: Tokeniser) -> Report:
    """How often kind and unit are right, how well probabilities are calibrated, and what the thresholds accept.

    Raises:
        FenbanError: there is no letter to test on.
    """
    if not test:
        raise FenbanError("no letter to test on: all belong to groups that were learned from")
    gold = gold_of(test, {folded(unit): model.kind_of(unit) for unit in model.units})
    readings = [read(one.petition, tokeniser) for one in test]
    routing = model.route(occurrences(readings), encoder.encode(readings), [one.district for one in test])
    kinds = _best_names(model.kinds.labels, routing.kinds)
    units = _best_names([folded(unit) for unit in model.units], routing.units)
    answers = {
        "kind of bureau": Answers(routing.kinds.max(axis=1), _hits(kinds, gold.kinds, 1)),
        "unit": Answers(routing.units.max(axis=1), _hits(units, gold.units, 1)),
    }
    metrics = ranking_figures(kinds, units, gold)
    known = {folded(unit) for unit in model.units}
    metrics |= {"units_known": float(np.mean([name in known for name in gold.units]))}
    metrics |= _sureness("kind", answers["kind of bureau"], model.kinds.threshold)
    metrics |= _sureness("unit", answers["unit"], model.threshold)
    lines = [f"### Unit router: {len(test)} letters, {len(set(gold.groups))} groups\n", figures_table(metrics)]
    for name, one in answers.items():
        lines += [f"\n{name}:", *curves(one)]
    return Report(metrics, "\n".join([*lines, ""]), answers)


def gold_of(decisions: Sequence[PastDecision], known: Mapping[str, str]) -> Gold:
    """What is right for these letters; `known` has the kinds of units that were learned from."""
    names = current_names(decisions, kind_table())
    units = [folded(names[one.unit]) for one in decisions]
    parsed = kind_table().parse_all(units)
    kinds = [known.get(unit) or parsed[unit].kind for unit in units]
    return Gold(units, kinds, [one.group for one in decisions])


def ranking_figures(kinds: Sequence[Sequence[str]], units: Sequence[Sequence[str]], gold: Gold) -> dict[str, float]:
    """Shares of letters whose kind or unit stands first or among three; last, with every group counted once."""
    hits = {
        "kind_top1": _hits(kinds, gold.kinds, 1),
        "kind_top3": _hits(kinds, gold.kinds, 3),
        "unit_top1": _hits(units, gold.units, 1),
        "unit_top3": _hits(units, gold.units, 3),
    }
    figures = {name: float(hit.mean()) for name, hit in hits.items()}
    once = {f"{name}_groups_once": _once(hits[name], gold.groups) for name in ("kind_top1", "unit_top3")}
    return figures | once


def evaluate_router_peers(
    train: Sequence[PastDecision], test: Sequence[PastDecision], tokeniser: Tokeniser
) -> dict[str, dict[str, float]]:
    """The same shares for every peer; for units, those that the letter's district knows come first."""
    known, asked = (_asked(part, tokeniser) for part in (train, test))
    learned = gold_of(train, {})
    gold = gold_of(test, dict(zip(learned.units, learned.kinds, strict=True)))
    return {
        name: ranking_figures(
            ranked_peer(peer, known, learned.kinds, asked, of_district=False),
            ranked_peer(peer, known, learned.units, asked, of_district=True),
            gold,
        )
        for name, peer in PEERS.items()
    }


def _asked(decisions: Sequence[PastDecision], tokeniser: Tokeniser) -> Asked:
    texts = (normalise(one.petition.full_text()[0]).text for one in decisions)
    return Asked([" ".join(tokeniser.cut(text)) for text in texts], [one.district for one in decisions])


def _best_names(names: Sequence[str], probability: NDArray[np.floating]) -> list[list[str]]:
    order = np.argsort(-probability, axis=1, kind="stable")[:, :3]
    return [[names[number] for number in best] for best in order]


def _hits(best: Sequence[Sequence[str]], gold: Sequence[str], most: int) -> NDArray[np.bool_]:
    return np.array([right in names[:most] for names, right in zip(best, gold, strict=True)])


def _once(hits: NDArray[np.bool_], groups: Sequence[str]) -> float:
    by_group = defaultdict(list)
    for hit, group in zip(hits, groups, strict=True):
        by_group[group].append(hit)
    return float(np.mean([np.mean(one) for one in by_group.values()]))


def _sureness(name: str, answers: Answers, threshold: float) -> dict[str, float]:
    accepted = answers.probability >= threshold
    return {
        f"{name}_calibration_error": calibration_error(answers.probability, answers.right),
        f"{name}_accepted": float(accepted.mean()),
        f"{name}_right_among_accepted": float(answers.right[accepted].mean()) if accepted.any() else 0.0,
    }
