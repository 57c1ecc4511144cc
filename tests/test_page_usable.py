"""The pages are usable by everybody: with the keys alone, in the dark, on a small screen, by a reader's voice."""

from __future__ import annotations

from typing import Any

import pytest
from page_office import Office, api, faults_of, open_letter
from playwright.sync_api import expect

pytestmark = pytest.mark.long

PAGES = (
    *("/queue", "/letters/1", "/intake", "/matters", "/uploads", "/reports", "/statistics", "/admin/accounts"),
    *("/admin/models", "/admin/units", "/admin/schemes", "/letters/1/slip", "/try"),
)


def test_every_page_is_usable_by_everybody(office: Office) -> None:
    office.start()
    state = office.set_up().context.storage_state()
    wrong: list[tuple[str, ...]] = []
    contexts: list[dict[str, Any]] = [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "has_touch": True},
    ]
    for context in contexts:
        stranger, page = office.page(**context), office.page(storage_state=state, **context)
        for visitor, paths in ((stranger, ("/sign-in", "/setup#token=none")), (page, PAGES)):
            for path in paths:
                visitor.goto(path)
                visitor.wait_for_load_state("networkidle")
                wrong += [(path, str(context), *fault) for fault in faults_of(visitor)]
        # Keys are heard once the letter is drawn.
        open_letter(page, 1)
        for key in ("s", "?"):
            page.wait_for_load_state("networkidle")
            page.keyboard.press(key)
            expect(page.locator("dialog[open]")).to_be_visible()
            wrong += [(key, str(context), *fault) for fault in faults_of(page)]
            page.keyboard.press("Escape")
    assert not wrong, wrong


CLOSED_AND_PRESSED = """() => {
    const input = document.querySelector("#picker input");
    document.querySelector("#picker").close();
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }));
}"""


def test_a_key_right_after_a_dialog_is_heard_and_the_one_that_closed_it_is_not(office: Office) -> None:
    office.start()
    page = office.set_up()
    open_letter(page, 1)
    page.keyboard.press("s")
    expect(page.locator("#picker li").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#picker")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    assert api(page, "/v1/petitions/1")["version"] == 0
    page.keyboard.press("s")
    expect(page.locator("#picker[open] input")).to_be_focused()
    page.evaluate(CLOSED_AND_PRESSED)
    expect(page.locator("#keys[open]")).to_be_visible()
