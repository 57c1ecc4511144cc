"""Repeats among varied letters: our pairs a second against the peers', and how a query's time grows. `make bench`."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from models.repeat_peers import PEERS
from models.repeat_scale import scale_figures
from models.repeats import RepeatFinder
from models.varied import varied_letters

pytestmark = pytest.mark.benchmark
COUNT = 2_000
SIZES = (2_000, 20_000)
LONGEST_BESIDE_TFIDF = 3.0
"""So many times as long as TF-IDF cosine of all pairs, which reads no villages, people, posts, sums and years."""
NO_INDEX = 10.0
"""A query that compared with every petition would take so many times longer among so many times more."""


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_repeats_beside_peers(capsys: pytest.CaptureFixture[str]) -> None:
    finder = RepeatFinder.load()
    petitions = list(varied_letters(COUNT))
    texts = [petition.full_text()[0] for petition in petitions]
    took = {name: seconds(lambda peer=peer: peer(texts, finder.comparer.tokeniser)) for name, peer in PEERS.items()}
    ours = took["fenban: read, candidates, score, matters"] = seconds(lambda: finder.find(petitions).labels())
    with capsys.disabled():
        print(f"\n{COUNT} petitions")
        for name, each in took.items():
            print(f"  {name:<44} {each:7.2f} s")
    assert ours < LONGEST_BESIDE_TFIDF * took["TF-IDF cosine"]


def test_growth_of_time_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    figures = dict(scale_figures(SIZES))
    with capsys.disabled():
        for size, one in figures.items():
            print(f"\n{size:,} petitions: " + ", ".join(f"{name} {value:.2f}" for name, value in one.items()))
    small, large = (figures[size]["query, median (ms)"] for size in SIZES)
    assert large < small * NO_INDEX / 2
