"""Pages without a browser: who gets which, what they are made of, the slip, the vocabulary, the letters to try with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from corpus.written import written_petitions
from service.app import create_app
from service.demo import LETTERS, REPEATED, demo_letters
from service.pages.vocabulary import spellings
from service.settings import Settings
from service.store.accounts import add_account
from service.store.audit import audited

PASSWORD = "long enough 1"
PAGES = ("/queue", "/letters/1", "/intake", "/matters", "/uploads", "/reports", "/statistics", "/admin/accounts")
PAGE = Path(__file__).parent.parent / "service" / "page"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with one account of each role; nobody is signed in."""
    app = create_app(Settings(data=tmp_path_factory.mktemp("data")))
    with TestClient(app, follow_redirects=False) as client:
        with audited(app.state.store, "test") as work:
            for role in ("clerk", "analyst", "admin"):
                add_account(work, role, role, [role], ["YZ"], PASSWORD)
        yield client


def sign_in(client: TestClient, name: str) -> dict[str, str]:
    """Signs the client in; gives the header that its writes carry."""
    client.cookies.clear()
    answer = client.post("/v1/session", json={"name": name, "password": PASSWORD})
    return {"X-CSRF-Token": answer.json()["csrf"]}


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(client: TestClient, path: str) -> None:
    client.cookies.clear()
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize("path", ["/sign-in", "/setup", "/try"])
def test_pages_for_everybody(client: TestClient, path: str) -> None:
    client.cookies.clear()
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("role", "first", "places"),
    [
        ("clerk", "/queue", ["/queue", "/intake", "/matters", "/uploads", "/reports"]),
        ("analyst", "/statistics", ["/queue", "/matters", "/uploads", "/reports", "/statistics"]),
        ("admin", "/admin/accounts", ["/statistics", "/admin/accounts"]),
    ],
)
def test_each_role_is_led_to_what_it_may_open(client: TestClient, role: str, first: str, places: list[str]) -> None:
    sign_in(client, role)
    assert client.get("/").headers["location"] == first
    head = re.search(r"<nav.*?</nav>", client.get(first).text, re.DOTALL)
    assert head is not None
    assert re.findall(r'href="(.*?)"', head[0]) == places
    assert f'href="{first}" aria-current="page"' in head[0]


def test_nothing_on_the_pages_comes_from_elsewhere_or_stands_inline() -> None:
    for path in [*PAGE.glob("templates/*.html"), *PAGE.glob("static/*")]:
        text = path.read_text("utf-8").replace("http://www.w3.org", "")
        assert not re.search(r"https?://", text), path
        if path.suffix == ".html":
            assert not re.search(r"<script(?! (type=\"module\" )?src=)|\sstyle=|\son\w+=", text), path


def test_a_browser_asks_whether_a_script_is_still_the_same(client: TestClient) -> None:
    first = client.get("/page/letter.js")
    assert first.headers["cache-control"] == "no-cache"
    assert client.get("/page/letter.js", headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_what_can_be_chosen_is_found_by_pinyin_initials_and_code(client: TestClient) -> None:
    sign_in(client, "clerk")
    vocabulary = json.loads(client.get("/vocabulary.json").text)
    sizes = {name: len(entries) for name, entries in vocabulary.items()}
    assert sizes == {"kind": 5, "content": 650, "discipline": 73, "unit": sizes["unit"]}
    town = next(one for one in vocabulary["unit"] if one["code"] == "T03")
    assert {"双桥镇", "shuangqiaozhen", "sqz"} <= set(town["words"])
    assert town["path"] == "云泽县"


@pytest.mark.parametrize(
    ("name", "words"),
    [("惠农补贴", ["惠农补贴", "huinongbutie", "hnbt"]), ("B市A区", ["b市a区", "bshiaqu", "bsaq"])],
)
def test_spellings(name: str, words: list[str]) -> None:
    assert spellings(name) == words


def test_a_slip_says_what_was_decided_and_is_audited(client: TestClient) -> None:
    token = sign_in(client, "clerk")
    body = {"text": "村会计<b>代领</b>了我的补贴。", "petitioner": "赵建国", "id": "2025-7", "reserved": "no"}
    key = client.post("/v1/petitions", json=body, headers=token).json()["petition"]["key"]
    assert "尚未分办" in client.get(f"/letters/{key}/slip").text
    state = {"kind": "accusation", "primary": "B1.5", "discipline": ["B1.5"], "handling_unit": "T03K", "note": "先核实"}
    decided = {"action": "change", "version": 0, **state}
    assert client.post(f"/v1/petitions/{key}/decisions", json=decided, headers=token).status_code == 201
    slip = client.get(f"/letters/{key}/slip").text
    for words in ("检举控告", "B1.5", "双桥镇纪委（T03K）", "先核实", "赵建国", "&lt;b&gt;代领&lt;/b&gt;"):
        assert words in slip
    sign_in(client, "analyst")
    assert "赵建国" not in client.get(f"/letters/{key}/slip").text
    sign_in(client, "admin")
    assert client.get(f"/letters/{key}/slip").status_code == 403
    actions = [entry["action"] for entry in client.get("/v1/audit?limit=50").json()["entries"]]
    assert actions.count("petition.print") == 3


def test_letters_to_try_with_are_neither_learned_from_nor_tested_on() -> None:
    letters = demo_letters()
    assert len({letter.id for letter in letters}) == LETTERS
    others = {one.petition.id for split in ("train", "test") for one in written_petitions(split)}
    assert not others & {letter.id for letter in letters}
    family = [letter.id.rsplit("-", 1)[0] for letter in letters if letter.id.startswith("r")]
    assert len(family) == REPEATED
    assert len(set(family)) == 1


def test_letters_to_try_with_are_added_once(client: TestClient) -> None:
    token = sign_in(client, "admin")
    added = [client.post("/v1/demo", headers=token).json()["added"] for _ in range(2)]
    assert added == [LETTERS, 0]


def test_a_report_is_read_at_once_and_not_kept(client: TestClient) -> None:
    token = sign_in(client, "analyst")
    text = "一、存在问题\n1.村会计张某违规领取低保金3万元，侵占群众补贴。\n"
    answer = client.post("/v1/findings", files={"file": ("反馈.txt", text.encode())}, headers=token)
    report = answer.json()
    assert report["text"] == text
    assert report["findings"]
    for one in report["findings"]:
        assert text[one["start"] : one["end"]] == one["quote"]
    assert not list(client.app.state.settings.uploads.iterdir())
    refused = client.post("/v1/findings", files={"file": ("坏.docx", b"PK no docx")}, headers=token)
    assert (refused.status_code, refused.json()["code"]) == (422, "report")
    assert refused.json()["reason_zh"].startswith("不是能读的 docx")
    assert not list(client.app.state.settings.uploads.iterdir())
