"""Decisions become examples; a candidate learns from them; nothing of a petitioner goes along."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from corpus.written import written_petitions
from models.store import SHIPPED
from models.versions import add_version
from service.app import create_app
from service.settings import Settings

Command = Callable[..., tuple[int, str, str]]
NAME, PHONE, IDENTITY = "欧阳孔方", "13712349876", "420123198001011234"
WRITTEN = (NAME, PHONE, "137 1234 9876", "１３７１２３４９８７６", IDENTITY)
PLANTED = f"\n我叫{NAME}，电话{WRITTEN[2]}或{WRITTEN[3]}，身份证{IDENTITY}。\n{NAME}"
BODY = {"petitioner": NAME, "phone": PHONE}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service_of) -> Iterator:
    monkeypatch.setenv("FENBAN_DATA", str(tmp_path))
    with TestClient(create_app(Settings()), raise_server_exceptions=False) as client:
        yield service_of(client)


def decided(office, count: int) -> list[int]:
    """Petitions of the written corpus, signed with the planted name, decided as they are labelled."""
    clerk = office.client("clerk", "clerk")
    keys = []
    for row in written_petitions("train")[:count]:
        body = {"text": row.petition.text + PLANTED, "title": row.petition.title, **BODY, "reserved": "no"}
        key = clerk.post("/v1/petitions", json=body).json()["petition"]["key"]
        gold = row.gold
        change = {"action": "change", "version": 0, "kind": gold.kind, "content": gold.content, "primary": gold.primary}
        answer = clerk.post(f"/v1/petitions/{key}/decisions", json={**change, "discipline": list(gold.discipline)})
        assert answer.status_code == 201, answer.text
        keys.append(key)
    return keys


def planted_in(data: bytes) -> list[str]:
    return [word for word in WRITTEN for code in ("utf-8", "utf-16-le", "gb18030") if word.encode(code) in data]


def test_decisions_are_exported_without_petitioner_data(office, fenban: Command, tmp_path: Path) -> None:
    keys = decided(office, 4)
    clerk = office.client("second", "clerk")
    secret = clerk.post("/v1/petitions", json={"text": "秘密的事", "confidential": True}).json()["petition"]["key"]
    for key, action in ((secret, "change"), (keys[3], "undo")):
        version = 0 if key == secret else 1
        clerk.post(f"/v1/petitions/{key}/decisions", json={"action": action, "version": version})
    clerk.post("/v1/matters/merges", json={"petitions": keys[:2]})
    out = tmp_path / "decided.jsonl"
    assert fenban("feedback", "export", "--out", out)[0] == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == 3
    assert [row["group"] for row in rows] == ["matter 1", "matter 1", f"petition {keys[2]}"]
    gold = [row.gold for row in written_petitions("train")[:3]]
    assert [(row["label"], row["primary"], row["kind"]) for row in rows] == [
        (one.content, one.primary, one.kind) for one in gold
    ]
    assert planted_in(out.read_bytes()) == []


def test_without_decisions_there_is_nothing_to_learn(office, fenban: Command, tmp_path: Path) -> None:
    code, _, err = fenban("feedback", "export", "--out", tmp_path / "x.csv")
    assert code == 1
    assert "no petition is decided yet" in err


@pytest.mark.long
def test_a_candidate_is_trained_compared_promoted_and_rolled_back(office, fenban: Command, tmp_path: Path) -> None:
    decided(office, 60)
    code, out, err = fenban("feedback", "train", "--name", "candidate")
    assert code == 0, err
    assert "written corpus, test split" in out
    assert "held-out decisions" in out
    assert "fenban models promote candidate" in err
    for path in (tmp_path / "models").rglob("*"):
        assert path.is_dir() or planted_in(path.read_bytes()) == []
    shipped = office.anonymous.get("/health/ready").json()
    assert fenban("models", "promote", "candidate")[0] == 0
    wait_for(lambda: office.app.state.models.suggester.version != shipped["version"])
    assert "candidate  in use" in fenban("models", "list")[1]
    assert fenban("models", "rollback")[1] == "in use: the shipped models\n"
    wait_for(lambda: office.app.state.models.suggester.version == shipped["version"])


def wait_for(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_version_is_used_without_restart_and_a_broken_one_does_not_replace_it(office, tmp_path: Path) -> None:
    admin = office.client("admin", "admin")
    add_version(tmp_path / "models", "good", SHIPPED)
    add_version(tmp_path / "models", "bad", SHIPPED)
    assert admin.post("/v1/models/promote", json={"name": "good"}).json()["current"] == "good"
    (tmp_path / "models" / "bad" / "discipline.safetensors").write_bytes(b"x")
    answer = admin.post("/v1/models/promote", json={"name": "bad"})
    assert (answer.status_code, answer.json()["code"]) == (409, "version")
    assert admin.get("/v1/models").json() | {"loaded": ""} == {
        "versions": ["bad", "good"],
        "current": "good",
        "loaded": "",
        "fault": "",
    }
    assert admin.post("/v1/models/rollback").json()["current"] is None
    assert admin.post("/v1/models/rollback").status_code == 409
    assert office.anonymous.post("/v1/suggestions", json={"petitions": [{"text": "路灯坏了"}]}).status_code == 200


def test_nothing_of_a_petitioner_is_in_logs_errors_audit_or_masked_answers(
    office, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(1)
    clerk, analyst = office.client("clerk", "clerk", "admin"), office.client("analyst", "analyst")
    body = {"text": f"村里的路灯坏了。{PLANTED}", **BODY}
    key = clerk.post("/v1/petitions", json=body).json()["petition"]["key"]
    clerk.get(f"/v1/petitions/{key}")
    clerk.get("/v1/petitions", params={"q": NAME})
    note = {"action": "change", "version": 0, "note": PLANTED}
    clerk.post(f"/v1/petitions/{key}/decisions", json=note)
    clerk.post("/v1/suggestions", json={"petitions": [body]})
    answers = [
        clerk.get("/v1/petitions"),
        clerk.get("/v1/audit"),
        analyst.get(f"/v1/petitions/{key}"),
        analyst.get("/v1/petitions"),
        analyst.get(f"/v1/petitions/{key}/decisions"),
        analyst.post("/v1/exports", json={"format": "csv"}),
        clerk.post("/v1/exports", json={"format": "jsonl"}),
        clerk.post("/v1/petitions", json={**body, "unit": PLANTED[:40]}),
        clerk.post("/v1/petitions", json={**body, "channel": [PLANTED]}),
        clerk.post("/v1/petitions", json={"text": PLANTED * 2_000}),
        clerk.post("/v1/petitions", json={**body, NAME: PHONE}),
        clerk.get(f"/v1/petitions/{NAME}"),
        clerk.get(f"/v1/{NAME}/{PHONE}"),
        office.anonymous.post("/v1/session", json={"name": NAME, "password": PHONE}),
    ]

    def fail(*_arguments: object) -> None:
        raise RuntimeError(PLANTED)

    monkeypatch.setattr("service.api.petitions.add_petition", fail)
    answers.append(clerk.post("/v1/petitions", json=body))
    assert answers[-1].status_code == 500
    monkeypatch.setattr("service.api.petitions.keep_out", lambda *_arguments: None)
    with office.store.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE petition_texts RENAME TO moved")
    monkeypatch.undo()
    answers.append(clerk.post("/v1/petitions", json=body))
    assert answers[-1].status_code == 503
    # httpx is the test's own client; it logs the addresses that it calls.
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    for shown in (*(answer.text for answer in answers), logged, "".join(capfd.readouterr())):
        assert planted_in(shown.encode()) == [], shown
