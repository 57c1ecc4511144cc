from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from corpus.records import Petition
from models.suggester import Suggester
from service.app import create_app
from service.settings import Settings


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(largest_body=200_000, most_petitions=50))) as client:
        yield client


def suggestions(client: TestClient, *petitions: dict) -> httpx.Response:
    return client.post("/v1/suggestions", json={"petitions": list(petitions)})


def test_suggestions_are_those_of_tag(client: TestClient, suggester: Suggester, letters: list[Petition]) -> None:
    fields = ("id", "received", "petitioner", "title", "text")
    sent = [{field: getattr(letter, field) for field in fields} for letter in letters[:5]]
    answer = suggestions(client, *sent)
    assert answer.status_code == 200
    rows = answer.json()["suggestions"]
    assert [row.pop("repeats") for row in rows] == [[]] * 5
    expected = [json.loads(json.dumps(item.to_dict())) for item in suggester.suggest_all(letters[:5])]
    assert rows == expected


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"petitions": []}, 422, "petitions"),
        ({"petitions": [{"id": "1"}]}, 422, "text"),
        ({"petitions": [{"text": "  "}]}, 422, "no text"),
        ({"petitions": [{"text": "机密内容" * 9, "title": 7}]}, 422, "title"),
        ({"petitions": [{"text": "a"}] * 51}, 413, "50 petitions"),
        ({"petitions": [{"text": "长" * 100_001}]}, 413, "too large"),
    ],
)
def test_a_wrong_request_is_told_as_a_problem_without_repeating_it(
    client: TestClient, body: dict, status: int, word: str
) -> None:
    answer = client.post("/v1/suggestions", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == {413: "too_large", 422: "invalid"}[status]
    assert word in answer.text
    assert "机密" not in answer.text


def test_broken_json_and_wrong_paths_are_problems(client: TestClient) -> None:
    answer = client.post("/v1/suggestions", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    nothing = client.get("/v1/nothing").json()
    assert (nothing["status"], nothing["code"]) == (404, "not_found")
    answer = client.get("/v1/suggestions")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["code"] == "method_not_allowed"


def test_an_unforeseen_failure_tells_nothing_of_the_letter(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(Settings())

    def fail() -> None:
        raise RuntimeError("张三的信")

    app.add_api_route("/fail", fail)
    with TestClient(app) as failing:
        answer = failing.get("/fail")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "content-security-policy" in answer.headers
    assert "张三" not in answer.text + caplog.text


def test_many_faults_give_a_short_answer(client: TestClient) -> None:
    answer = client.post("/v1/suggestions", json={"petitions": [{}] * 20_000})
    assert answer.status_code == 422
    assert len(answer.text) < 1_000


def test_lone_surrogates_and_nul_are_repaired(client: TestClient) -> None:
    body = b'{"petitions": [{"text": "\\u8def\\ud800\\u0000\\u706f\\u574f\\u4e86"}]}'
    answer = client.post("/v1/suggestions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["suggestions"][0]["content"]


def test_health_and_pages(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json()["status"] == "ready"
    for path in ("/try", "/page/try.js", "/page/base.css", "/sign-in", "/docs", "/openapi.json"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "https://" not in answer.text.replace("https://fastapi", "")


def test_without_a_model_the_service_lives_but_is_not_ready(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(models=tmp_path / "nothing"))) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert client.get("/try").status_code == 200
        answer = suggestions(client, {"text": "路灯坏了"})
        assert answer.json() == {
            "type": "about:blank",
            "title": "No model is loaded; see /health/ready",
            "status": 503,
            "code": "model",
        }


def test_without_a_database_a_refusal_says_so(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(data=tmp_path, database=f"sqlite:///{tmp_path}/none/"))) as client:
        client.app.state.store = None
        answer = client.get("/v1/petitions")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json() == {
            "type": "about:blank",
            "title": "The database is not open; the service's log says why",
            "status": 503,
            "code": "database",
        }


def test_the_interface_names_what_may_be_missing(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    told = [
        about["responses"]["503"]["description"]
        for path, methods in paths.items()
        for about in methods.values()
        if path.startswith("/v1/")
    ]
    assert len(told) > 40
    for code in ("database", "model"):
        assert all(code in description for description in told)
