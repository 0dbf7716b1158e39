"""Everything by keys alone, and the page for all eyes and windows."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from test_exchanges import rows


def filled(mock):
    mock.call("POST", "/v2/apps", {"app_name": "meeting-room"})
    mock.call("GET", "/v2/apps")
    mock.call("GET", "/v2/apps/nobody")
    mock.signed("GET", "/v2/apps/mine", sent="/v2/apps/yours")


def test_keys_alone_lead_everywhere(page, mock):
    filled(mock)
    expect(rows(page)).to_have_count(4)
    facts = page.locator(".facts-line")
    page.keyboard.press("j")
    expect(facts).to_contain_text("#4")
    page.keyboard.press("j")
    expect(facts).to_contain_text("#3")
    page.keyboard.press("k")
    expect(facts).to_contain_text("#4")
    page.keyboard.press("s")
    expect(page.locator("#detail-view")).to_contain_text("Canonical request")
    page.keyboard.press("e")
    expect(page.locator("#detail-view")).to_contain_text("The credentials were refused")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("createapp")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(facts).to_contain_text("#1")
    expect(page.locator("#list")).to_have_attribute("aria-activedescendant", "x1")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#list")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("5")
    expect(page.get_by_role("tab", name="Clock")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Clock")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tabpanel", name="Faults")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Add a fault")).to_be_focused()
    page.keyboard.type("*=status(429)")
    page.keyboard.press("Enter")
    expect(page.get_by_role("switch")).to_be_checked()
    assert mock.call("GET", "/v2/apps")[0] == 429
    # Nothing is painted anew after that, which would lose a key that is half pressed.
    expect(page.get_by_role("tabpanel", name="Faults")).to_contain_text("struck 1 of 1")
    page.get_by_role("switch").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch")).not_to_be_checked()
    expect(page.get_by_role("switch")).to_be_focused()


def test_a_narrow_window_shows_the_list_or_the_exchange(opened, mock):
    page = opened(mock, viewport={"width": 390, "height": 760})
    filled(mock)
    expect(rows(page)).to_have_count(4)
    width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(width), "nothing hangs over the side"
    rows(page).first.click()
    page.get_by_role("button", name="Signature", exact=True).click()
    expect(page.locator("#detail-view")).to_contain_text("Canonical request")
    expect(page.locator("#list")).to_be_hidden()
    assert page.evaluate(width)
    page.get_by_role("button", name="← List").click()
    expect(page.locator("#list")).to_be_visible()
    for tab in ["State", "Deliveries", "Faults", "Clock"]:
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate(width), tab


def test_a_mock_with_a_token_asks_for_it_once(start, opened):
    mock = start("--admin-token", "hush-hush")
    mock.token = "hush-hush"
    mock.call("GET", "/v2/apps")
    page = opened(mock, live=False)
    dialog = page.get_by_role("dialog", name="The admin API has a token")
    field = dialog.get_by_label("Token")
    field.fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("not the right one")
    field.fill("hush-hush")
    page.keyboard.press("Enter")
    expect(page.locator("#link")).to_have_text("live")
    expect(rows(page)).to_have_count(1)
    mock.call("GET", "/v2/apps")
    expect(rows(page)).to_have_count(2)
    page.reload()
    expect(page.locator("#link")).to_have_text("live")
    expect(rows(page)).to_have_count(2)
    expect(dialog).to_be_hidden()
    assert "hush" not in page.url and page.evaluate("localStorage.length + document.cookie.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened, start, scheme):
    mock = start("--fault", "ShowApp=status(503),nth=3")
    # axe is run in the page, which the page's own policy would not let it.
    page = opened(mock, bypass_csp=True, color_scheme=scheme)
    filled(mock)
    expect(rows(page)).to_have_count(4)
    rows(page).first.click()
    check(page, "exchange")
    page.get_by_role("button", name="Signature", exact=True).click()
    page.get_by_label("Paste what your client computed").fill("GET\n/v2/apps/mine/")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#comparison")).to_be_visible()
    check(page, "signature")
    for tab in ["State", "Deliveries", "Faults", "Clock"]:
        page.get_by_role("tab", name=tab).click()
        check(page, tab)
    page.keyboard.press("?")
    check(page, "help")


def check(page, where):
    violations = Axe().run(page).response["violations"]
    serious = [
        f"{where}: {found['id']}: {found['nodes'][0]['html']} {found['nodes'][0]['failureSummary']}"
        for found in violations
        if found["impact"] in ("serious", "critical")
    ]
    assert serious == []
