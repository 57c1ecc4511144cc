"""Petitions a second through `fenban tag`'s whole path, and where the time goes. Run by `make bench`."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from corpus.records import Petition
from corpus.writers import as_json
from models.categories import suggest_content, suggest_discipline
from models.evidence import Clauses
from models.features import occurrences
from models.reading import read
from models.suggester import Suggester
from models.tagging import tag_petitions

pytestmark = pytest.mark.benchmark
COUNT = 20_000
SVC = "peer: words cut, TF-IDF, linear SVC of few classes, no evidence"
PEER = "peer: scikit-learn TF-IDF of the same n-grams alone"


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def seconds_once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_tag_and_its_stages(suggester: Suggester, letters: list[Petition], capsys: pytest.CaptureFixture[str]) -> None:
    petitions = (letters * (COUNT // len(letters) + 1))[:COUNT]
    batch = petitions[:512]
    readings = [read(petition, suggester.tokeniser) for petition in batch]
    found = occurrences(readings)
    texts = [petition.text for petition in batch]
    clauses = Clauses(found, readings, texts)
    space = suggester.discipline.space
    rows = space.rows(found)
    results = [item.to_dict() for item in suggester.suggest_all(batch)]
    stages = {
        "normalise and cut": lambda: [read(petition, suggester.tokeniser) for petition in batch],
        "hash words and n-grams": lambda: occurrences(readings),
        "  sparse rows of one part": lambda: space.rows(found),
        "  scores of 73 problems": lambda: suggester.discipline.problems.scores(rows),
        "content with evidence": lambda: suggest_content(suggester.content, clauses),
        "discipline with evidence": lambda: suggest_discipline(suggester.discipline, clauses),
        "all of suggest": lambda: list(suggester.suggest_all(batch)),
        "JSON": lambda: [as_json(row) for row in results],
        PEER: lambda: TfidfVectorizer(analyzer="char", ngram_range=(1, 3)).fit_transform(texts),
    }
    peer = make_pipeline(TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True), LinearSVC(random_state=0))
    labels = [suggester.suggest(letter).content[0].label for letter in letters]
    peer.fit([" ".join(suggester.tokeniser.cut(letter.text)) for letter in letters], labels)
    stages[SVC] = lambda: peer.predict([" ".join(suggester.tokeniser.cut(text)) for text in texts])
    singles = sorted(seconds_once(lambda letter=letter: suggester.suggest(letter)) for letter in letters * 5)
    took = {name: seconds(work) / len(batch) for name, work in stages.items()}
    one, two = (
        COUNT / seconds(lambda jobs=jobs: sum(1 for _ in tag_petitions(iter(petitions), jobs=jobs))) for jobs in (1, 2)
    )
    with capsys.disabled():
        print(f"\n{COUNT} petitions, {sum(map(len, texts)) / len(texts):.0f} characters on average")
        for name, each in took.items():
            print(f"  {name:<72} {each * 1e6:7.0f} µs a petition")
        half, most = singles[len(singles) // 2], singles[int(0.99 * len(singles))]
        print(f"  one suggestion alone: median {half * 1e3:.1f} ms, 99th percentile {most * 1e3:.1f} ms")
        print(f"  tag: {one:,.0f} petitions/s in one process, {two:,.0f} in two (start of processes included)")
    assert took["hash words and n-grams"] < took[PEER]
