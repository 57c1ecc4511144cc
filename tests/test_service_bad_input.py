"""Whatever is sent: refused clearly or stored inert, never a failure, never another's data."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HOSTILE = (
    "'; DROP TABLE petitions; --",
    "x' OR '1'='1",
    '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x")',
    "../../etc/passwd",
    "%s%n{0}{{7*7}}${7*7}",
    "\x00\ud800\u202e\ufeff",
    "𠮷" * 40,
)
TEXT_FIELDS = ("id", "received", "channel", "petitioner", "phone", "title", "text")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FUZZED = settings(suppress_health_check=list(HealthCheck), max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def clerk(service) -> TestClient:
    return service.client("clerk", "clerk", "analyst", "admin")


def send(client: TestClient, method: str, path: str, body: object):
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    return client.request(method, path, content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_sql_and_html_in_every_field_are_kept_as_words(clerk: TestClient, field: str, hostile: str) -> None:
    answer = send(clerk, "POST", "/v1/petitions", {"text": "路灯坏了", field: hostile})
    assert answer.status_code == 201, answer.text
    key = answer.json()["petition"]["key"]
    shown = clerk.get(f"/v1/petitions/{key}")
    assert shown.headers["content-type"] == "application/json"
    assert shown.headers["x-content-type-options"] == "nosniff"
    expected = hostile.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert shown.json()[field] == expected
    found = clerk.get("/v1/petitions", params={"q": expected, "limit": 200})
    assert key in [line["key"] for line in found.json()["petitions"]] or field in ("received", "channel")
    assert clerk.get("/v1/petitions/counts").json()["open"] > 0


@pytest.mark.parametrize("hostile", HOSTILE[:6], ids=range(6))
def test_hostile_filters_find_nothing_and_harm_nothing(clerk: TestClient, hostile: str) -> None:
    for name in ("unit", "category", "cursor", "status", "since", "matter", "urgent"):
        answer = clerk.get("/v1/petitions", params={name: hostile})
        assert answer.status_code in (200, 422)
        if answer.status_code == 200:
            assert answer.json()["petitions"] == []
        else:
            assert hostile not in answer.text
    for name in ("actor", "action", "object"):
        assert clerk.get("/v1/audit", params={name: hostile}).json()["entries"] == []


@FUZZED
@given(body=JSON)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/petitions"),
        ("POST", "/v1/petitions/1/decisions"),
        ("PUT", "/v1/petitions/1/readers"),
        ("POST", "/v1/matters/merges"),
        ("POST", "/v1/session"),
        ("POST", "/v1/invitations"),
        ("POST", "/v1/accounts"),
        ("POST", "/v1/models/promote"),
        ("POST", "/v1/exports"),
    ],
)
def test_any_json_is_answered(clerk: TestClient, method: str, path: str, body: object) -> None:
    answer = send(clerk, method, path, body)
    assert answer.status_code in (200, 201, 401, 404, 409, 422, 429), answer.text


@FUZZED
@given(content=st.binary(max_size=200))
def test_any_bytes_are_answered(clerk: TestClient, content: bytes) -> None:
    answer = clerk.post("/v1/petitions", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@FUZZED
@given(token=st.text(alphabet=st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=50))
def test_any_credentials_are_answered(service, token: str) -> None:
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"fenban_session={token}"}):
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        assert service.anonymous.get("/v1/me", headers=encoded).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/petitions/0", 422),
        ("/v1/petitions/-1", 422),
        ("/v1/petitions/9223372036854775808", 422),
        ("/v1/petitions/9223372036854775807", 404),
        ("/v1/petitions/1'%20OR%201=1", 422),
        ("/v1/matters/9223372036854775808", 422),
        ("/v1/schemes/..%2F..%2Fetc", 404),
        ("/v1/schemes/none", 422),
        ("/page/..%2f..%2fservice%2fsettings.py", 404),
    ],
)
def test_strange_addresses(clerk: TestClient, path: str, status: int) -> None:
    assert clerk.get(path).status_code == status


def test_a_large_body_and_deep_nesting_are_refused(clerk: TestClient) -> None:
    assert send(clerk, "POST", "/v1/petitions", {"text": "长" * 100_001}).status_code == 413
    assert clerk.post("/v1/petitions", content=b" " * 10_000_001).status_code == 413
    headers = {"Content-Type": "application/json"}
    assert clerk.post("/v1/petitions", content=b"[" * 100_000, headers=headers).status_code in (400, 422)
    assert send(clerk, "POST", "/v1/matters/merges", {"petitions": list(range(1, 300))}).status_code == 422


def test_a_parameter_given_twice_is_refused(clerk: TestClient) -> None:
    answer = clerk.get("/v1/petitions?unit=T01&unit=T02")
    assert (answer.status_code, answer.json()["code"]) == (422, "repeated")
