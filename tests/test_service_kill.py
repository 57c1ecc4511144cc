"""Server and worker killed at random points: every acknowledged write is there, no row twice, the audit chain holds."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from writing import insist, write_letters

from service.jobs.tidy import result_file
from service.settings import Settings
from service.store.account_tables import AuditRow
from service.store.accounts import add_account
from service.store.audit import audited, verify
from service.store.engine import Store, open_store
from service.store.job_tables import JobResult
from service.store.petition_tables import PetitionRow, PetitionText
from service.store.sign_in import add_key

pytestmark = pytest.mark.long

WRITES = 2_000
ROWS = 10_000
WRITERS = 4
LEAST_KILLS = 6
DEADLINE = 420.0


class Office:
    """Server and worker as processes that are killed and started again; counts the kills."""

    def __init__(self, launch: Callable, settings: dict, port: int) -> None:
        self._launch, self._settings, self._port = launch, settings, port
        self.running = {word: self._start(word) for word in ("serve", "worker")}
        self.kills: Counter[str] = Counter()

    def _start(self, word: str):
        return self._launch(word, port=self._port, **self._settings)

    def kill(self, word: str) -> None:
        self.running[word].stop(signal.SIGKILL)
        self.kills[word] += 1
        self.running[word] = self._start(word)

    def until_ready(self) -> None:
        self.running["serve"].until_ready()

    @property
    def address(self) -> str:
        return self.running["serve"].address


def write_part(address: str, headers: dict[str, str], numbers: range, until: float) -> dict[str, int]:
    with httpx.Client(base_url=address, headers=headers, timeout=10) as client:
        return write_letters(client, numbers, until)


def write_from_all_sides(address: str, headers: dict[str, str], until: float) -> dict[str, int]:
    share = WRITES // WRITERS
    with ThreadPoolExecutor(WRITERS) as pool:
        parts = [
            pool.submit(write_part, address, headers, range(share * part, share * (part + 1)), until)
            for part in range(WRITERS)
        ]
        return {id: key for part in parts for id, key in part.result().items()}


def upload(address: str, headers: dict[str, str]) -> httpx.Response:
    rows = "".join(
        json.dumps({"id": f"r{number}", "text": f"第{number}户的水管破了。"}, ensure_ascii=False) + "\n"
        for number in range(ROWS)
    )
    files = {"file": ("信.jsonl", rows.encode())}
    given = {"format": "jsonl", "reserved": "no"}
    sent = headers | {"Idempotency-Key": "job"}
    return httpx.post(f"{address}/v1/jobs", files=files, data=given, headers=sent, timeout=30)


def wait_for_job(address: str, headers: dict[str, str], until: float) -> dict:
    while (state := insist(lambda: httpx.get(address, headers=headers), until))["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.2)
    return state


def kill_at_random(office: Office, finished: threading.Event) -> None:
    chance = random.Random(8)
    while not finished.wait(chance.uniform(0.5, 4.0)):
        word = chance.choice(("serve", "worker"))
        office.kill(word)
        if word == "serve":
            office.until_ready()


@pytest.fixture
def signed_in(database: str) -> Iterator[tuple[Store, dict[str, str]]]:
    store = open_store(database)
    with audited(store, "test") as work:
        account = add_account(work, "clerk", "", ["clerk"], ["YZ"])
        _, token = add_key(work, account.key, "k", None)
    yield store, {"Authorization": f"Bearer {token}"}
    store.close()


def test_nothing_acknowledged_is_lost_and_no_row_is_doubled(
    launch: Callable, signed_in: tuple[Store, dict[str, str]], database: str, tmp_path: Path
) -> None:
    store, headers = signed_in
    data = tmp_path / "data"
    until = time.monotonic() + DEADLINE
    first = launch("serve", data=data, database=database)
    port = int(first.address.rsplit(":", 1)[1])
    first.until_ready()
    first.stop(signal.SIGKILL)
    office = Office(launch, {"data": data, "database": database, "lease_seconds": 1}, port)
    office.until_ready()
    job = insist(lambda: upload(office.address, headers), until)["key"]
    finished = threading.Event()
    killer = threading.Thread(target=kill_at_random, args=(office, finished))
    killer.start()
    acknowledged = write_from_all_sides(office.address, headers, until)
    state = wait_for_job(f"{office.address}/v1/jobs/{job}", headers, until)
    finished.set()
    killer.join()
    assert sum(office.kills.values()) >= LEAST_KILLS, office.kills
    assert len(acknowledged) == WRITES
    _check_petitions(store, acknowledged)
    assert (state["state"], state["done"], state["problems"]) == ("done", ROWS, 0)
    _check_job(store, job, Settings(data=data))
    print(f"\n{database.split(':')[0]}: killed {dict(office.kills)}")


def _check_petitions(store: Store, acknowledged: dict[str, int]) -> None:
    with store.read() as session:
        stored = {row.id: row.key for row in session.execute(select(PetitionRow.id, PetitionRow.key))}
        assert stored == acknowledged
        assert session.scalar(select(func.count()).select_from(PetitionRow)) == WRITES
        assert session.scalar(select(func.count()).select_from(PetitionText)) == WRITES
        created = select(func.count()).where(AuditRow.action == "petition.create")
        assert session.scalar(created) == WRITES
        found = verify(session)
    assert found.broken is None


def _check_job(store: Store, key: int, settings: Settings) -> None:
    with store.read() as session:
        numbers = session.scalars(select(JobResult.number).where(JobResult.job_key == key)).all()
    assert sorted(numbers) == list(range(1, ROWS + 1))
    lines = result_file(settings, key, "jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"r{number}" for number in range(ROWS)]
