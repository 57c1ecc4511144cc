"""Every route × every role × own and other department."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from models.store import SHIPPED
from models.versions import add_version
from service.store.engine import Store
from service.store.job_tables import DONE, JobRow

CALLERS = ("nobody", "clerk", "other clerk", "analyst", "other analyst", "admin")
OPEN = dict.fromkeys(CALLERS, 200)
ANYONE = {**OPEN, "nobody": 401}


def of_clerks(good: int) -> dict[str, int]:
    """What a clerk of the petition's unit may; others of other units know nothing of it."""
    return {**dict.fromkeys(CALLERS, 403), "nobody": 401, "clerk": good, "other clerk": 404}


def of_readers(good: int = 200) -> dict[str, int]:
    """What clerks and analysts of the petition's unit may."""
    return {**of_clerks(good), "analyst": good, "other analyst": 404}


def of_roles(good: int, *roles: str) -> dict[str, int]:
    """What a role may, whatever its unit."""
    return {caller: 401 if caller == "nobody" else good if caller.split()[-1] in roles else 403 for caller in CALLERS}


@dataclass
class World:
    """Fresh things for one request."""

    clerk: TestClient
    admin: TestClient
    accounts: dict[str, int]
    store: Store
    results: Path
    count: int = 0

    def petition(self, **fields: Any) -> int:
        self.count += 1
        body = {"text": f"村里的路坏了，第{self.count}封", "unit": "T03V01", **fields}
        answer = self.clerk.post("/v1/petitions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["petition"]["key"]

    def change(self) -> dict[str, Any]:
        answer = self.clerk.post("/v1/matters/merges", json={"petitions": [self.petition(), self.petition()]})
        return answer.json()

    def job(self) -> int:
        """A waiting job of the clerk's."""
        return sent(self.clerk).json()["key"]

    def ended_job(self) -> int:
        """A job of the clerk's with its result."""
        key = self.job()
        with self.store.write() as session:
            session.execute(update(JobRow).where(JobRow.key == key).values(state=DONE, done=1))
        self.results.mkdir(exist_ok=True)
        (self.results / f"{key}.xlsx").write_bytes(b"result")
        return key

    def account(self) -> int:
        self.count += 1
        body = {"name": f"new {self.count}", "roles": ["clerk"], "units": ["T03"]}
        return self.admin.post("/v1/accounts", json=body).json()["account"]


Ask = Callable[[World, TestClient], httpx.Response]


def post(path: str, body: Callable[[World], Any]) -> Ask:
    return lambda world, client: client.post(path, json=body(world))


def get(path: str) -> Ask:
    return lambda world, client: client.get(path)


def get_petition(end: str = "") -> Ask:
    return lambda world, client: client.get(f"/v1/petitions/{world.petition()}{end}")


def decision(world: World) -> dict[str, Any]:
    return {"action": "change", "version": 0, "primary": "Z0"}


def own_key(world: World, client: TestClient) -> httpx.Response:
    made = client.post("/v1/keys", json={"name": "second"})
    return client.delete(f"/v1/keys/{made.json().get('key', 1)}")


def new_account(world: World) -> dict[str, Any]:
    world.count += 1
    return {"name": f"another {world.count}", "roles": ["clerk"]}


def of_matter(world: World, client: TestClient) -> httpx.Response:
    return client.get(f"/v1/matters/{world.change()['moves'][0]['after']}")


def sent(client: TestClient) -> httpx.Response:
    return client.post("/v1/jobs", files={"file": ("letters.txt", "路灯坏了".encode())})


def of_sender(good: int = 200) -> dict[str, int]:
    """What only the sender of a job may; the clerk sent it."""
    return {**of_clerks(good), "analyst": 404, "other analyst": 404}


def of_sender_or_admin(good: int = 200) -> dict[str, int]:
    return {**of_sender(good), "admin": good}


P = "/v1/petitions/{key}"
J = "/v1/jobs/{key}"
CASES: dict[tuple[str, str], tuple[Ask, dict[str, int]]] = {
    ("post", "/v1/suggestions"): (post("/v1/suggestions", lambda w: {"petitions": [{"text": "路灯坏了"}]}), OPEN),
    ("get", "/v1/setup"): (get("/v1/setup"), OPEN),
    ("post", "/v1/invitations"): (
        post("/v1/invitations", lambda w: {"token": "none", "password": "long enough 1"}),
        dict.fromkeys(CALLERS, 404),
    ),
    ("post", "/v1/session"): (
        lambda w, c: c.post("/v1/session", json={"name": f"x{id(c)}", "password": "wrong"}),
        dict.fromkeys(CALLERS, 401),
    ),
    ("delete", "/v1/session"): (lambda w, c: c.delete("/v1/session"), ANYONE),
    ("get", "/v1/me"): (get("/v1/me"), ANYONE),
    ("post", "/v1/me/password"): (
        # Nobody's old password is this one; who is not signed in is told so as well.
        post("/v1/me/password", lambda w: {"old": "wrong", "new": "long enough 2"}),
        dict.fromkeys(CALLERS, 401),
    ),
    ("get", "/v1/accounts"): (get("/v1/accounts"), of_roles(200, "admin")),
    ("post", "/v1/accounts"): (post("/v1/accounts", new_account), of_roles(201, "admin")),
    ("patch", "/v1/accounts/{key}"): (
        lambda w, c: c.patch(f"/v1/accounts/{w.account()}", json={"active": False}),
        of_roles(200, "admin"),
    ),
    ("post", "/v1/accounts/{key}/invitation"): (
        lambda w, c: c.post(f"/v1/accounts/{w.account()}/invitation"),
        of_roles(201, "admin"),
    ),
    ("get", "/v1/keys"): (get("/v1/keys"), ANYONE),
    ("post", "/v1/keys"): (post("/v1/keys", lambda w: {"name": "k"}), {**dict.fromkeys(CALLERS, 201), "nobody": 401}),
    ("delete", "/v1/keys/{key}"): (own_key, ANYONE),
    ("get", "/v1/petitions"): (get("/v1/petitions"), of_roles(200, "clerk", "analyst")),
    ("get", "/v1/petitions/counts"): (get("/v1/petitions/counts"), of_roles(200, "clerk", "analyst")),
    ("post", "/v1/petitions"): (post("/v1/petitions", lambda w: {"text": "路灯坏了"}), of_roles(201, "clerk")),
    ("get", P): (get_petition(), of_readers()),
    ("post", f"{P}/suggestions"): (
        lambda w, c: c.post(f"/v1/petitions/{w.petition()}/suggestions"),
        of_clerks(201),
    ),
    ("put", f"{P}/readers"): (
        lambda w, c: c.put(f"/v1/petitions/{w.petition()}/readers", json={"readers": [w.accounts["clerk"]]}),
        of_clerks(422),
    ),
    ("put", f"{P}/claim"): (lambda w, c: c.put(f"/v1/petitions/{w.petition()}/claim"), of_clerks(200)),
    ("delete", f"{P}/claim"): (lambda w, c: c.delete(f"/v1/petitions/{w.petition()}/claim"), of_clerks(200)),
    ("get", f"{P}/decisions"): (get_petition("/decisions"), of_readers()),
    ("post", f"{P}/decisions"): (
        lambda w, c: c.post(f"/v1/petitions/{w.petition()}/decisions", json=decision(w)),
        of_clerks(201),
    ),
    ("get", "/v1/matters"): (get("/v1/matters"), of_roles(200, "clerk", "analyst")),
    ("get", "/v1/matters/{key}"): (of_matter, of_readers()),
    ("post", "/v1/matters/merges"): (
        post("/v1/matters/merges", lambda w: {"petitions": [w.petition(), w.petition()]}),
        of_clerks(201),
    ),
    ("post", "/v1/matters/splits"): (
        post("/v1/matters/splits", lambda w: {"petitions": [move["petition"] for move in w.change()["moves"]]}),
        of_clerks(201),
    ),
    ("post", "/v1/matters/undos"): (post("/v1/matters/undos", lambda w: {"change": w.change()["key"]}), of_clerks(201)),
    ("get", "/v1/statistics/agreement"): (get("/v1/statistics/agreement"), of_roles(200, "analyst", "admin")),
    ("get", "/v1/statistics/held-back"): (get("/v1/statistics/held-back"), of_roles(200, "analyst", "admin")),
    ("post", "/v1/exports"): (post("/v1/exports", lambda w: {"format": "csv"}), of_roles(200, "clerk", "analyst")),
    ("get", "/v1/units"): (get("/v1/units"), ANYONE),
    ("get", "/v1/schemes/{name}"): (get("/v1/schemes/discipline"), ANYONE),
    ("get", "/v1/models"): (get("/v1/models"), ANYONE),
    ("post", "/v1/models/promote"): (post("/v1/models/promote", lambda w: {"name": "v1"}), of_roles(200, "admin")),
    ("post", "/v1/models/rollback"): (
        lambda w, c: w.admin.post("/v1/models/promote", json={"name": "v1"}) and c.post("/v1/models/rollback"),
        of_roles(200, "admin"),
    ),
    ("post", "/v1/models/reload"): (lambda w, c: c.post("/v1/models/reload"), of_roles(200, "admin")),
    ("get", "/v1/jobs"): (get("/v1/jobs"), ANYONE),
    ("post", "/v1/jobs"): (lambda w, c: sent(c), of_roles(201, "clerk", "analyst")),
    ("get", J): (lambda w, c: c.get(f"/v1/jobs/{w.job()}"), of_sender_or_admin()),
    ("get", f"{J}/events"): (lambda w, c: c.get(f"/v1/jobs/{w.ended_job()}/events"), of_sender_or_admin()),
    ("get", f"{J}/problems"): (lambda w, c: c.get(f"/v1/jobs/{w.job()}/problems"), of_sender()),
    ("get", f"{J}/result"): (lambda w, c: c.get(f"/v1/jobs/{w.ended_job()}/result"), of_sender()),
    ("post", f"{J}/cancellation"): (lambda w, c: c.post(f"/v1/jobs/{w.job()}/cancellation"), of_sender_or_admin()),
    ("post", "/v1/findings"): (
        lambda w, c: c.post("/v1/findings", files={"file": ("report.txt", "村会计违规发放补贴3万元。".encode())}),
        of_roles(200, "clerk", "analyst"),
    ),
    ("post", "/v1/demo"): (lambda w, c: c.post("/v1/demo"), of_roles(201, "admin")),
    ("get", "/metrics"): (get("/metrics"), OPEN),
    ("get", "/v1/audit"): (get("/v1/audit"), of_roles(200, "admin")),
    ("get", "/v1/audit/verification"): (get("/v1/audit/verification"), of_roles(200, "admin")),
}


@pytest.fixture(scope="module")
def clients(service) -> dict[str, TestClient]:
    add_version(service.app.state.settings.data / "models", "v1", SHIPPED)
    return {
        "nobody": service.anonymous,
        "clerk": service.client("clerk", "clerk", units=["T03"]),
        "other clerk": service.client("other clerk", "clerk", units=["T05"]),
        "analyst": service.client("analyst", "analyst", units=["T03"]),
        "other analyst": service.client("other analyst", "analyst", units=["T05"]),
        "admin": service.client("admin", "admin", units=[]),
    }


@pytest.fixture(scope="module")
def world(service, clients: dict[str, TestClient]) -> World:
    results = service.app.state.settings.results
    return World(clients["clerk"], clients["admin"], service.accounts, service.store, results)


def test_no_route_is_missing_here(service) -> None:
    described = {
        (method, path)
        for path, methods in service.app.openapi()["paths"].items()
        if not path.startswith("/health")
        for method in methods
    }
    assert described == set(CASES)


@pytest.mark.parametrize("route", CASES, ids=" ".join)
def test_who_may_what(clients: dict[str, TestClient], world: World, route: tuple[str, str]) -> None:
    ask, expected = CASES[route]
    answers = {caller: ask(world, clients[caller]) for caller in CALLERS}
    assert {caller: answer.status_code for caller, answer in answers.items()} == expected
    for answer in answers.values():
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/petitions?limit=200", "/v1/petitions?q=秘密", "/v1/petitions?order=newest"])
def test_a_confidential_petition_is_seen_by_named_people_only(
    service, clients: dict[str, TestClient], world: World, path: str
) -> None:
    named = service.client(f"named {path}", "clerk", units=["T05"])
    chief = service.client(f"chief {path}", "clerk", units=["YZ"])
    keys = [service.accounts[name] for name in ("clerk", f"named {path}", f"chief {path}")]
    key = world.petition(text=f"秘密的事 {path}", confidential=True, readers=[keys[1]])
    assert named.get(f"/v1/petitions/{key}").json()["readers"] == keys[:2]
    assert f'"key":{key},' in named.get(path).text
    for client in (clients["other clerk"], clients["analyst"], chief):
        assert client.get(f"/v1/petitions/{key}").status_code == 404
        assert f'"key":{key},' not in client.get(path).text
    assert chief.post("/v1/matters/merges", json={"petitions": [key, world.petition()]}).status_code == 404
    assert named.put(f"/v1/petitions/{key}/readers", json={"readers": [keys[2]]}).status_code == 200
    assert chief.get(f"/v1/petitions/{key}").status_code == 200
    assert clients["clerk"].get(f"/v1/petitions/{key}").status_code == 404


def test_counts_leave_out_what_one_may_not_see(service, world: World) -> None:
    chief = service.client("counting chief", "clerk", units=["YZ"])
    before = chief.get("/v1/petitions/counts").json()
    world.petition(confidential=True)
    world.petition()
    assert chief.get("/v1/petitions/counts").json() == {**before, "open": before["open"] + 1}


def test_who_sent_a_letter_to_another_unit_can_take_that_back(
    clients: dict[str, TestClient], service, world: World
) -> None:
    village = service.client("village", "clerk", units=["T03V02"])
    key = village.post("/v1/petitions", json={"text": "渠道漏水，给另一个镇"}).json()["petition"]["key"]
    moved = {"action": "change", "version": 0, "handling_unit": "T05", "subject_unit": "T05"}
    assert clients["other clerk"].get(f"/v1/petitions/{key}").status_code == 404
    assert clients["clerk"].post(f"/v1/petitions/{key}/decisions", json=moved).status_code == 201
    assert clients["other clerk"].get(f"/v1/petitions/{key}").status_code == 200
    undo = {"action": "undo", "version": 1}
    assert clients["clerk"].post(f"/v1/petitions/{key}/decisions", json=undo).status_code == 201
    assert clients["other clerk"].get(f"/v1/petitions/{key}").status_code == 404
