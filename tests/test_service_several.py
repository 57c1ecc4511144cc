"""Three service processes and two workers on one PostgreSQL, behind a proxy: to callers they are one service."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from conftest import database_on
from launched import Running, free_port, launching
from proxied_office import Proxied, proxied
from sqlalchemy import func, select, text
from writing import write_letters

from models.matters import components
from models.varied import varied_letters
from service.store.account_tables import AuditRow, FailedSignIn
from service.store.audit import verify
from service.store.job_tables import JobResult
from service.store.petition_tables import LinkRow, PetitionRow, PetitionText
from service.store.repeat_tables import LinkTask

pytestmark = pytest.mark.long

ROWS = 1_000
LETTERS = 400
LEAST_KILLS = 8
DEADLINE = 420.0


@pytest.fixture(scope="module")
def office(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("several")
    ports = [free_port() for _ in range(4)]
    with (
        database_on(postgres) as url,
        launching(folder) as launch,
        proxied(launch, ports, url, folder, workers=2) as office,
    ):
        yield office


@pytest.fixture
def clerk(office: Proxied) -> Iterator[httpx.Client]:
    with office.client(headers=office.headers) as client:
        yield client


def figures(service: Running, name: str) -> float:
    lines = httpx.get(f"{service.address}/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_processes_that_start_together_migrate_once(office: Proxied) -> None:
    """Five of them found an empty database."""
    with office.store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    for one in [*office.services, *office.workers]:
        assert "not opened" not in one.log.read_text("utf-8")


def test_requests_are_spread(office: Proxied, clerk: httpx.Client) -> None:
    before = [figures(one, "fenban_suggestions_total") for one in office.services]
    for number in range(60):
        body = {"petitions": [{"id": "1", "text": f"第{number}盏路灯坏了。"}]}
        assert clerk.post("/v1/suggestions", json=body).status_code == 200
    each = [figures(one, "fenban_suggestions_total") - old for one, old in zip(office.services, before, strict=True)]
    assert sum(each) == 60
    assert min(each) >= 10, each


def test_who_signs_in_at_one_process_is_known_to_all(office: Proxied) -> None:
    with office.client() as client:
        signed_in = client.post("/v1/session", json={"name": "clerk", "password": office.password})
        cookie = signed_in.headers["set-cookie"]
        assert {"Secure", "HttpOnly"} <= {part.strip() for part in cookie.split(";")}
        assert [client.get("/v1/me").status_code for _ in range(9)] == [200] * 9
        token = client.cookies["fenban_session"]
        for one in office.services:
            assert httpx.get(f"{one.address}/v1/me", cookies={"fenban_session": token}).status_code == 200
        csrf = {"X-CSRF-Token": signed_in.json()["csrf"]}
        assert client.delete("/v1/session", headers=csrf).status_code == 200
        client.cookies.set("fenban_session", token)
        assert [client.get("/v1/me").status_code for _ in range(6)] == [401] * 6


def test_failed_sign_ins_are_counted_together_under_the_callers_address(office: Proxied) -> None:
    with office.client() as client:
        pretended = {"X-Forwarded-For": "192.0.2.7"}
        statuses = [
            client.post("/v1/session", json={"name": "nobody", "password": "wrong"}, headers=pretended).status_code
            for _ in range(7)
        ]
    assert statuses == [401] * 5 + [429] * 2
    with office.store.read() as session:
        assert set(session.scalars(select(FailedSignIn.address))) == {"127.0.0.1"}


def test_what_is_asked_through_the_proxy_was_not_asked_on_this_machine(office: Proxied) -> None:
    with office.client() as client:
        assert client.post("/v1/suggestions", json={"petitions": [{"text": "路灯坏了"}]}).status_code == 401
        assert client.get("/metrics").status_code == 404
        assert client.get("/health/ready").headers["strict-transport-security"]


def test_the_same_write_sent_to_two_processes_at_once_is_done_once(office: Proxied) -> None:
    def write(number: int) -> tuple[int, ...]:
        body = {"text": f"同时寄出的第{number}封信。", "reserved": "no"}
        headers = office.headers | {"Idempotency-Key": f"twice {number}"}

        def send(service: Running) -> int:
            return httpx.post(f"{service.address}/v1/petitions", json=body, headers=headers, timeout=30).status_code

        with ThreadPoolExecutor(3) as pool:
            return tuple(pool.map(send, office.services))

    answers = [write(number) for number in range(10)]
    assert all(set(one) == {201} for one in answers), answers
    with office.store.read() as session:
        stored = select(func.count()).where(PetitionText.text.startswith("同时寄出的第"))
        assert session.scalar(stored) == 10


def test_two_workers_share_the_jobs_and_do_none_twice(office: Proxied, clerk: httpx.Client) -> None:
    rows = "".join(json.dumps({"text": f"第{n}户的水管破了。"}, ensure_ascii=False) + "\n" for n in range(ROWS))
    keys = []
    for number in range(4):
        files = {"file": (f"信{number}.jsonl", rows.encode())}
        answer = clerk.post("/v1/jobs", files=files, data={"format": "csv", "reserved": "no"})
        keys.append(answer.json()["key"])
    with clerk.stream("GET", f"/v1/jobs/{keys[-1]}/events", timeout=120) as stream:
        told = [json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:")]
    assert told[-1]["state"] == "done"
    until(lambda: all(clerk.get(f"/v1/jobs/{key}").json()["state"] == "done" for key in keys))
    taken_up = [one.log.read_text("utf-8").count("taken up") for one in office.workers]
    assert sum(taken_up) == 4
    assert min(taken_up) >= 1
    with office.store.read() as session:
        for key in keys:
            numbers = session.scalars(select(JobResult.number).where(JobResult.job_key == key)).all()
            assert sorted(numbers) == list(range(1, ROWS + 1))
    assert all(clerk.get(f"/v1/jobs/{key}/result").status_code == 200 for key in keys)


def test_a_letter_is_linked_to_one_that_another_process_took_in(office: Proxied) -> None:
    letters = [one.text for one in varied_letters(20, seed=5)]
    keys = []
    for service in office.services:
        with httpx.Client(base_url=service.address, headers=office.headers) as client:
            keys.append([client.post("/v1/petitions", json={"text": one}).json()["petition"]["key"] for one in letters])
    until(lambda: waiting(office) == 0)
    with office.client(headers=office.headers) as client:
        for first, second, third in zip(*keys, strict=True):
            links = {link["petition"] for link in client.get(f"/v1/petitions/{second}").json()["links"]}
            assert {first, third} <= links


def waiting(office: Proxied) -> int:
    with office.store.read() as session:
        return session.scalar(select(func.count()).select_from(LinkTask)) or 0


def test_what_any_process_acknowledged_survives_its_death(
    launch: Callable, empty_postgres: str, tmp_path: Path
) -> None:
    """Every letter comes twice, by two clients at about one moment; services are killed at random meanwhile."""
    words = [one.text for one in varied_letters(LETTERS, seed=7)]
    until_then = time.monotonic() + DEADLINE
    chance = random.Random(3)
    written = threading.Event()
    with proxied(launch, [free_port() for _ in range(4)], empty_postgres, tmp_path) as office:

        def kill_at_random() -> None:
            while not written.is_set() or len(office.kills) < LEAST_KILLS:
                office.kill(chance.randrange(3))
                written.wait(chance.uniform(0.0, 1.0))

        def write(numbers: range) -> dict[str, int]:
            with office.client(headers=office.headers) as client:
                return write_letters(client, numbers, until_then, lambda number: words[number % LETTERS])

        half = LETTERS // 2
        with ThreadPoolExecutor(5) as pool:
            killer = pool.submit(kill_at_random)
            parts = list(pool.map(write, [range(first, first + half) for first in range(0, 2 * LETTERS, half)]))
            written.set()
            killer.result()
        acknowledged = {id: key for part in parts for id, key in part.items()}
        until(lambda: waiting(office) == 0, 120)
        _check(office, acknowledged)
        print(f"\nkilled {dict(Counter(office.kills))}")


def _check(office: Proxied, acknowledged: dict[str, int]) -> None:
    assert len(acknowledged) == 2 * LETTERS
    with office.store.read() as session:
        stored = session.execute(select(PetitionRow.id, PetitionRow.key)).all()
        assert sorted(map(tuple, stored)) == sorted(acknowledged.items())
        created = select(func.count()).where(AuditRow.action == "petition.create")
        assert session.scalar(created) == 2 * LETTERS
        assert verify(session).broken is None
        links = [(one.first_key, one.second_key) for one in session.scalars(select(LinkRow))]
    # Of a text that many letters have, each is linked to some of the others only.
    label = components(max(acknowledged.values()) + 1, np.array(links))
    twins = [(acknowledged[f"w{n}"], acknowledged[f"w{n + LETTERS}"]) for n in range(LETTERS)]
    assert [pair for pair in twins if label[pair[0]] != label[pair[1]]] == []
