"""Labels that a model which never saw them is sure are others: rows for a person to read again.

After Northcutt et al. (2021), "Confident Learning": a label is doubted where another one is predicted with the
confidence that right predictions usually have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus.dictionary import domain_words
from corpus.written import WrittenPetition
from models.content import read_occurrences
from models.discipline import calibrated_problems, held_out_scores, targets_of
from models.examples import problem_examples
from models.features import FeatureSpace
from models.heads import Head
from models.linear import Linear
from nlp.tokenise import Tokeniser


@dataclass(frozen=True, slots=True)
class Doubt:
    """A letter whose primary problem is doubted: the label, what the model says instead, and how sure it is."""

    id: str
    label: str
    suggested: str
    probability: float


def doubted_primaries(rows: Sequence[WrittenPetition], seed: int = 0) -> list[Doubt]:
    """Letters of the corpus whose primary problem is likely wrong, most likely first.

    Every letter is predicted by a model that saw no letter of its writer; a prediction that the labels or their
    alternatives name is no doubt.
    """
    tokeniser = Tokeniser(domain_words())
    examples = problem_examples(rows, (), ())
    targets = targets_of(examples)
    found = read_occurrences([example.petition for example in examples], tokeniser)
    scores = held_out_scores(
        FeatureSpace.fit(found).rows(found), targets, [one.group for one in examples], seed
    ).problems
    unfitted = Linear(np.zeros((0, len(targets.labels)), np.float32), np.zeros(len(targets.labels), np.float32))
    head = calibrated_problems(Head(targets.labels, unfitted), scores, targets)
    whole = np.flatnonzero(targets.whole)
    probability = head.probabilities(scores[whole])
    best = scores[whole].argmax(axis=1)
    sure = probability[np.arange(len(whole)), best]
    usual = float(np.median(sure[best == targets.primary[whole]]))
    doubts = []
    for place, number in enumerate(whole):
        known = targets.alleged[number] | targets.unsure[number]
        if not known[best[place]] and sure[place] >= usual:
            label, suggested = targets.labels[targets.primary[number]], targets.labels[best[place]]
            doubts.append(Doubt(examples[number].petition.id, label, suggested, float(sure[place])))
    return sorted(doubts, key=lambda doubt: -doubt.probability)
