"""A write that is sent again under its Idempotency-Key while the first is under way, as when a line drops."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from service.api.common import Write
from service.store.account_tables import IdempotencyRow

Twice = Callable[..., list[httpx.Response]]


@pytest.fixture(scope="module")
def clerk(service) -> TestClient:
    return service.client("clerk", "clerk")


@pytest.fixture
def twice(clerk: TestClient, monkeypatch: pytest.MonkeyPatch) -> Twice:
    """Sends a write twice at once; both have looked for an earlier answer before either is done.

    SQLite lets the second look only when the first has ended; there the wait is given up.
    """
    real, both = Write._earlier, threading.Barrier(2)

    def looks(self: Write, session: Session) -> IdempotencyRow | None:
        found = real(self, session)
        with suppress(threading.BrokenBarrierError):
            both.wait(1)
        return found

    def send(path: str, **given: Any) -> list[httpx.Response]:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        monkeypatch.setattr(Write, "_earlier", looks)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: clerk.post(path, headers=headers, **given), range(2)))
        monkeypatch.setattr(Write, "_earlier", real)
        return answers

    return send


def check_replayed(answers: list[httpx.Response]) -> None:
    assert [answer.status_code for answer in answers] == [201, 201], [answer.text for answer in answers]
    assert answers[0].json() == answers[1].json()
    assert sorted(answer.headers.get("idempotent-replayed", "") for answer in answers) == ["", "true"]


def test_a_letter_is_stored_once_and_both_are_told_so(clerk: TestClient, twice: Twice) -> None:
    words = f"断线重发{uuid.uuid4().hex}"
    check_replayed(twice("/v1/petitions", json={"text": words}))
    assert len(clerk.get("/v1/petitions", params={"q": words}).json()["petitions"]) == 1


def test_a_decision_is_made_once_and_nobody_is_told_of_somebody_else(clerk: TestClient, twice: Twice) -> None:
    key = clerk.post("/v1/petitions", json={"text": "去年的种粮补贴被村会计代领了。"}).json()["petition"]["key"]
    check_replayed(twice(f"/v1/petitions/{key}/decisions", json={"action": "accept", "version": 0}))
    assert clerk.get(f"/v1/petitions/{key}").json()["version"] == 1


def test_an_upload_is_one_job_and_one_file(service, clerk: TestClient, twice: Twice) -> None:
    check_replayed(twice("/v1/jobs", files={"file": ("信.jsonl", '{"text": "路灯坏了"}'.encode())}))
    assert len(list(service.app.state.settings.uploads.iterdir())) == 1


def test_another_request_under_the_key_is_refused_also_while_the_first_is_under_way(
    clerk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    assert clerk.post("/v1/petitions", json={"text": "先来的"}, headers=headers).status_code == 201
    real, looks = Write._earlier, iter([lambda *_: None])
    monkeypatch.setattr(Write, "_earlier", lambda *given: next(looks, real)(*given))
    answer = clerk.post("/v1/petitions", json={"text": "后到的"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key")
