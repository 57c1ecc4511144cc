"""Jobs over HTTP: sent in, watched, fetched, cancelled."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from service.app import create_app
from service.jobs.tidy import result_file, tidy
from service.jobs.worker import Workshop, work_once
from service.settings import Settings
from service.store.audit import Work
from service.store.job_tables import JobRow
from service.store.jobs import add_job

LETTERS = '{"id": "1", "text": "路灯坏了半个月"}\n{"id": "2"}\n{"id": "3", "text": "垃圾没人清"}\n'.encode()

TEXT_FIELD = b'--a\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--a--\r\n'


@pytest.fixture(scope="module")
def clerk(service) -> TestClient:
    return service.client("clerk", "clerk")


@pytest.fixture(scope="module")
def shop(service) -> Workshop:
    state = service.app.state
    return Workshop(service.store, state.settings, state.models, state.office, threading.Event())


@pytest.fixture(autouse=True)
def empty_queue(shop: Workshop) -> Iterator[None]:
    yield
    while work_once(shop):
        pass
    tidy(shop.store, shop.settings)


def sent(client: TestClient, name: str = "来信.jsonl", content: bytes = LETTERS, **given) -> httpx.Response:
    headers = given.pop("headers", {})
    return client.post("/v1/jobs", files={"file": (name, content)}, data=given, headers=headers)


def test_a_job_from_upload_to_result(service, clerk: TestClient, shop: Workshop) -> None:
    answer = sent(clerk, format="xlsx", kind="tag")
    assert answer.status_code == 201, answer.text
    job = answer.json()
    assert (job["state"], job["name"], job["total"], job["result"]) == ("queued", "来信.jsonl", None, False)
    path = f"/v1/jobs/{job['key']}"
    early = clerk.get(f"{path}/result")
    assert (early.status_code, early.json()["code"]) == (409, "job_runs")
    work_once(shop)
    job = clerk.get(path).json()
    assert (job["state"], job["total"], job["done"], job["problems"]) == ("done", 3, 3, 1)
    assert job in clerk.get("/v1/jobs").json()["jobs"]
    (problem,) = clerk.get(f"{path}/problems").json()["problems"]
    place = {"number": 2, "file": "来信.jsonl", "sheet": 0, "row": 2}
    assert problem == {**place, "reason": "no text in this row", "reason_zh": "这一行没有正文", "read": False}
    result = clerk.get(f"{path}/result")
    assert result.headers["content-disposition"] == f'attachment; filename="fenban-{job["key"]}.xlsx"'
    rows = list(load_workbook(io.BytesIO(result.content)).active.iter_rows(values_only=True))
    assert len(rows) == 4
    auditor = service.client(f"auditor {job['key']}", "admin")
    entries = auditor.get("/v1/audit", params={"object": f"job:{job['key']}"}).json()["entries"]
    assert [one["action"] for one in entries] == ["job.result", "job.end", "job.create"]
    assert "来信" not in json.dumps(entries, ensure_ascii=False)


def test_progress_comes_as_events(clerk: TestClient, shop: Workshop) -> None:
    key = sent(clerk).json()["key"]
    timer = threading.Timer(0.3, work_once, args=(shop,))
    timer.start()
    with clerk.stream("GET", f"/v1/jobs/{key}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
    timer.join()
    assert events[0]["state"] == "queued"
    assert events[-1]["state"] == "done"
    assert [event["done"] for event in events] == sorted(event["done"] for event in events)


def test_the_same_upload_twice_is_one_job(clerk: TestClient, shop: Workshop) -> None:
    key = {"Idempotency-Key": "upload 1"}
    first, second = sent(clerk, headers=key), sent(clerk, headers=key)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    other = sent(clerk, name="另一个.jsonl", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key")
    waiting = [job for job in clerk.get("/v1/jobs").json()["jobs"] if job["state"] == "queued"]
    assert len(waiting) == len(list(shop.settings.uploads.iterdir())) == 1


def test_an_upload_stays_where_it_is_not_known_whether_its_job_was_stored(
    clerk: TestClient, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks after the database has committed and before it says so; the page sends it again."""
    broken = [OperationalError("COMMIT", {}, Exception())]

    def breaks(session: Session) -> None:
        if broken and session.info.get("a job"):
            raise broken.pop()

    def adds(work: Work, *given: Any) -> JobRow:
        work.session.info["a job"] = True
        return add_job(work, *given)

    monkeypatch.setattr("service.api.jobs.add_job", adds)
    headers = {"Idempotency-Key": "upload whose answer was lost"}
    event.listen(Session, "after_commit", breaks)
    lost = sent(clerk, headers=headers, reserved="no")
    event.remove(Session, "after_commit", breaks)
    assert (lost.status_code, lost.json()["code"]) == (503, "database")
    again = sent(clerk, headers=headers, reserved="no")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert len(list(shop.settings.uploads.iterdir())) == 1
    assert work_once(shop)
    assert clerk.get(f"/v1/jobs/{again.json()['key']}").json()["state"] == "done"


