"""Figures of subject and handling unit on letters whose units are known, beside simple ways to choose them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from corpus.written import WrittenPetition
from models.calibration import calibration_error
from models.discipline import DisciplineModel
from models.evaluate import Answers, Report, curves, figures_table
from models.facts import PeopleFinder
from models.features import occurrences
from models.reading import read
from models.units import Batch, Units, UnitSuggester


def suggest_units(
    suggester: UnitSuggester, discipline: DisciplineModel, people: PeopleFinder, rows: Sequence[WrittenPetition]
) -> list[Units]:
    """The units of labelled letters, as the Suggester would give them."""
    petitions = [row.petition for row in rows]
    readings = [read(petition, people.tokeniser) for petition in petitions]
    found = occurrences(readings)
    given = discipline.space.rows(found)
    shares = suggester.model.problem_shares(
        discipline.problems.labels,
        discipline.problems.scores(given),
        discipline.kind.labels,
        discipline.kind.scores(given),
    )
    named = people.find_people(readings, petitions)
    return suggester.suggest(Batch(petitions, readings, found, [()] * len(petitions), named, shares))


def units_report(
    suggester: UnitSuggester, discipline: DisciplineModel, people: PeopleFinder, rows: Sequence[WrittenPetition]
) -> Report:
    """Accuracy of the subject unit (none counts as an answer) and of the handling unit (alternatives count)."""
    units = suggest_units(suggester, discipline, people, rows)
    gold = [row.gold.subject_unit for row in rows]
    answers = [None if one.subject_unit is None else one.subject_unit.code for one in units]
    right = np.array([answer == code for answer, code in zip(answers, gold, strict=True)])
    named = np.array([code is not None for code in gold])
    shown = np.array([one.subject_unit is not None for one in units])
    offices = [{row.gold.handling_unit, *row.gold.handling_alternatives} for row in rows]
    ranks = [[unit.code for unit in one.handling_unit] for one in units]
    first = np.array([bool(codes[:1]) and codes[0] in good for codes, good in zip(ranks, offices, strict=True)])
    three = [bool(good & set(codes[:3])) for codes, good in zip(ranks, offices, strict=True)]
    exact = [codes[:1] == [row.gold.handling_unit] for codes, row in zip(ranks, rows, strict=True)]
    subject = Answers(np.array([one.subject_unit.score for one in units if one.subject_unit]), right[shown])
    handling = Answers(np.array([one.handling_unit[0].score if one.handling_unit else 0.0 for one in units]), first)
    metrics = {
        "subject_unit": float(right.mean()),
        "subject_unit_where_there_is_one": float(right[named].mean()),
        "none_where_there_is_none": float(right[~named].mean()),
        "most_named_unit_as_subject": float(np.mean(_most_named(units, gold))),
        "handling_top1": float(first.mean()),
        "handling_top3": float(np.mean(three)),
        "handling_top1_without_alternatives": float(np.mean(exact)),
        "calibration_error_subject": calibration_error(subject.probability, subject.right),
        "calibration_error_handling": calibration_error(handling.probability, handling.right),
    }
    text = f"### Units: {len(rows)} letters of the written corpus\n\n{figures_table(metrics)}\n"
    return Report(metrics, "\n".join([text, *curves(handling), ""]), {"subject unit": subject, "handling": handling})


def _most_named(units: Sequence[Units], gold: Sequence[str | None]) -> list[bool]:
    """Whether the unit that is named most often, the first of equals, is the subject unit."""
    right = []
    for one, code in zip(units, gold, strict=True):
        counts = Counter(mention.code for mention in one.mentions if mention.code is not None)
        right.append((counts.most_common(1)[0][0] if counts else None) == code)
    return right
