"""Commands of fenban as processes of their own, as a user starts them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent


@dataclass
class Running:
    """A `fenban` command in a process of its own; all it says goes into `log`."""

    process: subprocess.Popen[bytes]
    log: Path
    address: str

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends the signal, waits, gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def until_ready(self) -> None:
        """Waits until the service answers that it is ready."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/health/ready").status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8"))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def launching(folder: Path) -> Iterator[Callable[..., Running]]:
    """Starts commands; what they say goes into the folder."""
    started: list[Running] = []

    def start(*words: str | Path, port: int = 0, **settings: object) -> Running:
        if not port:
            port = free_port()
        own = {"FENBAN_PORT": str(port), "OMP_NUM_THREADS": "1"}
        own |= {f"FENBAN_{name.upper()}": str(value) for name, value in settings.items()}
        log = folder / f"{len(started)}.log"
        script = isinstance(words[0], Path)
        with log.open("wb") as out:
            command = [sys.executable, *([] if script else ["-m", "service.cli"]), *map(str, words)]
            own["PYTHONPATH"] = str(ROOT)
            process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | own, cwd=ROOT)
        started.append(Running(process, log, f"http://127.0.0.1:{port}"))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
