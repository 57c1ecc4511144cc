from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from service.app import create_app
from service.settings import Settings
from service.store.account_tables import AccountRow, ApiKeyRow, InvitationRow, SessionRow
from service.store.accounts import invite
from service.store.audit import audited
from service.store.base import now

Command = Callable[..., tuple[int, str, str]]
PASSWORD = "一个足够长的口令 12"


@pytest.fixture(scope="module")
def admin(service) -> TestClient:
    return service.client("root", "admin")


@pytest.fixture
def browser(service) -> TestClient:
    """A browser that is not signed in."""
    return TestClient(service.app, base_url="http://testserver")


def new_account(admin: TestClient, browser: TestClient, *roles: str) -> str:
    """An account whose person has taken up the invitation; gives its name."""
    name = f"person {uuid.uuid4().hex[:8]}"
    body = {"name": name, "display_name": "李明", "roles": list(roles or ("clerk",)), "units": ["T03"]}
    token = admin.post("/v1/accounts", json=body).json()["token"]
    assert browser.post("/v1/invitations", json={"token": token, "password": PASSWORD}).status_code == 200
    return name


def sign_in(browser: TestClient, name: str, password: str = PASSWORD):
    return browser.post("/v1/session", json={"name": name, "password": password})


def test_the_first_account_is_set_up_through_a_one_time_link(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(data=tmp_path))) as client:
        store = client.app.state.store
        assert client.get("/v1/setup").json() == {"needed": True}
        with audited(store, "test") as work:
            old, token = invite(work, None), invite(work, None)
        body = {"password": PASSWORD, "name": "first"}
        assert client.post("/v1/invitations", json={"token": old, **body}).status_code == 404
        assert (
            client.post("/v1/invitations", json={"token": token, "password": "short", "name": "x"}).status_code == 422
        )
        assert client.post("/v1/invitations", json={"token": token, **body}).status_code == 200
        assert client.post("/v1/invitations", json={"token": token, **body}).status_code == 404
        assert client.get("/v1/setup").json() == {"needed": False}
        me = sign_in(client, "first").json()
        assert (me["roles"], me["units"]) == (["admin", "clerk"], ["YZ"])


def test_an_old_link_is_worth_nothing(service, admin: TestClient, browser: TestClient) -> None:
    made = admin.post("/v1/accounts", json={"name": "too late", "roles": ["clerk"]}).json()
    with service.store.write() as session:
        session.execute(
            update(InvitationRow)
            .where(InvitationRow.account_key == made["account"])
            .values(expires_at=now() - timedelta(seconds=1))
        )
    assert browser.post("/v1/invitations", json={"token": made["token"], "password": PASSWORD}).status_code == 404


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(
    service, admin: TestClient, browser: TestClient
) -> None:
    name = new_account(admin, browser)
    answer = sign_in(browser, name)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert browser.get("/v1/me").json()["name"] == name
    safe = TestClient(service.app, base_url="https://testserver")
    assert "Secure" in sign_in(safe, name).headers["set-cookie"]


def test_a_browser_writes_only_with_its_csrf_token(admin: TestClient, browser: TestClient) -> None:
    csrf = sign_in(browser, new_account(admin, browser)).json()["csrf"]
    body = {"text": "路灯坏了"}
    assert browser.post("/v1/petitions", json=body).json()["code"] == "csrf"
    for wrong in ("", "x", csrf[:-1], "中"):
        headers = {"X-CSRF-Token": wrong.encode()}
        assert browser.post("/v1/petitions", json=body, headers=headers).status_code == 403
    assert browser.post("/v1/petitions", json=body, headers={"X-CSRF-Token": csrf}).status_code == 201
    assert browser.delete("/v1/session", headers={"X-CSRF-Token": csrf}).status_code == 200
    assert browser.get("/v1/me").status_code == 401


def test_a_session_ends(service, admin: TestClient, browser: TestClient) -> None:
    sign_in(browser, new_account(admin, browser))
    assert browser.get("/v1/me").status_code == 200
    with service.store.write() as session:
        session.execute(update(SessionRow).values(expires_at=now()))
    assert browser.get("/v1/me").status_code == 401


