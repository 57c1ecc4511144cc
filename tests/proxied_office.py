"""Three service processes and two workers on one PostgreSQL, behind nginx as service/deploy/nginx.conf sets it up."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.store.accounts import add_account
from service.store.audit import audited
from service.store.engine import Store, open_store
from service.store.sign_in import add_key

SHIPPED = Path(__file__).parent.parent / "service" / "deploy" / "nginx.conf"
PROGRAMS = ("nginx", "openssl")
MAIN = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {shipped}
}}
"""


@dataclass
class Proxied:
    """The processes. `address` is the proxy's; `client` calls it as a clerk."""

    launch: Callable[..., Any]
    settings: dict[str, Any]
    address: str
    certificate: Path
    services: list[Any]
    workers: list[Any]
    store: Store
    headers: dict[str, str]
    password: str = "一个足够长的口令 12"
    kills: list[int] = field(default_factory=list)

    def client(self, **settings: Any) -> httpx.Client:
        trust = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(base_url=self.address, verify=trust, timeout=10, **settings)

    def kill(self, number: int) -> None:
        """A service killed, and started again on its port."""
        self.services[number].stop(signal.SIGKILL)
        self.kills.append(number)
        port = int(self.services[number].address.rsplit(":", 1)[1])
        self.services[number] = self.launch("serve", port=port, **self.settings)
        self.services[number].until_ready()


@contextmanager
def proxied(
    launch: Callable[..., Any], ports: list[int], database: str, folder: Path, workers: int = 0
) -> Iterator[Proxied]:
    """Everything started at once on an empty database; `ports` are free ones, the first the proxy's."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip("needs nginx and openssl: apt-get install nginx-light openssl")
    settings = {"data": folder / "data", "database": database, "lease_seconds": 2}
    services = [launch("serve", port=port, **settings) for port in ports[1:]]
    helpers = [launch("worker", **settings) for _ in range(workers)]
    with _nginx(ports, folder / "nginx") as certificate:
        for one in services:
            one.until_ready()
        store = open_store(database)
        office = Proxied(
            launch=launch,
            settings=settings,
            address=f"https://127.0.0.1:{ports[0]}",
            certificate=certificate,
            services=services,
            workers=helpers,
            store=store,
            headers={},
        )
        with audited(store, "test") as work:
            account = add_account(work, "clerk", "", ["clerk"], ["YZ"], office.password)
            _, token = add_key(work, account.key, "k", None)
        office.headers["Authorization"] = f"Bearer {token}"
        yield office
        store.close()


@contextmanager
def _nginx(ports: list[int], folder: Path) -> Iterator[Path]:
    folder.mkdir()
    key, certificate = folder / "fenban.key", folder / "fenban.crt"
    words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=fenban.office -keyout {key} -out {certificate}"
    subprocess.run(
        ["openssl", *words.split(), "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True
    )
    text = SHIPPED.read_text("utf-8").replace("/etc/nginx/", f"{folder}/")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{ports[0]} ssl")
    text = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    for number, port in enumerate(ports[1:], 1):
        text = text.replace(f"127.0.0.1:800{number} ", f"127.0.0.1:{port} ")
    text = re.sub(r" +server 127.0.0.1:800\d .*\n", "", text)
    assert "listen 80" not in text
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(user=user, folder=folder, shipped=text), "utf-8")
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.PIPE)
    try:
        _until_listening(process, ports[0])
        yield certificate
    finally:
        process.terminate()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def _until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")
