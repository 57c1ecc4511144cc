from __future__ import annotations

import threading
import uuid

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.store.decision_state import State, agreement, state_of_suggestion
from service.store.petition_tables import LinkRow

LETTER = "我是双桥镇高峰村村民。去年的种粮补贴被村会计代领了，至今没有给我。"
CHANGED = {"action": "change", "kind": "advice", "primary": "Z0", "handling_unit": "T03", "urgent": True}


@pytest.fixture(scope="module")
def clerk(service) -> TestClient:
    return service.client("clerk", "clerk")


@pytest.fixture(scope="module")
def colleague(service) -> TestClient:
    return service.client("colleague", "clerk")


def add(client: TestClient, **fields: object) -> int:
    answer = client.post("/v1/petitions", json={"text": LETTER, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["petition"]["key"]


def decide(client: TestClient, key: int, version: int, **fields: object):
    return client.post(f"/v1/petitions/{key}/decisions", json={"version": version, **fields})


def test_accepting_takes_what_was_shown(clerk: TestClient) -> None:
    key = add(clerk)
    shown = clerk.get(f"/v1/petitions/{key}").json()["suggestion"]
    answer = decide(clerk, key, 0, action="accept").json()
    assert answer["petition"]["status"] == "decided"
    assert answer["decision"]["primary"] == shown["primary"]
    assert answer["decision"]["discipline"] == [one["label"] for one in shown["discipline"] if one["accepted"]]
    assert answer["decision"]["by"] == "clerk"


def test_every_decision_is_kept_and_undo_is_one_more(clerk: TestClient) -> None:
    key = add(clerk)
    before = clerk.get(f"/v1/petitions/{key}").json()
    decide(clerk, key, 0, action="accept")
    decide(clerk, key, 1, **CHANGED)
    third = decide(clerk, key, 2, action="leave_open").json()
    assert (third["petition"]["status"], third["petition"]["primary"]) == ("left_open", "Z0")
    first_undo = decide(clerk, key, 3, action="undo").json()
    assert (first_undo["petition"]["status"], first_undo["petition"]["urgent"]) == ("decided", True)
    second_undo = decide(clerk, key, 4, action="undo").json()
    assert second_undo["petition"]["primary"] == before["primary"]
    assert second_undo["petition"]["handling_unit"] == before["handling_unit"]
    last = decide(clerk, key, 5, action="undo").json()["petition"]
    fields = ("status", "kind", "content", "primary", "subject_unit", "handling_unit", "urgent")
    assert {name: last[name] for name in fields} == {name: before[name] for name in fields}
    nothing = decide(clerk, key, 6, action="undo")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing_to_undo")
    history = clerk.get(f"/v1/petitions/{key}/decisions").json()["decisions"]
    assert [one["action"] for one in history] == ["accept", "change", "leave_open", "undo", "undo", "undo"]
    assert [one["undoes"] and one["undoes"] - history[0]["key"] for one in history] == [None, None, None, 2, 1, 0]


@settings(suppress_health_check=list(HealthCheck), max_examples=15, deadline=None)
@given(actions=st.lists(st.sampled_from(["accept", "change", "leave_open", "undo"]), max_size=8))
def test_undo_always_brings_back_what_held_before(clerk: TestClient, actions: list[str]) -> None:
    key, version, states = add(clerk), 0, []
    fields = ("status", "kind", "content", "primary", "subject_unit", "handling_unit", "urgent")
    current = {name: clerk.get(f"/v1/petitions/{key}").json()[name] for name in fields}
    for number, action in enumerate(actions):
        body = {**CHANGED, "primary": ["B1.5", "Z0", "A2.1"][number % 3]} if action == "change" else {"action": action}
        answer = decide(clerk, key, version, **body)
        if action == "undo" and not states:
            assert answer.status_code == 422
            continue
        version += 1
        shown = {name: answer.json()["petition"][name] for name in fields}
        if action == "undo":
            current = states.pop()
            assert shown == current
        else:
            states.append(current)
            current = shown


def test_the_second_decision_on_one_version_is_told_who_was_first(clerk: TestClient, colleague: TestClient) -> None:
    key = add(clerk)
    assert decide(clerk, key, 0, action="accept").status_code == 201
    answer = decide(colleague, key, 0, **CHANGED)
    told = answer.json()
    assert (answer.status_code, told["code"], told["by"], told["action"]) == (409, "decided", "clerk", "accept")
    assert told["version"] == 1
    assert clerk.get(f"/v1/petitions/{key}").json()["version"] == 1


def test_of_many_at_once_one_decides(clerk: TestClient, colleague: TestClient) -> None:
    key = add(clerk)
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda c=client: statuses.append(decide(c, key, 0, **CHANGED).status_code))
        for client in (clerk, colleague) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 7


def test_the_second_sees_who_has_the_letter(clerk: TestClient, colleague: TestClient) -> None:
    key = add(clerk)
    assert clerk.put(f"/v1/petitions/{key}/claim").json()["holder"]["display_name"] == "clerk"
    assert clerk.put(f"/v1/petitions/{key}/claim").status_code == 200
    for answer in (colleague.put(f"/v1/petitions/{key}/claim"), decide(colleague, key, 0, action="accept")):
        assert (answer.status_code, answer.json()["code"], answer.json()["holder"]) == (409, "claimed", "clerk")
    assert colleague.get(f"/v1/petitions/{key}").json()["holder"]["display_name"] == "clerk"
    assert colleague.delete(f"/v1/petitions/{key}/claim").json()["holder"] is not None
    assert clerk.delete(f"/v1/petitions/{key}/claim").json()["holder"] is None
    assert colleague.put(f"/v1/petitions/{key}/claim").status_code == 200
    assert decide(colleague, key, 0, action="accept").json()["petition"]["holder"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "nonsense"),
        ("content", "无此类"),
        ("discipline", ["B99.9"]),
        ("primary", "x'; DROP TABLE decisions; --"),
        ("subject_unit", "T99"),
        ("handling_unit", "<script>"),
    ],
)
def test_unknown_labels_are_refused_without_being_repeated(clerk: TestClient, field: str, value: object) -> None:
    answer = decide(clerk, add(clerk), 0, action="change", **{field: value})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_label")
    assert field in answer.json()["title"]
    assert (value if isinstance(value, str) else value[0]) not in answer.text


