"""The clerk's pages in a real browser, against the real service."""

from __future__ import annotations

import io
import re
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from page_office import Office, api, choose_the_unsure, decide, key_of, open_letter, write
from playwright.sync_api import Page, Route, expect

from corpus.writers import write_rows
from models.categories import KIND_NAMES
from service.demo import LETTERS, demo_letters

pytestmark = pytest.mark.long


def test_a_clerks_day(office: Office, tmp_path: Path) -> None:
    office.start()
    page = office.set_up()
    counts = api(page, "/v1/petitions/counts")
    assert counts["open"] == LETTERS
    expect(page.locator("#list tbody tr")).to_have_count(LETTERS)
    page.click("details.account summary")
    page.click("#sign-out")
    page.wait_for_url("**/sign-in")
    page.goto("/queue")
    page.wait_for_url("**/sign-in?next=*")
    office.sign_in(page, "liming")

    # Ten letters without a mouse, the service killed in between.
    expect(page.locator("#list a").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#decision")).to_be_visible()
    decided = [decide(page) for _ in range(5)]
    office.restart()
    decided += [decide(page) for _ in range(5)]
    assert len(set(decided)) == 10
    assert api(page, "/v1/petitions/counts") | {"urgent": 0} == {"open": 30, "decided": 10, "left_open": 0, "urgent": 0}
    assert [len(api(page, f"/v1/petitions/{key}")["decisions"]) for key in decided] == [1] * 10

    # The last decision is taken back: its letter is open again.
    page.keyboard.press("u")
    page.wait_for_url(f"**/letters/{decided[-1]}")
    assert api(page, f"/v1/petitions/{decided[-1]}")["status"] == "open"

    merge_and_undo(page)
    upload_and_download(page, tmp_path)


def merge_and_undo(page: Page) -> None:
    """A repeat is shown beside its letter, put together with it and taken apart again, all from the keyboard."""
    family = [letter.id for letter in demo_letters() if letter.id.startswith("r")]
    one, *others = (api(page, f"/v1/petitions?q={id}")["petitions"][0]["key"] for id in family)
    wait_for_link(page, one, others[0])
    open_letter(page, one)
    expect(page.locator("#earlier h2")).to_have_text("疑似重复来信")
    expect(page.locator("#earlier .reasons")).to_contain_text("同一信访人")
    page.keyboard.press("m")
    expect(page.locator("#earlier h2")).to_have_text("同一事项的来信")
    matter = api(page, f"/v1/petitions/{one}")["matter"]
    joined = {line["key"] for line in api(page, f"/v1/matters/{matter}")["petitions"]}
    assert len(joined) == 2
    assert one in joined < {one, *others}
    page.goto("/matters")
    page.click(".matter summary")
    expect(page.locator(".matter li")).to_have_count(2)
    open_letter(page, one)
    page.keyboard.press("u")
    expect(page.locator("#notice")).to_have_text("已撤销合并。")
    assert api(page, f"/v1/petitions/{one}")["matter"] is None

    # One that the program did not see is found by its words.
    lonely = next(line for line in api(page, "/v1/petitions")["petitions"] if not line["id"].startswith("r"))
    open_letter(page, lonely["key"])
    page.keyboard.press("m")
    page.keyboard.type(family[0])
    expect(page.locator("#picker li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#earlier .text")).to_be_visible()
    expect(page.locator("#decision [data-id=merge]")).to_contain_text("合并")


def wait_for_link(page: Page, one: int, other: int) -> None:
    """Letters are linked in the background."""
    deadline = time.monotonic() + 60
    while other not in [link["petition"] for link in api(page, f"/v1/petitions/{one}")["links"]]:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def upload_and_download(page: Page, folder: Path) -> None:
    """An Excel file goes in, its result comes out with as many rows."""
    table = folder / "来信.xlsx"
    write_rows(table, ({"标题": letter.title, "内容": letter.text} for letter in demo_letters()))
    page.goto("/uploads")
    page.set_input_files("#file", table)
    page.click("#upload button[type=submit]")
    with page.expect_download(timeout=60_000) as download:
        page.click(".job a.button", timeout=60_000)
    download.value.save_as(folder / "result.xlsx")
    rows = list(openpyxl.load_workbook(folder / "result.xlsx").active.values)
    assert len(rows) == LETTERS + 1
    assert "content_label" in rows[0]


def test_two_clerks_on_one_letter(office: Office) -> None:
    office.start()
    first = office.set_up()
    second = office.second_clerk(first, "wangfang", "王芳")
    key = api(first, "/v1/petitions?status=open")["petitions"][0]["key"]
    open_letter(first, key)
    second.goto(f"/letters/{key}")
    expect(second.locator("#banner")).to_contain_text("李明 正在办理这封信")
    second.keyboard.press("Enter")
    assert api(first, f"/v1/petitions/{key}")["version"] == 0

    # The first clerk's claim ends, the second decides; what the first one sends is refused and shown, not written.
    write(first, "DELETE", f"/v1/petitions/{key}/claim")
    write(second, "POST", f"/v1/petitions/{key}/decisions", action="change", version=0, kind="advice")
    choose_the_unsure(first)
    first.keyboard.press("Enter")
    expect(first.locator("#banner")).to_contain_text("王芳")
    expect(first.locator("#banner")).to_contain_text("你的选择没有写入")
    history = api(first, f"/v1/petitions/{key}")["decisions"]
    assert [one["by"] for one in history] == ["王芳"]

    # Only when the first clerk says so is it changed, on top of what stands.
    first.click("#banner button:has-text('放回我的选择再改')")
    decide(first)
    assert [one["by"] for one in api(first, f"/v1/petitions/{key}")["decisions"]] == ["王芳", "李明"]


def test_nothing_is_lost_on_reload_or_on_a_dropped_line(office: Office) -> None:
    office.start()
    page = office.set_up()
    key = api(page, "/v1/petitions?status=open")["petitions"][0]["key"]
    open_letter(page, key)
    page.click("#group-kind")
    page.keyboard.press("2")
    page.fill("#note", "先电话核实")
    page.reload()
    expect(page.locator("#note")).to_have_value("先电话核实")
    expect(page.locator(".group:has(#group-kind) .option.chosen")).to_contain_text("批评建议")

    # The answer to a decision is lost on its way: it is sent again and stands once.
    lost: list[str] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.request.headers["idempotency-key"])
            route.fetch()
            route.abort("connectionreset")
        else:
            assert route.request.headers["idempotency-key"] == lost[0]
            route.continue_()

    page.route("**/decisions", lose)
    decide(page)
    assert lost
    decisions = api(page, f"/v1/petitions/{key}")["decisions"]
    assert [(one["kind"], one["note"]) for one in decisions] == [("advice", "先电话核实")]


