from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from corpus.errors import DataFileError
from corpus.ranks import load_ranks
from service.app import create_app
from service.intake import is_blind
from service.reserved import accused_rank, held_back, working_day
from service.settings import Settings
from service.store.account_tables import AuditRow
from service.store.petition_tables import HeldBack, PetitionRow

ABOVE = "县长周某收了开发商二十万元，把安置房项目给了他的小舅子。"
PERSONAL = {"petitioner": "欧阳孔方", "phone": "13912345678", "title": "欧阳孔方反映补贴", "id": "p-1"}
LETTER = "我叫欧阳孔方，电话 139-1234-5678，身份证４２０１２３１９８００１０１１２３４。村会计代领了我的补贴。"


@pytest.fixture(scope="module")
def clerk(service) -> TestClient:
    return service.client("clerk", "clerk", units=["YZ"])


@pytest.fixture(scope="module")
def analyst(service) -> TestClient:
    return service.client("analyst", "analyst", units=["YZ"])


def add(client: TestClient, text: str = LETTER, **fields: object) -> int:
    answer = client.post("/v1/petitions", json={"text": text, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["petition"]["key"]


def test_who_handles_reads_all_and_an_analyst_reads_it_masked(clerk: TestClient, analyst: TestClient) -> None:
    key = add(clerk, **PERSONAL)
    full = clerk.get(f"/v1/petitions/{key}").json()
    assert (full["masked"], full["text"], full["petitioner"]) == (False, LETTER, "欧阳孔方")
    answer = analyst.get(f"/v1/petitions/{key}")
    masked = answer.json()
    assert (masked["masked"], masked["petitioner"], masked["phone"], masked["extra"]) == (True, "", "", {})
    assert len(masked["text"]) == len(LETTER)
    for personal in ("欧阳孔方", "13912345678", "1234-5678", "４２０１２３"):
        assert personal not in answer.text
    for one in masked["suggestion"]["discipline"]:
        for span in one["evidence"]:
            assert span["text"] == masked["text"][span["start"] : span["end"]]


def test_lists_are_masked_for_everybody(clerk: TestClient) -> None:
    add(clerk, **PERSONAL)
    assert "欧阳孔方" not in clerk.get("/v1/petitions?limit=200").text


def test_reading_in_full_is_audited_and_reading_masked_is_not(service, clerk: TestClient, analyst: TestClient) -> None:
    key = add(clerk)

    def readings() -> list[str]:
        with service.store.read() as session:
            found = session.scalars(
                select(AuditRow).where(AuditRow.action == "petition.read", AuditRow.object == f"petition:{key}")
            )
            return [row.actor for row in found]

    analyst.get(f"/v1/petitions/{key}")
    assert readings() == []
    clerk.get(f"/v1/petitions/{key}")
    assert readings() == [f"account:{service.accounts['clerk']}"]


def test_filters_and_order(service) -> None:
    clerk = service.client("filtering", "clerk", units=["T07"])
    keys = [add(clerk, f"第{n}封，路灯坏了", received=f"2025-03-0{n + 1}", unit="T07V01") for n in range(5)]
    changed = {"action": "change", "version": 0, "primary": "B1.5", "content": "农村农业/村务管理", "urgent": True}
    clerk.post(f"/v1/petitions/{keys[3]}/decisions", json={**changed, "subject_unit": "T07V02"})
    clerk.post(f"/v1/petitions/{keys[4]}/decisions", json={"action": "leave_open", "version": 0})

    def found(**asked: object) -> list[int]:
        return [line["key"] for line in clerk.get("/v1/petitions", params=asked).json()["petitions"]]

    assert found() == [keys[3], *keys[:3], keys[4]]
    assert found(order="newest") == keys[::-1]
    assert found(status="decided") == [keys[3]]
    assert found(status="left_open") == [keys[4]]
    assert (
        found(category="农村农业") == found(category="B1") == found(category="B1.5") == found(urgent=True) == [keys[3]]
    )
    assert found(category="农村") == []
    assert found(unit="T07V02") == [keys[3]]
    assert found(unit="T05") == []
    assert found(since="2025-03-02", until="2025-03-03") == keys[1:3]
    assert found(q="第2封") == [keys[2]]
    assert found(q="%") == []
    assert clerk.get("/v1/petitions/counts").json() == {"open": 3, "decided": 1, "left_open": 1, "urgent": 0}
    pages, cursor = [], None
    while True:
        page = clerk.get("/v1/petitions", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        pages += [line["key"] for line in page["petitions"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == found()


@pytest.mark.parametrize("cursor", ["x", "AAAA", "中", "MS4yLjM", "-1", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OS4x"])
def test_a_foreign_cursor_is_refused(clerk: TestClient, cursor: str) -> None:
    answer = clerk.get("/v1/petitions", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor")


def test_analysts_do_not_search_texts(analyst: TestClient) -> None:
    assert analyst.get("/v1/petitions?q=139").status_code == 403


def test_art_15_keeps_a_petition_out_entirely(service, clerk: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with service.store.read() as session:
        before = [session.scalar(select(func.count()).select_from(table)) for table in (PetitionRow, AuditRow)]
    for reserved, seen_by in ((None, "program"), ("level_above", "clerk"), ("own_head", "clerk")):
        body = {"text": ABOVE, "reserved": reserved, "petitioner": "欧阳孔方"}
        answer = clerk.post("/v1/petitions", json=body, headers={"Idempotency-Key": f"held {reserved}"})
        assert answer.status_code == 200
        told = answer.json()
        assert (told["stored"], told["seen_by"]) == (False, seen_by)
        assert told["goes_to"]
        assert told["by"] == (None if reserved == "own_head" else working_day(date.today(), 5).isoformat())
        assert "周某" not in answer.text
    with service.store.read() as session:
        after = [session.scalar(select(func.count()).select_from(table)) for table in (PetitionRow, AuditRow)]
        assert session.scalar(select(func.sum(HeldBack.count))) >= 3
    assert after == before
    assert "周某" not in caplog.text
    assert add(clerk, ABOVE, reserved="no") > 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (ABOVE, "level_above"),
        ("县委李书记收了钱", "level_above"),
        ("副县长的小舅子包了工程", "level_above"),
        ("他给县委书记送了二十万", "level_above"),
        ("请县长吃饭花了公款", "level_above"),
        ("市教育局局长乱收费", "level_above"),
        ("县 长 受 贿", "level_above"),
        ("县纪委书记包庇他的亲戚", "own_head"),
        ("云泽县监委主任打招呼", "own_head"),
        ("赵铁柱收了红包", "own_head"),
        ("尊敬的县长：我要反映村支书贪污", None),
        ("感谢县委书记的关心，路修好了", None),
        ("打过县长热线，没人管", None),
        ("我写信给县委李书记，一直没回", None),
        ("多次向县长反映，村里不理", None),
        ("镇纪委书记包庇", None),
        ("市场监管局局长吃请", None),
        ("市生态环境局云泽分局局长不管", None),
        ("村监委主任出门打工", None),
    ],
)
def test_the_accused_rank(text: str, rule: str | None) -> None:
    found = accused_rank(text, load_ranks(), ("赵铁柱",))
    assert (found.name if found else None) == rule


def test_the_written_letters_of_a_county_are_not_held_back() -> None:
    from corpus.written import written_petitions

    rows = written_petitions("train")
    assert not [row.petition.id for row in rows if accused_rank(row.petition.full_text()[0], load_ranks(), ())]


def test_working_days_leave_weekends_out() -> None:
    assert working_day(date(2025, 3, 7), 5) == date(2025, 3, 14)
    assert working_day(date(2025, 3, 8), 1) == date(2025, 3, 10)


def test_the_rule_gives_a_term_to_the_level_above_alone() -> None:
    above, head = (held_back("无", rule, load_ranks(), (), date(2025, 3, 3)) for rule in ("level_above", "own_head"))
    assert above is not None
    assert above.way() == "径送本机关主要负责人，并报送上一级纪检监察机关信访举报部门，2025-03-10 前报送"
    assert head is not None
    assert head.way() == "径送上一级纪检监察机关信访举报部门，立即办理"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "level_above.posts"),
        ("level_above: {posts: ['(']}", "no regular expression"),
        ("own_head: {posts: [a], days: 0}", "own_head.days"),
        ("[1", "cannot be read"),
        ("level_above: {posts: [a], goes_to: 3}", "level_above.goes_to"),
    ],
)
def test_a_wrong_rank_file_tells_its_faults(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "ranks.yaml").write_text(content, "utf-8")
    with pytest.raises(DataFileError, match=fault):
        create_app(Settings(ranks=tmp_path / "ranks.yaml"))


def test_blind_petitions_show_no_suggestion_until_they_are_decided(tmp_path: Path, service_of) -> None:
    with TestClient(create_app(Settings(data=tmp_path, blind_share=1))) as client:
        office = service_of(client)
        clerk, analyst = office.client("c", "clerk"), office.client("a", "analyst")
        made = clerk.post("/v1/petitions", json={"text": "村会计代领了我的种粮补贴，没有给我。"}).json()
        key = made["petition"]["key"]
        assert made["suggestion"] is None
        shown = clerk.get(f"/v1/petitions/{key}").json()
        assert (shown["suggestion"], shown["primary"], shown["blind"]) == (None, None, True)
        accept = clerk.post(f"/v1/petitions/{key}/decisions", json={"action": "accept", "version": 0})
        assert accept.json()["code"] == "nothing_suggested"
        change = {"action": "change", "version": 0, "primary": "B1.5"}
        clerk.post(f"/v1/petitions/{key}/decisions", json=change)
        assert clerk.get(f"/v1/petitions/{key}").json()["suggestion"]["primary"] == "B1.5"
        (group,) = analyst.get("/v1/statistics/agreement?by=clerk").json()["groups"]
        assert (group["blind"], group["agreed"]["primary"]) == (True, 1)


@pytest.mark.parametrize(
    "before", [[{"action": "leave_open"}], [{"action": "change", "primary": "A2.1"}, {"action": "undo"}]]
)
def test_who_has_seen_the_suggestion_no_longer_decides_blindly(
    tmp_path: Path, service_of, before: list[dict[str, str]]
) -> None:
    with TestClient(create_app(Settings(data=tmp_path, blind_share=1, link_repeats=False))) as client:
        office = service_of(client)
        clerk, analyst = office.client("c", "clerk"), office.client("a", "analyst")
        taken = clerk.post("/v1/petitions", json={"text": "村会计代领了我的种粮补贴，没有给我。"}).json()
        path = f"/v1/petitions/{taken['petition']['key']}/decisions"
        for version, one in enumerate([*before, {"action": "change", "primary": "B1.5"}]):
            assert clerk.post(path, json={**one, "version": version}).status_code == 201
        (group,) = analyst.get("/v1/statistics/agreement?by=clerk").json()["groups"]
        assert (group["blind"], group["agreed"]["primary"]) == (False, 1)


def test_the_blind_share_is_kept() -> None:
    blind = sum(is_blind(f"第{number}封信", 0.2) for number in range(5_000))
    assert 900 < blind < 1_100
    assert not is_blind("任何信", 0.0)
    assert is_blind("任何信", 1.0)


def test_exports_are_masked_and_real_names_need_a_reason(service, clerk: TestClient, analyst: TestClient) -> None:
    key = add(clerk, **{**PERSONAL, "title": "=cmd()"})
    secret = add(clerk, "秘密的事", confidential=True)
    for client in (clerk, analyst):
        answer = client.post("/v1/exports", json={"format": "csv"})
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert str(key) in {row["key"] for row in rows}
        assert str(secret) not in {row["key"] for row in rows}
        assert "欧阳孔方" not in answer.text
        assert "13912345678" not in answer.text
    for reason in ("", "  ", "abc"):
        answer = clerk.post("/v1/exports", json={"real_names": True, "reason": reason})
        assert (answer.status_code, answer.json()["code"]) == (422, "reason")
    assert analyst.post("/v1/exports", json={"real_names": True, "reason": "移送核查"}).status_code == 403
    asked = {"real_names": True, "reason": "移送核查", "format": "csv"}
    answer = clerk.post("/v1/exports", params={"q": "村会计代领"}, json=asked)
    assert "欧阳孔方" in answer.text
    assert "'=cmd()" in answer.text
    with service.store.read() as session:
        last = session.scalars(select(AuditRow).where(AuditRow.action == "export").order_by(AuditRow.number)).all()[-1]
    assert (last.detail["reason"], last.detail["real_names"]) == ("移送核查", True)
    lines = clerk.post("/v1/exports", json={"format": "jsonl"}).text.splitlines()
    assert all(json.loads(line)["key"] for line in lines)


def test_a_clerk_takes_in_only_for_units_of_its_own(service) -> None:
    clerk = service.client("of T05", "clerk", units=["T05"])
    for unit in ("T03", "nowhere"):
        answer = clerk.post("/v1/petitions", json={"text": "路灯坏了", "unit": unit})
        assert (answer.status_code, answer.json()["code"]) == (422, "unit")
    made = clerk.post("/v1/petitions", json={"text": "路灯坏了"}).json()
    assert made["petition"]["intake_unit"] == "T05"


def test_a_new_suggestion_stands_beside_the_old_one(clerk: TestClient) -> None:
    key = add(clerk)
    answer = clerk.post(f"/v1/petitions/{key}/suggestions")
    assert answer.status_code == 201
    assert answer.json()["suggestion"]["version"]
