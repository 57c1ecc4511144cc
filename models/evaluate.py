"""Figures of the categories on held-out data, with peers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import FenbanError, MissingExtraError
from corpus.records import LabelledText, Petition
from corpus.splits import split_by_group, without_copies
from corpus.written import WrittenPetition
from models.calibration import BINS, Numbers, calibration_error
from models.content import ContentModel, predict_first_level, read_occurrences
from models.discipline import DisciplineModel, accepted_labels, targets_of
from models.examples import whole_example
from models.peers import PEERS
from nlp.normalise import normalise
from nlp.tokenise import Tokeniser

PRECISIONS = (0.9, 0.95, 0.97, 0.99)


@dataclass(frozen=True)
class Answers:
    """The best label's probability of every text of a test set, and whether it is right."""

    probability: Numbers
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Report:
    """Figures as numbers for the manifest, as Markdown for people, and the answers behind them for curves."""

    metrics: dict[str, Any]
    text: str
    answers: dict[str, Answers]


def content_split(
    examples: Sequence[LabelledText], tokeniser: Tokeniser
) -> tuple[list[LabelledText], list[LabelledText]]:
    """Training and test examples; the test holds whole groups, and no training text is a copy of a grouped one.

    Raises:
        FenbanError: no example names a group, so that nothing can be held out honestly.
    """
    train, test = split_by_group(without_copies(examples, lambda text: tokeniser.cut(normalise(text).text)))
    if not test:
        raise FenbanError("nothing to test on: the data needs a column 'group' that joins near-identical texts")
    return train, test


def content_report(
    model: ContentModel, test: Sequence[LabelledText], written: Sequence[WrittenPetition], tokeniser: Tokeniser
) -> Report:
    """First-level figures on the held-out groups, and on the written corpus's test split where it is given."""
    sets = {}
    if test:
        sets["held-out groups"] = ([Petition(text=one.text) for one in test], [one.label.split("/")[0] for one in test])
    if written:
        paths = [row.gold.content for row in written]
        sets["written corpus, test split"] = ([row.petition for row in written], [path.split("/")[0] for path in paths])
    metrics: dict[str, Any] = {}
    answers: dict[str, Answers] = {}
    lines = []
    for name, (petitions, gold) in sets.items():
        probability = predict_first_level(model, petitions, tokeniser)
        labels = np.array(model.head.labels)
        figures = one_label_figures(probability, labels, np.array(gold), model.head.threshold)
        metrics[name] = figures
        lines += [f"### Content, first level: {name}, {len(gold)} texts\n", figures_table(figures)]
        answers[name] = Answers(probability.max(axis=1), labels[probability.argmax(axis=1)] == np.array(gold))
        lines += [*curves(answers[name]), ""]
    if written:
        metrics["paths"] = path_figures(model, written, tokeniser)
        lines += [
            "### Content, second and third level: written corpus, test split\n",
            figures_table(metrics["paths"]),
            "",
        ]
    return Report(metrics, "\n".join(lines), answers)


def path_figures(model: ContentModel, rows: Sequence[WrittenPetition], tokeniser: Tokeniser) -> dict[str, float]:
    """How deep the shown paths go, and how often gold or an alternative lies on or below them."""
    found = model.space.rows(read_occurrences([row.petition for row in rows], tokeniser))
    probability = model.head.probabilities(model.head.scores(found))
    depth, right, first = [], [], []
    best = [(model.head.labels[int(one.argmax())], float(one.max())) for one in probability]
    shown = best if model.paths is None else model.paths.descend(best, model.paths.similarities(found))
    for row, (level1, _), (code, _) in zip(rows, best, shown, strict=True):
        golds = (row.gold.content, *row.gold.content_alternatives)
        first.append(any(gold.split("/")[0] == level1 for gold in golds))
        depth.append(code.count("/") + 1)
        right.append(any(gold == code or gold.startswith(f"{code}/") for gold in golds))
    return {
        "first_level_or_alternative": float(np.mean(first)),
        "path_leads_to_gold_or_alternative": float(np.mean(right)),
        "levels_shown": float(np.mean(depth)),
    }


def one_label_figures(
    probability: Numbers, labels: NDArray[np.str_], gold: NDArray[np.str_], threshold: float
) -> dict[str, float]:
    """Macro-F1 over the classes of the gold labels, accuracy, calibration, and what the threshold accepts."""
    best, answer = probability.max(axis=1), labels[probability.argmax(axis=1)]
    right = answer == gold
    accepted = best >= threshold
    return {
        "macro_f1": macro_f1(gold, answer),
        "accuracy": float(right.mean()),
        "calibration_error": calibration_error(best, right),
        "accepted": float(accepted.mean()),
        "right_among_accepted": float(right[accepted].mean()) if accepted.any() else 0.0,
    }


def macro_f1(gold: NDArray[np.str_], answer: NDArray[np.str_]) -> float:
    """F1 of every label that occurs in gold, averaged."""
    from sklearn.metrics import f1_score

    return float(f1_score(gold, answer, average="macro", labels=sorted(set(gold.tolist()))))


