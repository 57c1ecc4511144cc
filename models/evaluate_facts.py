"""Figures of amounts and people on the written corpus: petitions, and the findings of its reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.records import Petition
from corpus.written import Amount as GoldAmount
from corpus.written import WrittenPetition, WrittenReport
from models.calibration import calibration_error
from models.evaluate import Answers, Report, curves, figures_table
from models.people import REPORT, PeopleModel, Person, people_lists, person_text
from models.reading import read
from nlp.amounts import Amount, find_amounts
from nlp.normalise import normalise
from nlp.people import POST
from nlp.tokenise import Tokeniser


@dataclass(frozen=True)
class Counts:
    """How many were right, how many were given, how many there are."""

    right: int = 0
    given: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.given + other.given, self.gold + other.gold)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(1, self.given + self.gold)


@dataclass(frozen=True)
class PeopleCase:
    """The people found in a text, and the role of each form that gold has; `posts` are forms that are a post alone."""

    people: Sequence[Person]
    roles: dict[str, str]
    posts: frozenset[str] = frozenset()


def facts_report(
    model: PeopleModel, letters: Sequence[WrittenPetition], reports: Sequence[WrittenReport], tokeniser: Tokeniser
) -> Report:
    """F1 of amounts (spans overlap by half of both, equal value) and of people (equal form; with role and without)."""
    cases = people_cases(model, letters, reports, tokeniser)
    money = [(row.petition.text, row.gold.amounts) for row in letters]
    stated = [(finding.quote, _within(finding.amounts, finding.start)) for one in reports for finding in one.findings]
    metrics = {
        f"{len(letters)} petitions": {**amount_figures(money), **people_figures(cases[0])},
        f"{len(stated)} findings of reports": {**amount_figures(stated), **people_figures(cases[1])},
    }
    pairs = [(person.score, case.roles.get(person.text) == person.role) for case in cases[0] for person in case.people]
    answers = Answers(np.array([score for score, _ in pairs]), np.array([right for _, right in pairs]))
    metrics[f"{len(letters)} petitions"]["people_calibration_error"] = calibration_error(
        answers.probability, answers.right
    )
    tables = [f"### Facts: {name}\n\n{figures_table(figures)}\n" for name, figures in metrics.items()]
    return Report(metrics, "\n".join([*tables, *curves(answers), ""]), {"people": answers})


def people_cases(
    model: PeopleModel, letters: Sequence[WrittenPetition], reports: Sequence[WrittenReport], tokeniser: Tokeniser
) -> tuple[list[PeopleCase], list[PeopleCase]]:
    """What the model finds in the letters, and in the findings of the reports, each finding by itself."""
    lists, knows = people_lists(), tokeniser.knows
    texts = [
        person_text(read(row.petition, tokeniser), lists, knows, normalise(row.petition.petitioner).text)
        for row in letters
    ]
    found = [
        PeopleCase(
            people,
            {normalise(one.text).text: one.role for one in row.gold.people},
            frozenset(one.text for one in row.gold.people if one.text == one.post)
            | {one.text for one in text.candidates if one.kind == POST},
        )
        for people, row, text in zip(model.find(texts, knows), letters, texts, strict=True)
    ]
    findings = [finding for report in reports for finding in report.findings]
    quotes = [read(Petition(text=finding.quote), tokeniser) for finding in findings]
    in_findings = model.find([person_text(one, lists, knows, about=REPORT) for one in quotes], knows)
    return found, [
        PeopleCase(people, {normalise(one.text).text: one.role for one in finding.people})
        for people, finding in zip(in_findings, findings, strict=True)
    ]


def amount_figures(texts: Iterable[tuple[str, Sequence[GoldAmount]]]) -> dict[str, float]:
    """F1, precision and recall over all spans."""
    total = Counts()
    for text, gold in texts:
        found = find_amounts(text)
        wanted = [(span.start, span.end, amount.yuan) for amount in gold for span in amount.spans]
        used: set[int] = set()
        for one in wanted:
            hits = [number for number, amount in enumerate(found) if number not in used and _same_amount(amount, one)]
            used.update(hits[:1])
        total += Counts(len(used), len(found), len(wanted))
    return {
        "amounts_f1": total.f1,
        "amounts_precision": total.right / max(1, total.given),
        "amounts_recall": total.right / max(1, total.gold),
    }


def people_figures(cases: Iterable[PeopleCase]) -> dict[str, float]:
    """F1 of people with their role, without it, of the accused alone, and of those who are more than a post."""
    role, form, accused, named = Counts(), Counts(), Counts(), Counts()
    for case in cases:
        found = {person.text: person.role for person in case.people}
        role += _counts(found.items(), case.roles.items())
        form += _counts(found, case.roles)
        accused += _counts(
            *({name for name, one in roles.items() if one == "accused"} for roles in (found, case.roles))
        )
        named += _counts(*({name for name in roles if name not in case.posts} for roles in (found, case.roles)))
    return {
        "people_f1": role.f1,
        "people_f1_without_role": form.f1,
        "people_f1_without_role_and_posts": named.f1,
        "accused_f1": accused.f1,
    }


def _counts(found: Iterable[object], gold: Iterable[object]) -> Counts:
    one, other = set(found), set(gold)
    return Counts(len(one & other), len(one), len(other))


def _same_amount(found: Amount, gold: tuple[int, int, float]) -> bool:
    start, end, yuan = gold
    shared = min(found.end, end) - max(found.start, start)
    half = 2 * shared >= max(found.end - found.start, end - start)
    return half and abs(found.yuan - yuan) <= 1e-6 * max(1.0, yuan)


def _within(amounts: Sequence[GoldAmount], start: int) -> list[GoldAmount]:
    """The amounts with offsets counted from `start`; spans before it are left out."""
    return [
        replace(
            amount,
            spans=tuple(
                replace(span, start=span.start - start, end=span.end - start)
                for span in amount.spans
                if span.start >= start
            ),
        )
        for amount in amounts
    ]
