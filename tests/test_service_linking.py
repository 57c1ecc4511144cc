from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from corpus.records import Petition
from service.app import create_app
from service.linking import Linker
from service.settings import Settings

FEE = (
    "我是青石镇赵湾村村民。村会计刘大志在2023年收农村医保时每人多收30元，全村四百多人，不开票据，"
    "钱进了他个人的微信，村里问了几次都不退，请查处。"
)
LAMP = "文昌社区老粮站宿舍巷子口的路灯从去年入冬就不亮了，孩子晚自习下课摸黑走，请派人来修。"


def body(text: str) -> dict[str, Any]:
    return {"text": text, "received": "2024-05-01", "petitioner": "杜守田", "phone": "15438216077"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(data=tmp_path, link_repeats=False))) as client:
        yield client


def test_a_letter_sent_again_is_linked_also_after_a_restart(
    running: TestClient, service_of: Callable[[TestClient], Any], tmp_path: Path
) -> None:
    clerk = service_of(running).client("clerk", "clerk")
    keys = [clerk.post("/v1/petitions", json=body(text)).json()["petition"]["key"] for text in (FEE, LAMP)]
    store = running.app.state.store  # type: ignore[attr-defined]
    linker = Linker(store, tmp_path, None, None)
    assert linker.link_new() == 2
    assert linker.link_new() == 0
    second = Linker(store, tmp_path, None, None)
    keys.append(clerk.post("/v1/petitions", json=body(FEE + "盼回复。")).json()["petition"]["key"])
    assert second.link_new() == 0, "the first one holds the lock"
    linker.start()
    linker.stop()
    assert second.link_new() == 1
    links = clerk.get(f"/v1/petitions/{keys[2]}").json()["links"]
    assert [(link["petition"], link["relation"]) for link in links] == [(keys[0], "copy")]
    assert clerk.get(f"/v1/petitions/{keys[1]}").json()["links"] == []
    index = b"".join(path.read_bytes() for path in tmp_path.glob("repeats.sqlite*"))
    assert "杜守田".encode() not in index
    assert b"15438216077" not in index
    second.start()
    second.stop()


def test_petitions_of_one_request_that_repeat_one_another(running: TestClient) -> None:
    letters = [Petition(FEE, "a"), Petition(LAMP, "b"), replace(Petition(FEE + "盼回复。"), id="c")]
    asked = {"petitions": [{"id": one.id, "text": one.text} for one in letters]}
    found = [one["repeats"] for one in running.post("/v1/suggestions", json=asked).json()["suggestions"]]
    assert [[other["id"] for other in others] for others in found] == [["c"], [], ["a"]]
    assert found[0][0]["relation"] == "copy"
