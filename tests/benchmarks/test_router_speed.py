"""What the unit router costs beside the hashing that every part shares, and beside a peer. Run by `make bench`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from corpus.decisions import PastDecision
from corpus.records import Petition
from models.encoder import load_encoder
from models.features import occurrences
from models.reading import read
from models.store import SHIPPED
from models.train_router import train_router
from nlp.tokenise import Tokeniser

pytestmark = pytest.mark.benchmark
DISTRICTS = [f"{name}区" for name in "东西南北中"]
BUREAUS = ["教育局", "交通局", "民政局", "水务局", "城市管理局", "体育局", "司法局", "审计局", "税务局", "林业局"]


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def test_routing_costs_no_more_than_twice_the_hashing(
    letters: list[Petition], tokeniser: Tokeniser, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fifty units of ten kinds, learned from five hundred letters; no quality is measured here."""
    encoder = load_encoder(SHIPPED / "encoder")
    rows = [
        PastDecision(
            letters[number % len(letters)],
            DISTRICTS[number % 5] + BUREAUS[number // 5 % 10],
            DISTRICTS[number % 5],
            str(number),
            date(2023, 1 + number % 12, 1),
        )
        for number in range(500)
    ]
    model = train_router(rows, encoder, tokeniser)
    batch = (letters * 10)[:256]
    readings = [read(petition, tokeniser) for petition in batch]
    found = occurrences(readings)
    vectors = encoder.encode(readings)
    districts = [DISTRICTS[number % 5] for number in range(len(batch))]
    words = [" ".join(reading.words) for reading in readings]
    peer = make_pipeline(TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True), LinearSVC(random_state=0))
    peer.fit([" ".join(tokeniser.cut(row.petition.text)) for row in rows], [row.unit for row in rows])
    took = {
        "cut and hash (shared with the other parts)": seconds(
            lambda: occurrences([read(petition, tokeniser) for petition in batch])
        ),
        "encoder": seconds(lambda: encoder.encode(readings)),
        "route": seconds(lambda: model.scores(found, vectors, districts)),
        "peer: TF-IDF and linear SVC of units, words cut": seconds(lambda: peer.predict(words)),
    }
    with capsys.disabled():
        for name, each in took.items():
            print(f"\n  {name:<50} {each / len(batch) * 1e6:6.0f} µs a letter", end="")
    assert took["route"] < 2 * took["cut and hash (shared with the other parts)"]
