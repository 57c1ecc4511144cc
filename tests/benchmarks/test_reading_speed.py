"""What each part of a reading costs, in `tag` and before letters are compared, beside peers: part of `make bench`."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from datasketch import MinHash
from sklearn.feature_extraction.text import TfidfVectorizer

from models.categories import suggest_content, suggest_discipline
from models.comparer import Comparer
from models.evidence import Clauses
from models.facts import read_all
from models.features import occurrences
from models.reading import read
from models.suggester import BATCH, Suggester
from models.units import Batch
from models.varied import varied_letters

pytestmark = pytest.mark.benchmark
PERMUTATIONS = 128
SHINGLE = 5
TFIDF = "peer: scikit-learn TF-IDF of n-grams of 1 to 3 characters alone"
MINHASH = "peer: datasketch MinHash of shingles of 5 characters alone"


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the best of seven runs; other programs on the machine count less than in time by the clock."""
    best = float("inf")
    for _ in range(7):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def minhash(texts: list[str]) -> list[MinHash]:
    found = []
    for text in texts:
        found.append(MinHash(num_perm=PERMUTATIONS))
        found[-1].update_batch([text[start : start + SHINGLE].encode() for start in range(len(text))])
    return found


def test_parts_of_a_reading(suggester: Suggester, capsys: pytest.CaptureFixture[str]) -> None:
    comparer = Comparer.load(b"salt")
    letters = list(varied_letters(BATCH))
    texts = [letter.text for letter in letters]
    readings = [read(letter, suggester.tokeniser) for letter in letters]
    found = occurrences(readings)
    clauses = Clauses(found, readings, texts)
    content = suggest_content(suggester.content, clauses)
    _, scores = suggest_discipline(suggester.discipline, clauses)
    shares = suggester.units.model.problem_shares(
        suggester.discipline.problems.labels, scores.problems, suggester.discipline.kind.labels, scores.kind
    )
    people = suggester.people.find_people(readings, letters)
    parts: dict[str, Callable[[], object]] = {
        "normalise and cut": lambda: [read(letter, suggester.tokeniser) for letter in letters],
        "words, n-grams and clauses": lambda: Clauses(occurrences(readings), readings, texts),
        "content with evidence": lambda: suggest_content(suggester.content, clauses),
        "discipline with evidence": lambda: suggest_discipline(suggester.discipline, clauses),
        "people": lambda: suggester.people.find_people(readings, letters),
        "units": lambda: suggester.units.suggest(Batch(letters, readings, found, content, people, shares)),
        "amounts, dates, places": lambda: read_all(readings, letters, people),
        "all of suggest": lambda: list(suggester.suggest_all(letters)),
        "one letter after the other": lambda: [suggester.suggest(letter) for letter in letters],
        "what repeats are compared by": lambda: comparer.table(letters),
        TFIDF: lambda: TfidfVectorizer(analyzer="char", ngram_range=(1, 3)).fit_transform(texts),
        MINHASH: lambda: minhash(texts),
    }
    took = {name: seconds(work) / len(letters) for name, work in parts.items()}
    whole = took["all of suggest"]
    with capsys.disabled():
        print(f"\n{len(letters)} varied letters, {sum(map(len, texts)) / len(texts):.0f} characters on average")
        for name, each in took.items():
            print(f"  {name:<64} {each * 1e6:7.0f} µs a letter, {each / whole:5.2f} of suggest")
    assert took["people"] < whole / 4
    assert took["units"] < whole / 2
    assert whole < took["one letter after the other"] / 3
    assert took["what repeats are compared by"] < whole