def test_a_waiting_job_is_cancelled_once(clerk: TestClient, shop: Workshop) -> None:
    key = sent(clerk).json()["key"]
    answer = clerk.post(f"/v1/jobs/{key}/cancellation")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert clerk.post(f"/v1/jobs/{key}/cancellation").json()["code"] == "job_ended"
    left = result_file(shop.settings, key, answer.json()["format"])
    left.parent.mkdir(exist_ok=True)
    left.write_text("of a worker that died")
    assert clerk.get(f"/v1/jobs/{key}/result").status_code == 404
    left.unlink()
    assert not work_once(shop)


def test_jobs_are_listed_by_pages(service, shop: Workshop) -> None:
    client = service.client("many", "analyst")
    keys = [sent(client).json()["key"] for _ in range(5)]
    seen: list[int] = []
    cursor = None
    while True:
        page = client.get("/v1/jobs", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [job["key"] for job in page["jobs"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == keys[::-1]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "a.exe"}, "upload_suffix"),
        ({"content": b""}, "upload_empty"),
        ({"kind": "spell"}, "form"),
        ({"format": "exe"}, "form"),
        ({"unknown": "1"}, "form"),
    ],
)
def test_a_wrong_upload_is_told(clerk: TestClient, shop: Workshop, given: dict, code: str) -> None:
    answer = sent(clerk, **given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "spell" not in answer.text
    assert list(shop.settings.uploads.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=a", 400),
        (b"--a\r\nnonsense\r\n", "multipart/form-data; boundary=a", 400),
        (TEXT_FIELD, "multipart/form-data; boundary=a", 422),
        (b'{"file": "x"}', "application/json", 422),
        (b"file=x", "application/x-www-form-urlencoded", 422),
    ],
)
def test_broken_forms_are_told(clerk: TestClient, content: bytes, content_type: str, status: int) -> None:
    answer = clerk.post("/v1/jobs", content=content, headers={"content-type": content_type})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_nobody_uploads_without_an_account(service, shop: Workshop) -> None:
    assert sent(service.anonymous).status_code == 401
    assert sent(service.client("only admin", "admin")).status_code == 403
    assert list(shop.settings.uploads.iterdir()) == []


def test_only_clerks_take_petitions_in(service, clerk: TestClient, shop: Workshop) -> None:
    refused = sent(service.client("analyst", "analyst"), kind="import")
    assert (refused.status_code, refused.json()["code"]) == (403, "role")
    key = sent(clerk, kind="import").json()["key"]
    work_once(shop)
    assert clerk.get(f"/v1/jobs/{key}").json()["problems"] == 1
    found = clerk.get("/v1/petitions", params={"q": "垃圾没人清"}).json()["petitions"]
    assert [(one["id"], one["intake_unit"]) for one in found] == [("3", "YZ")]


def test_too_large_an_upload_is_refused_while_it_comes(tmp_path) -> None:
    from service.store.accounts import add_account
    from service.store.audit import audited
    from service.store.sign_in import add_key

    app = create_app(Settings(data=tmp_path, database="", largest_upload=300_000, largest_body=1_000))
    with TestClient(app) as client:
        with audited(app.state.store, "test") as work:
            _, token = add_key(work, add_account(work, "a", "a", ["clerk"], []).key, "k", None)
        client.headers["authorization"] = f"Bearer {token}"
        answer = sent(client, content=b"x" * 400_000)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert sent(client, content=LETTERS * 1_000).status_code == 201
        assert client.post("/v1/petitions", json={"text": "长" * 1_000}).status_code == 413
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_file_names_are_shown_inert(clerk: TestClient) -> None:
    name = "<script>alert(1)</script>'; DROP TABLE jobs;--.csv"
    answer = sent(clerk, name=name, content="内容\n路灯坏了\n".encode())
    assert answer.status_code == 201
    assert answer.json()["name"] == "script>'; DROP TABLE jobs;--.csv"
    assert answer.headers["content-type"] == "application/json"


def test_an_archive_with_paths_is_refused(clerk: TestClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../张三.txt", "路灯坏了")
    answer = sent(clerk, name="a.zip", content=packed.getvalue())
    assert (answer.status_code, answer.json()["code"], answer.json()["entry"]) == (422, "archive_path", 1)
    assert "张三" not in answer.text
