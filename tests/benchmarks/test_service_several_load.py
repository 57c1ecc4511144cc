"""Load on one service process and on three, behind nginx with TLS on PostgreSQL. Run by `make bench`.

Everything shares one machine here: processes, proxy, database and the client that asks. Where they keep its cores busy
with one process already, three can answer no more. So beside the rates stand the processor time that the services take
for a request, and the share of the cores that was busy: with enough cores a process answers 1 / that time a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import database_on
from launched import free_port
from proxied_office import Proxied, proxied

from corpus.records import Petition

pytestmark = pytest.mark.benchmark
CLIENT = Path(__file__).parent / "load_client.py"
SECONDS = 6
WARM_UP_SECONDS = 1
CONNECTIONS = 12
ENOUGH_CORES = 8
"""Three processes, the database, the proxy and the client each have one of their own."""


def ticks(office: Proxied) -> np.ndarray:
    """Of the processor: worked for the services, worked at all, and in all."""
    numbers = [int(word) for word in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:9]]
    files = [Path(f"/proc/{one.process.pid}/stat").read_text("ascii") for one in office.services]
    own = sum(int(word) for file in files for word in file.rpartition(")")[2].split()[11:13])
    return np.array([own, sum(numbers) - numbers[3] - numbers[4], sum(numbers)])


def measured(office: Proxied, path: str, bodies: Path) -> dict[str, float]:
    token = office.headers["Authorization"].removeprefix("Bearer ")
    words = (office.address.removeprefix("https://"), path, token, bodies, CONNECTIONS, SECONDS, office.certificate)
    before = ticks(office)
    done = subprocess.run(
        [sys.executable, CLIENT, *map(str, words)], capture_output=True, text=True, check=True, env=os.environ
    )
    own, worked, every = ticks(office) - before
    found = json.loads(done.stdout)
    asked = found["requests"] * (SECONDS + WARM_UP_SECONDS)
    return found | {"busy": worked / every, "each": 1e3 * own / os.sysconf("SC_CLK_TCK") / asked}


def test_load_of_one_process_and_of_three(
    launch: Callable, postgres: str, letters: list[Petition], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = [{"id": one.id, "title": one.title, "text": one.text} for one in letters]
    bodies = {
        "/v1/suggestions": [{"petitions": [one]} for one in sent],
        "/v1/petitions": [{**one, "reserved": "no"} for one in sent],
    }
    figures: dict[tuple[str, int], dict[str, float]] = {}
    for count in (1, 3):
        folder = tmp_path / str(count)
        folder.mkdir()
        with database_on(postgres) as url, proxied(launch, [free_port() for _ in range(count + 1)], url, folder) as one:
            for path, asked in bodies.items():
                file = folder / "bodies.json"
                file.write_text(json.dumps([json.dumps(body) for body in asked]), "utf-8")
                figures[path, count] = measured(one, path, file)
            for service in one.services:
                service.stop()
    with capsys.disabled():
        print(f"\n{os.cpu_count()} cores for all; {CONNECTIONS} connections, {SECONDS} s each")
        for (path, count), one in figures.items():
            print(
                f"  POST {path:<16} {count} processes {one['requests']:6.0f} requests/s  p50 {one['p50']:6.1f} ms"
                f"  p99 {one['p99']:6.1f} ms  {one['each']:5.1f} ms of the services' processor time a request"
                f"  cores busy {one['busy']:.0%}"
            )
    for path in bodies:
        gain = figures[path, 3]["requests"] / figures[path, 1]["requests"]
        assert gain > 0.6
        if (os.cpu_count() or 1) >= ENOUGH_CORES and path == "/v1/suggestions":
            assert gain >= 2