def test_a_write_with_an_idempotency_key_is_done_once(clerk: TestClient, colleague: TestClient) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"text": f"只收一次 {uuid.uuid4().hex}"}
    answers = [clerk.post("/v1/petitions", json=body, headers=headers) for _ in range(3)]
    assert len({answer.json()["petition"]["key"] for answer in answers}) == 1
    assert [answer.status_code for answer in answers] == [201] * 3
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    other = clerk.post("/v1/petitions", json={"text": "别的"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key")
    assert colleague.post("/v1/petitions", json=body, headers=headers).headers.get("idempotent-replayed") is None


def test_a_failed_write_may_be_sent_again_under_its_key(clerk: TestClient) -> None:
    key, headers = add(clerk), {"Idempotency-Key": uuid.uuid4().hex}
    body = {"action": "undo", "version": 0}
    assert clerk.post(f"/v1/petitions/{key}/decisions", json=body, headers=headers).status_code == 422
    decide(clerk, key, 0, action="accept")
    assert clerk.post(f"/v1/petitions/{key}/decisions", json=body, headers=headers).status_code == 409


def test_agreement_counts_what_stands(service, clerk: TestClient) -> None:
    analyst = service.client("analyst", "analyst")

    def counted() -> tuple[int, int, int]:
        groups = analyst.get("/v1/statistics/agreement?by=clerk").json()["groups"]
        mine = next((one for one in groups if one["group"] == "counted"), None)
        return (mine["decisions"], mine["agreed"]["primary"], mine["suggested"]["primary"]) if mine else (0, 0, 0)

    worker = service.client("counted", "clerk")
    first, second = add(worker), add(worker)
    decide(worker, first, 0, action="accept")
    decide(worker, second, 0, **CHANGED)
    assert counted() == (2, 1, 2)
    decide(worker, second, 1, action="undo")
    assert counted() == (1, 1, 1)
    decide(worker, second, 2, action="leave_open")
    assert counted() == (1, 1, 1)
    for by in ("category", "unit", "version"):
        groups = analyst.get(f"/v1/statistics/agreement?by={by}").json()["groups"]
        assert all(one["agreed"][name] <= one["suggested"][name] for one in groups for name in one["agreed"])


def suggestion(**fields: object) -> dict:
    label = {"name": "", "score": 0.9, "accepted": True, "evidence": []}
    return {
        "kind": {**label, "label": "accusation"},
        "content": [{**label, "label": "农村农业"}],
        "discipline": [{**label, "label": "B1.5"}, {**label, "label": "A3.1", "accepted": False}],
        "primary": "B1.5",
        "subject_unit": None,
        "handling_unit": [{"code": "T03"}],
        "urgent": {"flag": False},
        **fields,
    }


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        (State("accusation", "农村农业/村务管理", ("B1.5",), "B1.5", "T03V01", "T03"), True),
        (State("advice", "农村农业大", ("B1.5", "A3.1"), "A3.1", None, "T04", True), False),
        (State(), False),
    ],
)
def test_agreement_of_single_fields(decided: State, expected: bool) -> None:
    result = agreement(suggestion(), decided)
    assert "subject_unit" not in result
    urgent = result.pop("urgent")
    assert urgent == (not decided.urgent)
    assert set(result.values()) == {expected}
    assert agreement(suggestion(), state_of_suggestion(suggestion())) == dict.fromkeys((*result, "urgent"), True)


