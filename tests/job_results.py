"""Looking at jobs and what came of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from service.jobs.tidy import result_file
from service.jobs.worker import Workshop
from service.store.base import now
from service.store.engine import Store
from service.store.job_tables import JobResult, JobRow


def job_row(store: Store, key: int) -> JobRow:
    with store.read() as session:
        return session.get_one(JobRow, key)


def results(store: Store, key: int) -> list[JobResult]:
    with store.read() as session:
        return list(session.scalars(select(JobResult).where(JobResult.job_key == key).order_by(JobResult.number)))


def jsonl(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def letter_rows(count: int) -> bytes:
    return jsonl([{"id": str(number), "text": f"第{number}盏路灯坏了，没人来修。"} for number in range(1, count + 1)])


def result_lines(shop: Workshop, key: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result_file(shop.settings, key, "jsonl").read_text("utf-8").splitlines()]


def expire(store: Store, key: int) -> None:
    """Its worker died so long ago that another may take it up."""
    with store.write() as session:
        session.execute(update(JobRow).where(JobRow.key == key).values(lease_until=now() - timedelta(seconds=1)))
