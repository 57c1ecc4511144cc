"""Whose word on the caller's address is believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from corpus.errors import FenbanError
from service.commands.store import read_settings
from service.store.account_tables import FailedSignIn
from service.store.engine import open_store


@pytest.mark.long
@pytest.mark.parametrize(
    ("proxies", "counted"),
    [(None, "192.0.2.7"), ("10.2.0.0/24, 127.0.0.0/8", "192.0.2.7"), ("10.2.0.9", "127.0.0.1"), ("", "127.0.0.1")],
)
def test_only_a_proxy_of_the_settings_tells_the_callers_address(
    launch: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxies: str | None, counted: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    settings = {"data": tmp_path / "data"} | ({} if proxies is None else {"proxies": proxies})
    service = launch("serve", **settings)
    service.until_ready()
    wrong = {"name": "nobody", "password": "wrong"}
    httpx.post(f"{service.address}/v1/session", json=wrong, headers={"X-Forwarded-For": "192.0.2.7"})
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'fenban.sqlite'}")
    with store.read() as session:
        assert session.scalars(select(FailedSignIn.address)).all() == [counted]
    store.close()


@pytest.mark.parametrize("proxies", ["*", "proxy.office", "10.2.0.9/24", "10.2.0.9 10.2.0.10"])
def test_what_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch, proxies: str) -> None:
    monkeypatch.setenv("FENBAN_PROXIES", proxies)
    with pytest.raises(FenbanError, match=r"proxies: .* neither an address nor a network"):
        read_settings()