def test_what_is_not_sure_is_never_chosen_beforehand(office: Office) -> None:
    office.start()
    page = office.set_up()
    unsure = next(line for line in api(page, "/v1/petitions?limit=100")["petitions"] if line["content"] is None)
    open_letter(page, unsure["key"])
    group = page.locator(".group:has(#group-content)")
    expect(group).to_have_class(re.compile("undecided"))
    expect(group.locator(".option.chosen")).to_have_count(0)
    expect(group.locator(".score").first).to_contain_text("不确定")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("还没有定内容分类")
    assert api(page, f"/v1/petitions/{unsure['key']}")["version"] == 0

    # Found by the initials of its pinyin.
    page.keyboard.press("s")
    page.keyboard.type("hnbt")
    page.keyboard.press("Enter")
    expect(group.locator(".option.chosen")).to_contain_text("惠农补贴")


def test_letters_are_taken_in_and_decided_without_a_model(office: Office, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    office.running = office.launch("serve", data=office.data, models=tmp_path / "none")
    office.until_live()
    page = office.set_up(demo=False)
    expect(page.locator(".empty")).to_contain_text("待办已清空")
    page.goto("/intake")
    page.fill("#title", "路灯坏了")
    page.fill("#text", "巷子口的路灯从去年入冬就不亮了，孩子晚自习下课摸黑走。")
    page.click("#intake button[type=submit]")
    page.wait_for_url("**/letters/*")
    expect(page.locator(".advice")).to_contain_text("没有建议")
    page.click(".advice button")
    expect(page.locator("#notice")).to_have_text("现在没有可用的模型。")
    key = key_of(page)
    page.keyboard.press("5")
    for typed in ("cxjs", "z0"):
        page.keyboard.press("s")
        page.keyboard.type(typed)
        expect(page.locator("#picker li").first).to_be_visible()
        page.keyboard.press("Enter")
    page.keyboard.press("s")
    page.keyboard.type("qingshizhen")
    expect(page.locator("#picker li").first).to_contain_text("青石镇")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("这一批分办完了")
    letter = api(page, f"/v1/petitions/{key}")
    assert (letter["status"], KIND_NAMES[letter["kind"]], letter["primary"]) == ("decided", "业务范围外", "Z0")


def test_what_article_15_keeps_out_is_told_and_not_stored(office: Office) -> None:
    office.start()
    page = office.set_up(demo=False)
    page.goto("/intake")
    page.fill("#text", "县委书记赵某收受工程老板好处，请上级查处。")
    page.check("input[value=level_above]")
    page.click("#intake button[type=submit]")
    expect(page.locator("#held")).to_contain_text("这封信没有录入")
    assert api(page, "/v1/petitions/counts")["open"] == 0
    assert page.evaluate("JSON.stringify(sessionStorage)").find("赵某") == -1


def test_what_is_not_read_is_told_in_chinese(office: Office) -> None:
    office.start()
    page = office.set_up(demo=False)
    page.goto("/uploads")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("内.zip", "")
    for name, content in (("来信.zip", packed.getvalue()), ("来信.csv", "标题,内容\n甲,\n乙,路灯坏了\n".encode())):
        page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
        page.click("#upload button[type=submit]")
        if name == "来信.zip":
            expect(page.locator("#upload .fault")).to_contain_text("压缩包里还有压缩包")
    page.click(".job summary")
    expect(page.locator(".job details li")).to_have_text("来信.csv：第 2 行：这一行没有正文")