def test_matters_are_merged_split_and_undone(clerk: TestClient) -> None:
    keys = [add(clerk) for _ in range(4)]

    def matters() -> list[int | None]:
        return [clerk.get(f"/v1/petitions/{key}").json()["matter"] for key in keys]

    first = clerk.post("/v1/matters/merges", json={"petitions": keys[:2]}).json()
    clerk.post("/v1/matters/merges", json={"petitions": keys[2:]})
    one, two = matters()[0], matters()[2]
    assert matters() == [one, one, two, two]
    both = clerk.post("/v1/matters/merges", json={"petitions": keys[1:3]}).json()
    assert matters() == [one] * 4
    again = clerk.post("/v1/matters/merges", json={"petitions": keys[:2]})
    assert (again.status_code, again.json()["code"]) == (422, "one_matter")
    early = clerk.post("/v1/matters/splits", json={"petitions": keys[:1]}).json()
    assert matters() == [None, one, one, one]
    conflict = clerk.post("/v1/matters/undos", json={"change": first["key"]})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "moved")
    clerk.post("/v1/matters/undos", json={"change": early["key"]})
    clerk.post("/v1/matters/undos", json={"change": both["key"]})
    assert matters() == [one, one, two, two]
    twice = clerk.post("/v1/matters/undos", json={"change": both["key"]})
    assert (twice.status_code, twice.json()["code"]) == (409, "undone")
    listed = clerk.get(f"/v1/matters/{one}").json()["petitions"]
    assert [line["key"] for line in listed] == keys[:2]
    sizes = {line["key"]: line["size"] for line in clerk.get("/v1/matters").json()["matters"]}
    assert (sizes[one], sizes[two]) == (2, 2)
    apart = clerk.post("/v1/matters/splits", json={"petitions": [keys[0], keys[2]]})
    assert (apart.status_code, apart.json()["code"]) == (422, "several_matters")


def test_the_programs_links_are_shown_where_both_petitions_are(service, clerk: TestClient) -> None:
    keys = [add(clerk), add(clerk), add(clerk, confidential=True)]
    other = service.client("without the secret", "clerk")
    with service.store.write() as session:
        for second, score in ((keys[1], 0.8), (keys[2], 0.9)):
            link = LinkRow(first_key=keys[0], second_key=second, relation="repeat", score=score, evidence=["路灯"])
            session.add(link)
    shown = [one["petition"] for one in clerk.get(f"/v1/petitions/{keys[0]}").json()["links"]]
    assert shown == [keys[2], keys[1]]
    assert [one["petition"] for one in clerk.get(f"/v1/petitions/{keys[1]}").json()["links"]] == [keys[0]]
    assert [one["petition"] for one in other.get(f"/v1/petitions/{keys[0]}").json()["links"]] == [keys[1]]


def test_a_merge_of_what_one_does_not_see_can_be_taken_back(service, clerk: TestClient, colleague: TestClient) -> None:
    first, second, secret = add(clerk), add(clerk), add(clerk, confidential=True)
    clerk.post("/v1/matters/merges", json={"petitions": [first, add(clerk)]})
    moves = clerk.post("/v1/matters/merges", json={"petitions": [second, secret]}).json()["moves"]
    before = moves[0]["after"]
    change = colleague.post("/v1/matters/merges", json={"petitions": [first, second]}).json()
    assert [move["petition"] for move in change["moves"]] == [second]
    assert clerk.get(f"/v1/petitions/{secret}").json()["matter"] != before
    assert colleague.post("/v1/matters/undos", json={"change": change["key"]}).status_code == 201
    assert clerk.get(f"/v1/petitions/{secret}").json()["matter"] == before
