from __future__ import annotations

import time

import pytest

from corpus.written import written_reports
from models.suggester import Suggester

PAGE = 600
"""Characters of a printed page of a report."""


@pytest.mark.benchmark
def test_a_hundred_pages_are_read_in_two_seconds(suggester: Suggester) -> None:
    text = "\n".join(report.text for report in written_reports("train"))
    text = (text * (100 * PAGE // len(text) + 1))[: 100 * PAGE]
    took = []
    for _ in range(3):
        start = time.perf_counter()
        assert len(suggester.findings(text)) > 100
        took.append(time.perf_counter() - start)
    print(f"100 pages: {min(took):.2f} s")
    assert min(took) <= 2
