"""A running service with a browser before it, and what a clerk does on its pages."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

PASSWORD = "一个足够长的口令 12"
LINK = re.compile(r"http://\S+/setup#\S+")


@dataclass
class Office:
    """A running service and a browser; `faults` are errors that its pages met."""

    launch: Callable[..., Any]
    data: Path
    browser: Browser
    faults: list[str]
    running: Any = None

    def start(self, *, port: int = 0, **settings: object) -> None:
        self.running = self.launch("serve", "--worker", port=port, data=self.data, **settings)
        self.running.until_ready()

    def until_live(self) -> None:
        """Waits for a service that has no model and so never is ready."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.running.address}/health/live").status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.running.log.read_text("utf-8"))

    def restart(self) -> None:
        """Killed and started again on the same port."""
        self.running.stop(signal.SIGKILL)
        self.start(port=int(self.running.address.rsplit(":", 1)[1]))

    def page(self, **context: Any) -> Page:
        settings = {"viewport": {"width": 1280, "height": 720}, "locale": "zh-CN", **context}
        page = self.browser.new_context(base_url=self.running.address, **settings).new_page()
        # A loaded machine is slow, not wrong.
        page.set_default_timeout(60_000)
        expect.set_options(timeout=20_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def set_up(self, *, demo: bool = True) -> Page:
        """The first account through the one-time link."""
        page = self.page()
        match = LINK.search(self.running.log.read_text("utf-8"))
        assert match is not None
        page.goto(match[0])
        page.fill("#name", "liming")
        page.fill("#display_name", "李明")
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.set_checked("#demo", demo)
        page.click("button[type=submit]")
        page.wait_for_url("**/queue")
        return page

    def sign_in(self, page: Page, name: str) -> None:
        page.goto("/sign-in")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        expect(page.locator("button[type=submit]")).to_be_enabled()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/(queue|statistics|admin/accounts)$"))

    def second_clerk(self, admin: Page, name: str, display_name: str) -> Page:
        """Another clerk, made in the administration and taken up through a link."""
        admin.goto("/admin/accounts")
        admin.fill("#name", name)
        admin.fill("#display_name", display_name)
        admin.click("#account button[type=submit]")
        link = admin.inner_text("#link .link")
        page = self.page()
        page.goto(link)
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/sign-in")
        self.sign_in(page, name)
        return page


def api(page: Page, path: str) -> Any:
    """What the interface answers to the page's account."""
    answer = page.request.get(path)
    assert answer.ok, answer.text()
    return answer.json()


def write(page: Page, method: str, path: str, **body: Any) -> None:
    """A write of the page's account beside its page."""
    token = page.request.get("/v1/me").json()["csrf"]
    answer = page.request.fetch(path, method=method, data=body, headers={"X-CSRF-Token": token})
    assert answer.ok, answer.text()


def key_of(page: Page) -> int:
    return int(page.url.rsplit("/", 1)[1])


def open_letter(page: Page, key: int) -> None:
    page.goto(f"/letters/{key}")
    expect(page.locator("#decision")).to_be_visible()


def choose_the_unsure(page: Page) -> None:
    """Chooses from the keyboard wherever the program was not sure: the first option, or the first that is found."""
    while page.locator(".group.undecided").count():
        if page.locator(".group.active .option").count():
            page.keyboard.press("1")
        else:
            page.keyboard.press("s")
            expect(page.locator("#picker li").first).to_be_visible()
            page.keyboard.press("Enter")


def decide(page: Page) -> int:
    """Decides the open letter from the keyboard; gives its key."""
    key, address = key_of(page), page.url
    choose_the_unsure(page)
    page.keyboard.press("Enter")
    page.wait_for_function("address => location.href !== address", arg=address)
    return key


def faults_of(page: Page) -> list[tuple[str, str]]:
    """What axe-core holds for serious, and a page that is wider than its screen."""
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*serious, *([("wider than the screen", "")] if wide else [])]
