"""Fits the model of people on the written corpus; how likely a character is in a name comes from files with names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from corpus.errors import InputError
from corpus.records import Petition
from corpus.written import written_petitions, written_reports
from models.features import reading_fingerprint
from models.folds import group_folds
from models.people import CODES, REPORT, ROLES, PeopleModel, Person, people_lists, person_text
from models.person_features import BITS, NamePriors, PersonText, mentions
from models.reading import read
from nlp.normalise import normalise
from nlp.tokenise import Tokeniser

STRENGTH_PERSON = 1.0
STRENGTH_ROLE = 0.3
THRESHOLD = 0.45


@dataclass(frozen=True)
class PeopleExample:
    """A text with its candidates, and the role of every form that is a person."""

    text: PersonText
    roles: dict[str, str]


def people_examples(splits: Sequence[str], tokeniser: Tokeniser) -> list[PeopleExample]:
    """The written corpus's petitions, and the findings of its reports, each by itself."""
    lists = people_lists()
    found = []
    for row in written_petitions():
        if row.split in splits:
            text = person_text(
                read(row.petition, tokeniser), lists, tokeniser.knows, normalise(row.petition.petitioner).text
            )
            found.append(PeopleExample(text, {normalise(one.text).text: one.role for one in row.gold.people}))
    for report in written_reports():
        for finding in report.findings if report.split in splits else ():
            reading = read(Petition(text=finding.quote), tokeniser)
            text = person_text(reading, lists, tokeniser.knows, about=REPORT)
            found.append(PeopleExample(text, {normalise(one.text).text: one.role for one in finding.people}))
    return found


def fit_people(examples: Sequence[PeopleExample], priors: NamePriors, tokeniser: Tokeniser) -> PeopleModel:
    """Two logistic regressions on the candidates of the examples: person or not, and the role of those who are."""
    from sklearn.linear_model import LogisticRegression

    gold = np.array(
        [
            ROLES.index(example.roles[one.text]) + 1 if one.text in example.roles else 0
            for example in examples
            for one in example.text.candidates
        ]
    )
    found = mentions([example.text for example in examples], priors, tokeniser.knows)
    person = LogisticRegression(C=STRENGTH_PERSON, max_iter=1000)
    person.fit(_rows(found.person_buckets(), found.form, len(gold)), gold > 0)
    role = LogisticRegression(C=STRENGTH_ROLE, max_iter=1000)
    role.fit(_rows(found.role_buckets(), found.form, len(gold))[gold > 0], gold[gold > 0])
    return PeopleModel(
        person.coef_[0].astype(np.float32),
        role.coef_.T.astype(np.float32),
        float(person.intercept_[0]),
        role.intercept_.astype(np.float32),
        THRESHOLD,
        priors,
        reading_fingerprint(tokeniser),
    )


def held_out_people(
    examples: Sequence[PeopleExample], priors: NamePriors, writers: Sequence[str], tokeniser: Tokeniser
) -> list[list[Person]]:
    """The people of each letter under a model that saw no letter of its writer.

    Args:
        examples: those of the letters first, then parts of other texts, which every model may see.
        priors: of names.
        writers: of the letters, in their order.
        tokeniser: of all parts.
    """
    found: list[list[Person]] = [[] for _ in writers]
    others = list(examples[len(writers) :])
    for train, test in group_folds(writers, np.zeros(len(writers), dtype=np.int64)):
        model = fit_people([*(examples[number] for number in train), *others], priors, tokeniser)
        people = model.find([examples[number].text for number in test], tokeniser.knows)
        for number, persons in zip(test, people, strict=True):
            found[number] = persons
    return found


def _rows(buckets: np.ndarray, form: np.ndarray, forms: int) -> sp.csr_matrix:
    """(forms, buckets): how often a bucket occurs in a mention of the form, averaged; bucket 0 left out."""
    share = (1 / np.bincount(form, minlength=forms))[form]
    columns = buckets.shape[1]
    kept = buckets.ravel() > 0
    values = np.repeat(share, columns)[kept].astype(np.float32)
    return sp.csr_matrix((values, (np.repeat(form, columns)[kept], buckets.ravel()[kept])), shape=(forms, 1 << BITS))


def name_priors(sentences: Iterable[tuple[str, Sequence[str]]]) -> NamePriors:
    """Log-odds of characters as surname and as given characters, from sentences with the names in them.

    A character that never opens a name has the lowest log-odds of a surname; one that was not seen has 0 as given.
    """
    surnames = people_lists().surnames
    seen: Counter[str] = Counter()
    family: Counter[str] = Counter()
    given: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
    for text, names in sentences:
        seen.update(text)
        for name in names:
            if name[0] in surnames and len(name) in (2, 3):
                family[name[0]] += 1
                for place, character in enumerate(name[1:], len(name) - 2):
                    given[place][character] += 1
    surname = np.full(CODES, -9.0, dtype=np.float32)
    table = np.zeros((3, CODES), dtype=np.float32)
    total = sum(seen.values())
    for character, count in seen.items():
        if ord(character) >= CODES:
            continue
        if character in surnames:
            surname[ord(character)] = np.log((family[character] + 0.5) / (max(0, count - family[character]) + 2))
        for place, counter in enumerate(given):
            share = (counter[character] + 0.5) / (counter.total() + 2000)
            table[place, ord(character)] = np.log(share) - np.log((count + 5) / (total + 30_000))
    return NamePriors(surname, table)


def read_names(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Sentences with the names in them, from a file of either kind.

    JSON lines with `text` and `entity_list` (of `entity_type` name), or a character and its tag (B-PER, I-PER, O) a
    line with an empty line between sentences.

    Raises:
        InputError: the file has neither form.
    """
    with path.open(encoding="utf-8") as file:
        lines = file.read().splitlines()
    if lines and lines[0].startswith("{"):
        try:
            for line in lines:
                row = json.loads(line)
                yield row["text"], [one["entity"] for one in row["entity_list"] if one["entity_type"] == "name"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(path, "a line is not JSON with text and entity_list") from error
    else:
        yield from _tagged_sentences(lines)


def _tagged_sentences(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    characters: list[str] = []
    names: list[str] = []
    for line in lines:
        character, _, tag = line.partition(" ")
        if not tag:
            if characters:
                yield "".join(characters), names
            characters, names = [], []
            continue
        characters.append(character)
        if tag == "B-PER":
            names.append(character)
        elif tag == "I-PER" and names:
            names[-1] += character
    if characters:
        yield "".join(characters), names
