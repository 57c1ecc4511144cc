"""Figures of repeats on the corpus's test split and on clusters of real messages, with the peers beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import MissingExtraError
from corpus.figures import relation
from corpus.records import Petition
from corpus.written import WrittenPetition, written_repeats
from models.comparables import Comparables
from models.evaluate import Report, figures_table
from models.pair_scorer import upper_pairs
from models.repeat_candidates import candidate_sides
from models.repeat_gold import gold_pairs, joined_figures, pair_figures
from models.repeat_peers import PEERS
from models.repeat_relation import RECURRED, RELATIONS, relations
from models.repeats import RepeatFinder
from nlp.tokenise import Tokeniser


def repeats_report(finder: RepeatFinder, cross: Mapping[str, Any] | None = None) -> Report:
    """Matters, relations, candidates and calibration on the test split; `cross`: figures of cross-validation."""
    rows = written_repeats("test")
    metrics: dict[str, Any] = {"test split": test_figures(finder, rows)}
    if cross is not None:
        metrics["cross-validation over the writers of train and dev"] = dict(cross)
    lines = []
    for name, figures in metrics.items():
        lines += [f"### Repeats: {name}\n", figures_table(figures), ""]
    return Report(metrics, "\n".join(lines), {})


def test_figures(finder: RepeatFinder, rows: Sequence[WrittenPetition]) -> dict[str, float]:
    """Every two letters of the split are a pair; a matter found is right in the pairs it has in common with gold."""
    table = finder.table(row.petition for row in rows)
    gold = gold_pairs(rows)
    i, j, same, alike = gold.i, gold.j, gold.same, gold.alike
    labels = finder.find_in(table).labels()
    figures = pair_figures(labels, i, j, same, alike)
    joined = labels[i] == labels[j]
    strangers = [row for row in rows if row.gold.hard_negative_of is not None]
    caught = {rows[n].petition.id for a, b in zip(i[joined & alike], j[joined & alike], strict=True) for n in (a, b)}
    figures["look_alike_letters_joined"] = float(np.mean([one.petition.id in caught for one in strangers]))
    figures |= relation_figures(finder, table, rows)
    for name, pairs in candidate_sides(table, finder.scorer.rarity).items():
        found = set(map(tuple, pairs.tolist()))
        figures[f"candidates_{name}_recall"] = float(
            np.mean([(a, b) in found for a, b in zip(i[same].tolist(), j[same].tolist(), strict=True)])
        )
    return figures


def relation_figures(finder: RepeatFinder, table: Comparables, rows: Sequence[WrittenPetition]) -> dict[str, float]:
    """Accuracy of copy, repeat and joint on the true pairs, and how many returns after rectification are seen."""
    gold = gold_pairs(rows)
    i, j, true = gold.i, gold.j, gold.same
    back = np.array([_came_back(rows[a], rows[b]) for a, b in zip(i, j, strict=True)])
    features = finder.scorer.features(table, i, table, j)
    said = np.array(RELATIONS)[relations(table, i, table, j, features)]
    written = [relation(rows[a], rows[b], rows) for a, b in zip(i[true], j[true], strict=True)]
    return {
        "relation_accuracy": float(np.mean(said[true] == np.array(written))),
        "recurred_recall": float((said[back] == RECURRED).mean()) if back.any() else 0.0,
    }


def _came_back(a: WrittenPetition, b: WrittenPetition) -> bool:
    return any(one.gold.recurred_from == two.gold.matter for one, two in ((a, b), (b, a)) if one.gold.recurred_from)


def cluster_figures(
    finder: RepeatFinder, petitions: Sequence[Petition], clusters: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Pairwise figures of every cluster and of all together, over the petitions that name a cluster.

    The other petitions (no cluster named: not known) take part in the search and count neither way.
    """
    labels = finder.find(petitions).labels()
    named = np.array([number for number, cluster in enumerate(clusters) if cluster], dtype=np.int64)
    a, b = upper_pairs(len(named))
    i, j = named[a], named[b]
    gold = np.array(clusters)
    nothing = np.zeros(len(i), dtype=bool)
    figures = {"all": pair_figures(labels, i, j, gold[i] == gold[j], nothing)}
    for name in sorted(set(gold[named].tolist())):
        touching = (gold[i] == name) | (gold[j] == name)
        same = (gold[i] == gold[j])[touching]
        figures[name] = pair_figures(labels, i[touching], j[touching], same, nothing[touching])
    return figures


def peer_figures(tokeniser: Tokeniser) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Every peer on the test split at its best threshold on dev, and a line for every one that is not installed."""
    dev, test = written_repeats("dev"), written_repeats("test")
    figures, missing = {}, []
    for name, similarities in PEERS.items():
        try:
            known, asked = (
                similarities([row.petition.full_text()[0] for row in rows], tokeniser) for rows in (dev, test)
            )
        except MissingExtraError as error:
            missing.append(str(error))
            continue
        tried = np.unique(np.round(known[known > 0], 2))
        best = max(tried.tolist(), key=lambda one: _at(dev, known, one)["pair_f1"])
        figures[name] = {"threshold": best, **_at(test, asked, best)}
    return figures, missing


def _at(rows: Sequence[WrittenPetition], similar: NDArray[np.float32], threshold: float) -> dict[str, float]:
    gold = gold_pairs(rows)
    return joined_figures(similar >= threshold, gold.same, gold.alike)
