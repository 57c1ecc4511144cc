"""The index of repeats in PostgreSQL beside the one in a file: taking letters in, and asking. Run by `make bench`.

Of 10,000 varied letters; of another number with SHARED_LETTERS=100000 .venv/bin/pytest -m benchmark -s
tests/benchmarks/test_shared_index_speed.py.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from corpus.records import Petition
from models.repeat_index import RepeatIndex
from models.varied import varied_letters
from service.shared_index import SharedIndex
from service.store.engine import open_store

pytestmark = pytest.mark.benchmark
LETTERS = int(os.environ.get("SHARED_LETTERS", "10000"))
QUERIES = 300
BATCH = 50
TABLES = ("repeat_letters", "repeat_keys", "repeat_vectors")


def milliseconds(index: SharedIndex | RepeatIndex, asked: list[Petition]) -> tuple[np.ndarray, list[set[str]]]:
    """Of each query, and what each found."""
    took, found = [], []
    for petition in asked:
        start = time.perf_counter()
        found.append({match.id for match in index.query(petition)})
        took.append(1e3 * (time.perf_counter() - start))
    return np.array(took[len(took) // 10 :]), found


def test_queries_of_the_shared_index(empty_postgres: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = [replace(one, id=str(key)) for key, one in enumerate(varied_letters(LETTERS), 1)]
    asked = [replace(one, id="") for one in varied_letters(QUERIES, seed=1)]
    store = open_store(empty_postgres)
    shared, own = SharedIndex(store), RepeatIndex(tmp_path / "index.db")
    own.add(letters)
    start = time.perf_counter()
    for first in range(0, len(letters), BATCH):
        for _ in shared.taken_in(letters[first : first + BATCH]):
            pass
        shared.snapshot_if_due()
    rate = len(letters) / (time.perf_counter() - start)
    figures = {name: milliseconds(index, asked) for name, index in (("shared", shared), ("file", own))}
    with store.read() as session:
        sizes = [session.scalar(text(f"SELECT pg_total_relation_size('{one}')")) / len(letters) for one in TABLES]
    both = zip(figures["shared"][1], figures["file"][1], strict=True)
    overlap = sum(len(a & b) for a, b in both) / max(1, sum(len(found) for found in figures["file"][1]))
    with capsys.disabled():
        print(f"\n{len(letters)} letters: {rate:.0f} a second taken in and linked by one process")
        parts = ", ".join(f"{name} {size:.0f}" for name, size in zip(TABLES, sizes, strict=True))
        print(f"  bytes a letter: {sum(sizes):.0f} ({parts})")
        for name, (took, found) in figures.items():
            half, most = np.percentile(took, [50, 99])
            print(f"  query, {name:<6} p50 {half:5.1f} ms  p99 {most:5.1f} ms  {sum(map(len, found))} found")
        print(f"  of what the file's index finds, {overlap:.1%} is found by the shared one")
    assert overlap > 0.95
    assert np.median(figures["shared"][0]) < 10 * np.median(figures["file"][0])
    own.close()
    store.close()
