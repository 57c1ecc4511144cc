"""Asks one route over and over on kept connections, each waiting for its answer; prints what it measured as JSON.

Usage: load_client.py HOST:PORT PATH TOKEN BODIES_FILE CONNECTIONS SECONDS [CERTIFICATE]; with a certificate over TLS.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from itertools import cycle
from pathlib import Path

WARM_UP_SECONDS = 1.0


async def connection(
    address: str,
    tls: ssl.SSLContext | None,
    requests: list[bytes],
    offset: int,
    until: float,
    found: list[tuple[float, float]],
):
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 22, ssl=tls)
    for request in cycle(requests[offset:] + requests[:offset]):
        start = time.perf_counter()
        if start > until:
            break
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 20"), head
        fields = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:-2])
        await reader.readexactly(int(fields["content-length"]))
        found.append((start, time.perf_counter() - start))
    writer.close()
    await writer.wait_closed()


async def measure(
    address: str, path: str, token: str, bodies: list[str], connections: int, seconds: float, certificate: str | None
) -> dict:
    tls = ssl.create_default_context(cafile=certificate) if certificate else None
    requests = []
    for body in bodies:
        content = body.encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        requests.append(head.encode() + content)
    found: list[tuple[float, float]] = []
    begin = time.perf_counter()
    until = begin + WARM_UP_SECONDS + seconds
    await asyncio.gather(
        *(connection(address, tls, requests, n % len(requests), until, found) for n in range(connections))
    )
    took = sorted(seconds for start, seconds in found if start >= begin + WARM_UP_SECONDS)
    return {
        "requests": len(took) / seconds,
        "p50": 1_000 * took[len(took) // 2],
        "p99": 1_000 * took[min(len(took) - 1, len(took) * 99 // 100)],
    }


if __name__ == "__main__":
    address, path, token, file, connections, seconds, *certificate = sys.argv[1:]
    bodies = json.loads(Path(file).read_text("utf-8"))
    asked = measure(address, path, token, bodies, int(connections), float(seconds), *certificate or [None])
    print(json.dumps(asyncio.run(asked)))
