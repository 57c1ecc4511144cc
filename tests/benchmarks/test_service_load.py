"""Load on POST /v1/suggestions from a second process over loopback, beside the same route answering a constant.

Every request carries a key, which is looked up in the database. Run by `make bench`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.records import Petition
from service.store.accounts import add_account
from service.store.audit import audited
from service.store.engine import open_store
from service.store.sign_in import add_key

pytestmark = pytest.mark.benchmark
HERE = Path(__file__).parent
SECONDS = 4
CONNECTIONS = (1, 8)


def key_in(database: str) -> str:
    store = open_store(database)
    with audited(store, "test") as work:
        _, token = add_key(work, add_account(work, "machine", "", ["clerk"], ["YZ"]).key, "k", None)
    store.close()
    return token


def measured(address: str, token: str, bodies: Path, connections: int) -> dict[str, float]:
    words = (address.removeprefix("http://"), "/v1/suggestions", token, bodies, connections, SECONDS)
    command = [sys.executable, HERE / "load_client.py", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return json.loads(done.stdout)


def test_load_of_suggestions(
    launch: Callable, database: str, letters: list[Petition], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = key_in(database)
    settings = {"data": tmp_path / "data", "database": database, "open_suggestions": "false"}
    services = {
        "suggester": launch("serve", **settings),
        "constant": launch(HERE / "constant_service.py", **settings),
    }
    figures: dict[tuple[int, int, str], dict[str, float]] = {}
    sent = [{"id": one.id, "title": one.title, "text": one.text} for one in letters]
    for one in services.values():
        one.until_ready()
    for count in (1, 16):
        bodies = tmp_path / f"{count}.json"
        groups = [(sent * 2)[start : start + count] for start in range(len(sent))]
        bodies.write_text(json.dumps([json.dumps({"petitions": group}) for group in groups]), "utf-8")
        for connections in CONNECTIONS:
            for name, one in services.items():
                figures[count, connections, name] = measured(one.address, token, bodies, connections)
    with capsys.disabled():
        print(f"\nPOST /v1/suggestions on {database.split(':')[0]}, {SECONDS} s each, second process on loopback")
        print("petitions  connections  service    requests/s  petitions/s  p50 ms  p99 ms")
        for (count, connections, name), one in figures.items():
            rate = one["requests"]
            print(
                f"{count:9}  {connections:11}  {name:9}  {rate:10.0f}  {rate * count:11.0f}"
                f"  {one['p50']:6.1f}  {one['p99']:6.1f}"
            )
    for (count, connections, name), one in figures.items():
        if name == "suggester":
            # The reading may cost, but it must not starve the service of answers.
            assert one["requests"] > figures[count, connections, "constant"]["requests"] / (20 * count)