def discipline_report(model: DisciplineModel, rows: Sequence[WrittenPetition], tokeniser: Tokeniser) -> Report:
    """Problems, kind and urgency on whole letters of the written corpus."""
    found = model.space.rows(read_occurrences([row.petition for row in rows], tokeniser))
    examples = [whole_example(row) for row in rows]
    targets = targets_of(examples)
    scores = model.problems.scores(found)
    each = model.problems.probabilities(scores)
    first = scores.argmax(axis=1)
    points = targets.point_of
    order = np.argsort(-scores, axis=1)
    accepted = accepted_labels(model.problems, scores)
    sure = ~targets.unsure
    problems = sure & (np.arange(len(targets.labels)) != targets.none)
    mentioned = [(n, targets.labels.index(code)) for n, one in enumerate(examples) for code in one.mentioned]
    best = each.argmax(axis=1)
    top, right = each[np.arange(len(rows)), best], targets.alleged[np.arange(len(rows)), best]
    known = sure[np.arange(len(rows)), best]
    kind = model.kind.scores(found)
    metrics = {
        "primary_accuracy": float((first == targets.primary).mean()),
        "point_accuracy": float((points[first] == points[targets.primary]).mean()),
        "top3": float(np.mean([gold in three for gold, three in zip(targets.primary, order[:, :3], strict=True)])),
        "primary_or_alternative": float((targets.alleged | targets.unsure)[np.arange(len(rows)), first].mean()),
        "none_accuracy": float(((first == targets.none) == (targets.primary == targets.none)).mean()),
        "micro_f1": micro_f1(accepted, targets.alleged, sure),
        "micro_f1_without_Z0": micro_f1(accepted, targets.alleged, problems),
        "mentioned_accepted": float(np.mean([accepted[n, code] for n, code in mentioned])) if mentioned else 0.0,
        "calibration_error_labels": calibration_error(each[sure], targets.alleged[sure]),
        "calibration_error_best": calibration_error(top[known], right[known]),
        "kind_accuracy": float((kind.argmax(axis=1) == targets.kind).mean()),
        **_urgent_figures(
            model.urgent.probabilities(model.urgent.scores(found))[:, 0], model.urgent.threshold, targets.urgent
        ),
    }
    text = f"### Problems, kind, urgency: {len(rows)} letters of the written corpus\n\n{figures_table(metrics)}\n"
    answers = Answers(top[known], right[known])
    return Report(metrics, "\n".join([text, *curves(answers), ""]), {"problems": answers})


def micro_f1(accepted: NDArray[np.bool_], alleged: NDArray[np.bool_], counted: NDArray[np.bool_]) -> float:
    """F1 over all pairs (text, label) that are `counted`."""
    hits = float((accepted & alleged & counted).sum())
    wrong = float(((accepted ^ alleged) & counted).sum())
    return 2 * hits / max(1.0, 2 * hits + wrong)


def _urgent_figures(probability: Numbers, threshold: float, gold: NDArray[np.int64]) -> dict[str, float]:
    known = gold >= 0
    flagged, urgent = probability[known] >= threshold, gold[known] == 1
    both = float((flagged & urgent).sum())
    return {
        "urgent_precision": both / max(1.0, float(flagged.sum())),
        "urgent_recall": both / max(1.0, float(urgent.sum())),
    }


def evaluate_peers(
    train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]], tokeniser: Tokeniser
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Macro-F1 and accuracy of every peer on pairs (text, label), and a line for every peer that is not installed."""
    cut = [[" ".join(tokeniser.cut(normalise(text).text)) for text, _ in part] for part in (train, test)]
    gold = np.array([label for _, label in test])
    figures, missing = {}, []
    for name, classify in PEERS.items():
        try:
            answer = np.array(classify(cut[0], [label for _, label in train], cut[1]))
        except MissingExtraError as error:
            missing.append(str(error))
            continue
        figures[name] = {"macro_f1": macro_f1(gold, answer), "accuracy": float((gold == answer).mean())}
    return figures, missing


def figures_table(figures: dict[str, float]) -> str:
    """Names and numbers as a Markdown table, a figure a row."""
    lines = [f"| {name.replace('_', ' ')} | {value:.3f} |" for name, value in figures.items()]
    return "\n".join(["| figure | |", "|---|---|", *lines])


def peers_table(figures: dict[str, dict[str, float]]) -> str:
    """Classifiers by row."""
    columns = list(next(iter(figures.values())))
    lines = [
        f"| classifier | {' | '.join(name.replace('_', ' ') for name in columns)} |",
        "|---|" + "---|" * len(columns),
    ]
    return "\n".join(
        lines + [f"| {name} | {' | '.join(f'{row[c]:.3f}' for c in columns)} |" for name, row in figures.items()]
    )


def curves(answers: Answers) -> list[str]:
    """Reliability by tenth of probability, and the share of texts covered at stated precisions, as Markdown."""
    probability, right = answers.probability, answers.right
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    used = [one for one in range(BINS) if (bins == one).any()]
    order = np.argsort(-probability, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    covered = [np.flatnonzero(precision >= level) for level in PRECISIONS]
    shares = [f"{(found[-1] + 1) / len(order):.2f}" if len(found) else "0" for found in covered]
    return [
        "\nReliability (probability shown → share right):\n",
        f"| probability | {' | '.join(f'{one / BINS:.1f}–{(one + 1) / BINS:.1f}' for one in used)} |",
        "|---|" + "---|" * len(used),
        f"| texts | {' | '.join(str((bins == one).sum()) for one in used)} |",
        f"| right | {' | '.join(f'{right[bins == one].mean():.2f}' for one in used)} |",
        "\nCoverage at a precision:\n",
        f"| precision | {' | '.join(f'{level:.2f}' for level in PRECISIONS)} |",
        "|---|" + "---|" * len(PRECISIONS),
        f"| share of texts | {' | '.join(shares)} |",
    ]
