"""Clients that write until they are answered, whatever happens to the service meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import httpx


def insist(act: Callable[[], httpx.Response], until: float) -> dict:
    """Sends the same again until it is acknowledged, as a client with an idempotency key may."""
    while time.monotonic() < until:
        with suppress(httpx.TransportError):
            answer = act()
            if answer.status_code < 500:
                assert answer.status_code in (200, 201), answer.text
                return answer.json()
        time.sleep(0.1)
    raise AssertionError("no answer in time")


def lamp(number: int) -> str:
    return f"第{number}盏路灯坏了，没人来修。"


def write_letters(
    client: httpx.Client, numbers: range, until: float, words: Callable[[int], str] = lamp
) -> dict[str, int]:
    """Keys of the acknowledged petitions by the id they were sent with."""
    acknowledged: dict[str, int] = {}
    for number in numbers:
        body = {"id": f"w{number}", "text": words(number), "reserved": "no"}
        key = {"Idempotency-Key": f"write {number}"}

        def send(body: dict = body, key: dict = key) -> httpx.Response:
            return client.post("/v1/petitions", json=body, headers=key)

        acknowledged[body["id"]] = insist(send, until)["petition"]["key"]
    return acknowledged
