"""Health, figures, logs, and an orderly end."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text, update

from service.app import create_app
from service.logs import JsonLines, request_id
from service.settings import Settings
from service.store.accounts import add_account
from service.store.audit import audited
from service.store.base import now
from service.store.engine import Store, open_store
from service.store.job_tables import JobRow
from service.store.sign_in import add_key

NAME, PHONE = "欧阳翠花", "13912345678"


def key_of(store: Store, *roles: str) -> dict[str, str]:
    with audited(store, "test") as work:
        account = add_account(work, "-".join(roles), "", roles, ["YZ"])
        _, token = add_key(work, account.key, "k", None)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def client(tmp_path: Path, database: str) -> Iterator[TestClient]:
    settings = Settings(data=tmp_path / "data", database=database)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def readiness(client: TestClient) -> tuple[int, dict[str, str]]:
    answer = client.get("/health/ready")
    return answer.status_code, answer.json()["checks"]


def test_ready_says_so_only_while_all_of_it_works(client: TestClient) -> None:
    assert readiness(client) == (200, {"model": "ok", "database": "ok", "disk": "ok", "repeats": "ok"})
    state = client.app.state
    suggester, state.models.suggester = state.models.suggester, None
    status, checks = readiness(client)
    assert (status, checks["model"]) == (503, "not loaded yet")
    state.models.suggester = suggester
    assert readiness(client)[0] == 200


def test_ready_tells_of_a_schema_of_another_version(client: TestClient) -> None:
    with client.app.state.store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    status, checks = readiness(client)
    assert status == 503
    assert "another version" in checks["database"]


def test_ready_tells_of_a_database_without_its_tables(client: TestClient) -> None:
    with client.app.state.store.write() as session:
        session.execute(text("ALTER TABLE petitions RENAME TO gone"))
    status, checks = readiness(client)
    assert status == 503
    assert "does not answer" in checks["database"]


def test_ready_tells_of_a_folder_that_cannot_be_written(client: TestClient, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data", ignore_errors=True)
    (tmp_path / "data").write_bytes(b"")
    status, checks = readiness(client)
    assert status == 503
    assert "cannot be written" in checks["disk"]
    assert client.get("/health/live").status_code == 200


def test_a_database_that_comes_late_is_opened_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.app.WATCH_SECONDS", 0.05)
    blocked = tmp_path / "database"
    blocked.write_bytes(b"")
    settings = Settings(data=tmp_path / "data", database=f"sqlite:///{blocked / 'fenban.sqlite'}")
    with TestClient(create_app(settings)) as client:
        assert readiness(client)[0] == 503
        blocked.unlink()
        deadline = time.monotonic() + 10
        while readiness(client)[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert readiness(client)[0] == 200


def test_figures_count_by_route_and_tell_of_the_queue(client: TestClient) -> None:
    store = client.app.state.store
    headers = key_of(store, "clerk")
    client.get(f"/v1/petitions?q={NAME}", headers=headers)
    client.get(f"/v1/petitions/{PHONE}", headers=headers)
    client.get(f"/{NAME}")
    client.request(PHONE, "/v1/petitions")
    client.post("/v1/suggestions", json={"petitions": [{"text": f"{NAME}说路灯坏了"}] * 3})
    for _ in range(2):
        client.post("/v1/jobs", files={"file": (f"{NAME}.txt", b"x y z")}, headers=headers)
    with store.write() as session:
        running = {"state": "running", "lease_until": now()}
        session.execute(update(JobRow).where(JobRow.key == 1).values(**running))
    figures = client.get("/metrics").text
    for line in (
        'fenban_request_seconds_count{method="GET",route="/v1/petitions",status="200"} 1.0',
        'fenban_request_seconds_count{method="GET",route="/v1/petitions/{key}",status="404"} 1.0',
        'fenban_request_seconds_count{method="GET",route="unknown",status="404"} 1.0',
        'fenban_request_seconds_count{method="unknown",route="/v1/petitions",status="405"} 1.0',
        "fenban_suggestions_total 3.0",
        'fenban_jobs{state="queued"} 1.0',
        'fenban_jobs{state="running"} 1.0',
        "fenban_jobs_left 1.0",
        "fenban_model_loaded 1.0",
    ):
        assert line in figures
    assert NAME not in figures
    assert PHONE not in figures


def test_figures_are_for_this_machine_and_administrators(client: TestClient) -> None:
    store = client.app.state.store
    from_proxy = {"X-Forwarded-For": "10.0.0.9"}
    assert client.get("/metrics", headers=from_proxy).status_code == 401
    assert client.get("/metrics", headers=from_proxy | key_of(store, "clerk")).status_code == 403
    assert client.get("/metrics", headers=from_proxy | key_of(store, "admin")).status_code == 200


@pytest.mark.parametrize(
    ("given", "taken"), [("abc-1.2_3", True), ("a" * 65, False), (f"{NAME}", False), ("a b", False), ("", False)]
)
def test_a_request_id_is_taken_over_where_it_is_plain(client: TestClient, given: str, taken: bool) -> None:
    own = client.get("/health/live", headers={"X-Request-ID": given.encode()}).headers["x-request-id"]
    assert (own == given) is taken
    assert len(own) == (len(given) if taken else 32)


def line_of(name: str, message: str, error: BaseException | None = None) -> dict:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, "/x/reader.py", 7, message, (), info)
    return json.loads(JsonLines().format(record))


def test_log_lines_tell_the_kind_and_place_of_an_error_not_its_words() -> None:
    token = request_id.set("r1")
    try:
        raise ValueError(NAME)
    except ValueError as error:
        line = line_of("fenban", "failed", error)
    request_id.reset(token)
    assert (line["message"], line["error"], line["request_id"]) == ("failed", "ValueError", "r1")
    assert "test_service_operation.py" in line["at"][0]
    assert NAME not in json.dumps(line, ensure_ascii=False)
    assert line_of("somelibrary", f"cannot parse {NAME}")["message"] == "said at /x/reader.py:7"


@pytest.mark.long
def test_nothing_of_the_petitioner_reaches_logs(launch: Callable, tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = open_store(Settings(data=data, database="").database_url)
    headers = key_of(store, "clerk", "analyst", "admin")
    service = launch("serve", "--worker", data=data)
    service.until_ready()
    letter = {"text": f"我是{NAME}，电话{PHONE}，村里路灯坏了。", "petitioner": NAME, "phone": PHONE, "title": NAME}
    with httpx.Client(base_url=service.address, headers=headers) as client:
        key = client.post("/v1/petitions", json=letter, headers={"Idempotency-Key": PHONE}).json()["petition"]["key"]
        client.get(f"/v1/petitions/{key}?name={NAME}")
        client.get("/v1/petitions", params={"q": NAME})
        client.get(f"/v1/{NAME}/{PHONE}")
        client.post("/v1/petitions", json={**letter, NAME: PHONE})
        client.post(
            "/v1/petitions", content=f'{{"text": "{NAME}'.encode(), headers={"content-type": "application/json"}
        )
        client.post("/v1/suggestions", json={"petitions": [letter]}, headers={"X-Request-ID": PHONE + " x"})
        client.post("/v1/session", json={"name": NAME, "password": PHONE})
        client.get("/v1/me", headers={"Authorization": f"Bearer {PHONE}", "Cookie": f"fenban_session={PHONE}"})
        rows = "\n".join(json.dumps(row, ensure_ascii=False) for row in (letter, {NAME: PHONE}, {"text": ""})) + "\n["
        jobs = [
            client.post("/v1/jobs", files={"file": (f"{NAME}{suffix}", content)}).json()["key"]
            for suffix, content in ((".jsonl", rows.encode()), (".csv", f"{NAME},{PHONE}\n1,2".encode()))
        ]
        client.post("/v1/jobs", files={"file": (f"{NAME}.{PHONE}", b"x")})
        deadline = time.monotonic() + 30
        while any(client.get(f"/v1/jobs/{job}").json()["state"] not in ("done", "failed") for job in jobs):
            assert time.monotonic() < deadline, service.log.read_text("utf-8")
            time.sleep(0.1)
        figures = client.get("/metrics").text
    raw = socket.create_connection(("127.0.0.1", int(service.address.rsplit(":", 1)[1])))
    raw.sendall(f"GET /{NAME} HTTP/1.1\r\n{PHONE}\r\n\r\n".encode())
    raw.recv(1_000)
    raw.close()
    assert service.stop() == 0
    store.close()
    said = service.log.read_text("utf-8")
    assert sum('"logger": "fenban.access"' in line for line in said.splitlines()) >= 12
    assert "job 1: ended" in said
    assert [line for line in said.splitlines() if not line.startswith("{")] == []
    for planted in (NAME, PHONE, NAME[:2]):
        assert planted not in said
        assert planted not in figures


@pytest.mark.long
def test_a_stopped_service_answers_what_it_has_begun(launch: Callable, tmp_path: Path) -> None:
    store = open_store(Settings(data=tmp_path, database="").database_url)
    headers = key_of(store, "clerk")
    service = launch("serve", data=tmp_path)
    service.until_ready()
    port = int(service.address.rsplit(":", 1)[1])
    body = json.dumps({"text": "路灯坏了，没人来修。"}).encode()
    head = (
        f"POST /v1/petitions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    begun = socket.create_connection(("127.0.0.1", port))
    begun.sendall(f"{head}Authorization: {headers['Authorization']}\r\n\r\n".encode() + body[:10])
    with httpx.Client(base_url=service.address, headers=headers) as client:
        job = client.post("/v1/jobs", files={"file": ("a.txt", b"x y")}).json()["key"]
        with client.stream("GET", f"/v1/jobs/{job}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: progress"
            service.process.terminate()
            time.sleep(0.5)
            begun.sendall(body[10:])
            assert begun.recv(100).startswith(b"HTTP/1.1 201")
            assert not any("running" in line for line in lines), "the stream has ended"
    begun.close()
    assert service.process.wait(10) == 0
    store.close()


@pytest.mark.long
def test_a_worker_beside_the_service_is_started_again_and_ends_with_it(launch: Callable, tmp_path: Path) -> None:
    import psutil

    service = launch("serve", "--worker", data=tmp_path)
    service.until_ready()
    process = psutil.Process(service.process.pid)
    (first,) = process.children()
    first.kill()
    deadline = time.monotonic() + 20
    while not [one for one in process.children() if one.pid != first.pid and one.status() != "zombie"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (second,) = [one for one in process.children() if one.status() != "zombie"]
    service.process.kill()
    service.process.wait()
    second.wait(20)
