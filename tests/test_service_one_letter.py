"""A letter at which the program fails keeps no other letter from its suggestions, on every way in."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from job_results import job_row, jsonl, result_lines, results
from sqlalchemy import select

from corpus.records import Petition
from models.suggester import Suggester
from models.suggestions import Suggestion
from service import intake
from service.app import create_app
from service.jobs import worker
from service.jobs.worker import Workshop, work_once
from service.settings import Settings
from service.store.engine import Store, open_store
from service.store.petition_tables import PetitionRow
from service.store.petitions import last_suggestion

NAMES = ("路灯坏了。", "毒信：村会计陈阿福拿走了补贴。", "水管破了。")
ROWS = [{"id": str(number), "text": text} for number, text in enumerate(NAMES, 1)]
HOSTILE = [
    {"id": "1", "received": "0001-01-01 00:00:00", "text": "昨天和前天村里又停水了。"},
    {"id": "2", "text": f"村会计说我家欠{'9' * 400}元。"},
    {"id": "3", "received": "9999-12-31", "text": "明年还要再收三百元。"},
]


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program fails at every batch with the second letter."""
    whole = Suggester._suggest_batch

    def fails(self: Suggester, petitions: list[Petition]) -> list[Suggestion]:
        for one in petitions:
            if one.text == NAMES[1]:
                raise OverflowError(one.text)
        return whole(self, petitions)

    monkeypatch.setattr(Suggester, "_suggest_batch", fails)


def suggested(store: Store) -> list[tuple[str, bool]]:
    """Ids of all petitions, and whether there is a suggestion."""
    with store.read() as session:
        rows = session.scalars(select(PetitionRow).order_by(PetitionRow.key)).all()
        return [(row.id, last_suggestion(session, row.key) is not None) for row in rows]


@pytest.mark.usefixtures("poisoned")
def test_in_a_job_it_is_one_row_with_a_problem(
    shop: Workshop, send: Callable[..., int], caplog: pytest.LogCaptureFixture
) -> None:
    key = send("信.jsonl", jsonl(ROWS), reserved="no")
    work_once(shop)
    job = job_row(shop.store, key)
    assert (job.state, job.done, job.problems, job.error) == ("done", 3, 1, "")
    assert [(row.row, row.body is not None) for row in results(shop.store, key)] == [(1, True), (2, False), (3, True)]
    problem = result_lines(shop, key)[1]["problem"]
    assert "OverflowError" in problem
    assert "陈阿福" not in problem + caplog.text


@pytest.mark.usefixtures("poisoned")
def test_in_an_import_job_it_is_taken_in_without_a_suggestion(shop: Workshop, send: Callable[..., int]) -> None:
    key = send("信.jsonl", jsonl(ROWS), kind="import", reserved="no")
    work_once(shop)
    assert (job_row(shop.store, key).state, job_row(shop.store, key).problems) == ("done", 0)
    assert [bool(line["problem"]) for line in result_lines(shop, key)] == [False, True, False]
    assert suggested(shop.store) == [("1", True), ("2", False), ("3", True)]


def test_days_and_sums_that_are_none_are_read_in_every_kind_of_job(shop: Workshop, send: Callable[..., int]) -> None:
    for kind in ("tag", "import"):
        key = send("信.jsonl", jsonl(HOSTILE), kind=kind, reserved="no")
        work_once(shop)
        assert (job_row(shop.store, key).state, job_row(shop.store, key).problems) == ("done", 0)
        assert [line["problem"] for line in result_lines(shop, key)] == ["", "", ""]


@pytest.mark.usefixtures("poisoned")
def test_on_the_command_line_its_file_and_row_are_told(
    fenban: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENBAN_DATA", str(tmp_path / "var"))
    first, second, out = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "out.jsonl"))
    first.write_bytes(jsonl(ROWS[:1]))
    second.write_bytes(jsonl(ROWS))
    code, _, err = fenban("tag", first, second, "--out", out)
    assert code == 0
    assert f"{second}: row 2: " in err
    assert "3 petitions tagged, 1 rows not read" in err
    assert [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()] == ["1", "1", "3"]
    code, _, told = fenban("import", second)
    assert code == 0
    assert f"{second}: row 2: " in told
    assert "3 petitions taken in" in told
    assert "陈阿福" not in err + told
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'fenban.sqlite'}")
    assert suggested(store) == [("1", True), ("2", False), ("3", True)]
    store.close()


@pytest.mark.usefixtures("poisoned")
def test_over_http_it_is_taken_in_without_a_suggestion(
    tmp_path: Path, service_of: Callable[[TestClient], Any], caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(create_app(Settings(data=tmp_path, link_repeats=False))) as client:
        clerk = service_of(client).client("clerk", "clerk")
        answer = clerk.post("/v1/petitions", json={"text": NAMES[1]})
        assert (answer.status_code, answer.json()["suggestion"]) == (201, None)
        again = clerk.post(f"/v1/petitions/{answer.json()['petition']['key']}/suggestions")
        assert (again.status_code, again.json()["code"]) == (422, "no_suggestion")
    assert "陈阿福" not in caplog.text


def endless(suggestion: dict[str, Any]) -> dict[str, Any]:
    """With a number that PostgreSQL's JSON does not hold."""
    return suggestion | {"facts": {"amounts": [{"yuan": math.inf}]}}


def test_what_the_database_cannot_hold_is_not_a_database_that_is_down(
    empty_postgres: str, tmp_path: Path, service_of: Callable[[TestClient], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is told 503 sends it again, without end."""
    real = intake.suggestion_for
    monkeypatch.setattr("service.api.petitions.suggestion_for", lambda *given: endless(real(*given) or {}))
    settings = Settings(data=tmp_path, database=empty_postgres, link_repeats=False)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        clerk = service_of(client).client("clerk", "clerk")
        answer = clerk.post("/v1/petitions", json={"text": NAMES[1]})
    assert (answer.status_code, answer.json()["code"]) == (422, "unstorable")
    assert "陈阿福" not in answer.text


def test_a_job_whose_rows_the_database_cannot_hold_fails_at_once(
    shop: Workshop, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if shop.store.is_sqlite:
        pytest.skip("SQLite's JSON holds it")
    written = worker._write

    def hostile(store: Store, hold: Any, chunk: Any, *rest: Any) -> None:
        for one in chunk.outcomes:
            one.body.update(endless(one.body))
        written(store, hold, chunk, *rest)

    monkeypatch.setattr(worker, "_write", hostile)
    key = send("信.jsonl", jsonl(ROWS), reserved="no")
    assert work_once(shop)
    job = job_row(shop.store, key)
    assert (job.state, job.attempts) == ("failed", 1)
    assert "after number 0" in job.error
    assert "陈阿福" not in job.error + caplog.text
