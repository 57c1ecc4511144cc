"""A worker beside the service on one machine: started with it, started again when it dies, stopped with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

AGAIN_SECONDS = 2.0
STOP_SECONDS = 30.0
log = logging.getLogger("fenban")


@contextmanager
def worker_beside(options: Sequence[str]) -> Iterator[None]:
    """A `fenban worker` with these options while the block runs; it also ends by itself when this process is killed."""
    stop = threading.Event()
    command = [sys.executable, "-m", "service.cli", "worker", "--parent", str(os.getpid()), *options]
    thread = threading.Thread(target=_attend, args=(command, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS + AGAIN_SECONDS)


def _attend(command: Sequence[str], stop: threading.Event) -> None:
    while not stop.is_set():
        process = subprocess.Popen(command)
        while process.poll() is None and not stop.wait(0.2):
            pass
        if process.poll() is None:
            _end(process)
        elif not stop.is_set():
            log.error("the worker ended with %s; starting another", process.returncode)
            stop.wait(AGAIN_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