def test_guessing_is_slowed_down_for_the_guesser_only(admin: TestClient, browser: TestClient, service) -> None:
    name = new_account(admin, browser)
    answers = [sign_in(browser, name, f"guess {number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 15 * 60
    assert sign_in(browser, name).status_code == 429
    elsewhere = TestClient(service.app, client=("192.0.2.7", 1))
    assert sign_in(elsewhere, name).status_code == 200


def test_a_wrong_name_is_answered_like_a_wrong_password(admin: TestClient, browser: TestClient) -> None:
    name = new_account(admin, browser)
    wrong = sign_in(browser, f"nobody {uuid.uuid4().hex}"), sign_in(browser, name, "wrong")
    assert wrong[0].json() == wrong[1].json()


def test_a_new_password_ends_sessions_and_keys(service, admin: TestClient, browser: TestClient) -> None:
    name = new_account(admin, browser)
    csrf = {"X-CSRF-Token": sign_in(browser, name).json()["csrf"]}
    token = browser.post("/v1/keys", json={"name": "k"}, headers=csrf).json()["token"]
    machine = TestClient(service.app, headers={"Authorization": f"Bearer {token}"})
    assert machine.get("/v1/me").json()["name"] == name
    body = {"old": PASSWORD, "new": "另外一个足够长的口令"}
    assert browser.post("/v1/me/password", json={**body, "old": "no"}, headers=csrf).status_code == 401
    assert browser.post("/v1/me/password", json=body, headers=csrf).status_code == 200
    assert browser.get("/v1/me").status_code == machine.get("/v1/me").status_code == 401
    assert sign_in(browser, name).status_code == 401
    assert sign_in(browser, name, body["new"]).status_code == 200


def test_an_account_that_is_switched_off_is_out_at_once(service, admin: TestClient, browser: TestClient) -> None:
    name = new_account(admin, browser)
    key = sign_in(browser, name).json()["key"]
    assert admin.patch(f"/v1/accounts/{key}", json={"active": False}).json()["active"] is False
    assert browser.get("/v1/me").status_code == 401
    assert sign_in(browser, name).status_code == 401


def test_the_last_administrator_stays(tmp_path: Path, service_of) -> None:
    with TestClient(create_app(Settings(data=tmp_path))) as client:
        only = service_of(client)
        admin = only.client("only", "admin")
        answer = admin.patch(f"/v1/accounts/{only.accounts['only']}", json={"roles": ["clerk"]})
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
        assert admin.get("/v1/accounts").json()["accounts"][0]["roles"] == ["admin"]


def test_keys_end_and_are_shown_once(service, admin: TestClient) -> None:
    clerk = service.client("key owner", "clerk")
    past = clerk.post("/v1/keys", json={"name": "old", "expires_at": "2020-01-01T00:00:00Z"}).json()
    good = clerk.post("/v1/keys", json={"name": "good"}).json()
    for token, status in ((past["token"], 401), (good["token"], 200), ("fenban_x", 401), ("", 401)):
        machine = TestClient(service.app, headers={"Authorization": f"Bearer {token}"})
        assert machine.get("/v1/me").status_code == status
    assert good["token"] not in clerk.get("/v1/keys").text
    other = service.client("another owner", "clerk")
    assert other.delete(f"/v1/keys/{good['key']}").status_code == 404
    assert admin.delete(f"/v1/keys/{good['key']}").status_code == 200
    machine = TestClient(service.app, headers={"Authorization": f"Bearer {good['token']}"})
    assert machine.get("/v1/me").status_code == 401


def test_nothing_that_opens_is_stored(service, admin: TestClient, browser: TestClient) -> None:
    name = new_account(admin, browser)
    csrf = sign_in(browser, name).json()["csrf"]
    key = browser.post("/v1/keys", json={"name": "k"}, headers={"X-CSRF-Token": csrf, "Idempotency-Key": "k1"}).json()
    with service.store.read() as session:
        tables = (AccountRow, ApiKeyRow, InvitationRow, SessionRow)
        stored = "\n".join(str(vars(row)) for table in tables for row in session.scalars(select(table)))
    assert "$argon2id$" in stored
    for secret in (PASSWORD, key["token"], browser.cookies["fenban_session"]):
        assert secret not in stored


def test_the_command_adds_accounts(fenban: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENBAN_DATA", str(tmp_path))
    code, out, _ = fenban("user", "add", "wang", "--role", "clerk", "--role", "analyst", "--unit", "T03")
    assert code == 0
    token = out.strip().split("#token=")[1]
    with TestClient(create_app(Settings())) as client:
        assert client.post("/v1/invitations", json={"token": token, "password": PASSWORD}).status_code == 200
        assert sign_in(client, "wang").json()["roles"] == ["analyst", "clerk"]
    assert fenban("user", "list")[1] == "1  wang  analyst,clerk  T03\n"
    assert "#token=" in fenban("user", "invite", "wang")[1]
    for wrong in (
        ("add", "wang", "--role", "clerk"),
        ("invite", "nobody"),
        ("add", "x", "--role", "clerk", "--unit", "?"),
    ):
        assert fenban("user", *wrong)[0] == 1


@pytest.mark.parametrize(
    ("settings", "client", "headers", "status"),
    [
        ({}, ("127.0.0.1", 1), {}, 200),
        ({}, ("192.0.2.7", 1), {}, 200),
        ({"host": "0.0.0.0"}, ("127.0.0.1", 1), {}, 200),
        ({"host": "0.0.0.0"}, ("192.0.2.7", 1), {}, 401),
        ({}, ("127.0.0.1", 1), {"X-Forwarded-For": "192.0.2.7"}, 401),
        ({"open_suggestions": False}, ("127.0.0.1", 1), {}, 401),
    ],
)
def test_suggestions_are_open_on_this_machine_only(
    tmp_path: Path, settings: dict, client: tuple[str, int], headers: dict, status: int
) -> None:
    app = create_app(Settings(data=tmp_path, **settings))
    with TestClient(app, client=client) as caller:
        answer = caller.post("/v1/suggestions", json={"petitions": [{"text": "路灯坏了"}]}, headers=headers)
        assert answer.status_code == status


def test_callers_from_elsewhere_are_slowed_down(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, host="0.0.0.0", requests_per_minute=3))
    with TestClient(app, client=("192.0.2.7", 1)) as caller:
        statuses = [caller.get("/health/live").status_code for _ in range(8)]
        assert statuses.count(429) >= 2
        assert statuses[:3] == [200, 200, 200]
        assert "retry-after" in caller.get("/health/live").headers or statuses[-1] == 200
    with TestClient(app, client=("127.0.0.1", 1)) as caller:
        assert [caller.get("/health/live").status_code for _ in range(8)] == [200] * 8
