"""The list of exchanges and what one of them shows."""

import re
import subprocess
import time
from pathlib import Path

from playwright.sync_api import expect

COPIED = Path(__file__).parents[2] / "crates/rtc-mock-server/tests/it/copied.rs"


def rows(page):
    return page.locator("#list [role=option]")


def test_an_exchange_appears_as_it_happens(page, mock):
    expect(page.locator("#list-state")).to_contain_text("Nothing has come yet")
    mock.call("GET", "/v2/apps")
    expect(rows(page)).to_have_count(1)
    mock.call("GET", "/v2/apps/nobody")
    expect(rows(page)).to_have_count(2)
    newest = rows(page).first
    for text in ["ShowApp", "404", "token"]:
        expect(newest).to_contain_text(text)
    expect(page.locator("#list-state")).to_have_text("2 exchanges")


def test_an_exchange_shows_what_was_sent_and_answered(page, mock):
    status, answer = mock.call("POST", "/v2/apps", {"app_name": "meeting-room"}, X_Trace="abc")
    assert status == 201
    rows(page).first.click()
    detail = page.locator("#detail")
    expect(detail.get_by_role("heading", level=2)).to_contain_text("POST /v2/apps")
    expect(detail).to_contain_text("CreateApp")
    expect(page.get_by_label("Headers of the request")).to_contain_text("abc")
    expect(page.get_by_label("Body of the request")).to_have_text('{\n  "app_name": "meeting-room"\n}')
    expect(page.get_by_label("Body of the answer")).to_contain_text(answer["app_id"])
    expect(page.get_by_label("Headers of the answer")).to_contain_text("x-request-id")


def test_secrets_are_masked_until_asked_for(page, mock):
    mock.call("GET", "/v2/apps")
    rows(page).first.click()
    headers = page.get_by_label("Headers of the request")
    expect(headers).to_contain_text("***")
    expect(headers).not_to_contain_text("rtc-mock-token")
    page.get_by_role("button", name="Show secrets").click()
    expect(headers).to_contain_text("rtc-mock-token-not-for-real-use-0001")
    page.get_by_role("button", name="Hide secrets").click()
    expect(headers).not_to_contain_text("rtc-mock-token")
    page.get_by_role("button", name="Show secrets").click()
    expect(headers).to_contain_text("rtc-mock-token")
    mock.call("GET", "/v2/apps")
    expect(rows(page)).to_have_count(2)
    rows(page).first.click()
    expect(page.locator(".facts-line")).to_contain_text("#2")
    expect(headers).not_to_contain_text("rtc-mock-token")


def test_the_list_is_filtered_by_words_and_kind(page, mock):
    mock.call("POST", "/v2/apps", {"app_name": "needle-1"})
    mock.call("GET", "/v2/apps")
    mock.call("GET", "/v2/apps/nobody")
    mock.signed("GET", "/v2/apps", secret_key="wrong")
    expect(rows(page)).to_have_count(4)
    search, kind = page.get_by_label("Filter the exchanges"), page.get_by_label("Kind of exchange")
    search.fill("NEEDLE-1 createapp")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#list-state")).to_have_text("1 of 4 exchanges")
    search.fill("")
    for value, count in [("refused", 1), ("errors", 2), ("faults", 0), ("all", 4)]:
        kind.select_option(value)
        expect(rows(page)).to_have_count(count)
    kind.select_option("errors")
    mock.call("GET", "/v2/apps/nobody")
    mock.call("GET", "/v2/apps")
    expect(page.locator("#list-state")).to_have_text("3 of 6 exchanges")


def test_the_journal_is_emptied_here_and_elsewhere(page, mock):
    mock.call("GET", "/v2/apps")
    rows(page).first.click()
    expect(page.locator("#detail")).to_contain_text("ListApps")
    page.get_by_role("button", name="Clear").click()
    expect(rows(page)).to_have_count(0)
    expect(page.locator("#detail")).to_contain_text("Choose an exchange")
    mock.call("GET", "/v2/apps")
    expect(rows(page)).to_have_count(1)
    mock.admin("POST", "/reset")
    expect(rows(page)).to_have_count(0)
    assert mock.admin("GET", "/requests")[1]["count"] == 0


def test_what_is_copied_as_curl_does_the_same_again(page, mock):
    mock.call("POST", "/v2/apps?a=%27&b=[1]", {"app_name": "it's"}, X_Quote="a'b\"c$d")
    rows(page).first.click()
    page.get_by_role("button", name="Show secrets").click()
    expect(page.get_by_label("Headers of the request")).to_contain_text("rtc-mock-token")
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#said")).to_have_text("curl command copied")
    command = page.evaluate("navigator.clipboard.readText()")
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    first, again = mock.admin("GET", "/requests")[1]["requests"]
    for part in ["method", "path", "query", "body"]:
        assert again["request"][part] == first["request"][part], part
    sent, repeated = dict(first["request"]["headers"]), dict(again["request"]["headers"])
    assert repeated["x-quote"] == sent["x-quote"] == "a'b\"c$d"


def test_what_is_copied_as_a_rust_test_is_the_one_that_is_compiled(start, opened):
    mock = start("--clock", "frozen@2024-03-15T08:15:30Z")
    page = opened(mock)
    mock.call("POST", "/v2/apps", {"app_name": "say \"hé\" \\ \u202e", "extra": [1, None]})
    rows(page).first.click()
    page.get_by_role("button", name="Copy as Rust test").click()
    expect(page.locator("#said")).to_have_text("Rust test copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    # What stands in the place of the user's own program is marked.
    lines = COPIED.read_text().splitlines(keepends=True)
    compiled = "".join(line for line in lines if not line.endswith("// the program\n"))
    assert copied in compiled


def test_a_thousand_exchanges_are_shown_without_a_thousand_rows(start, opened, figures):
    mock = start()
    for number in range(1_000):
        mock.call("GET", f"/v2/apps/number-{number}")
    began = time.perf_counter()
    page = opened(mock)
    expect(page.locator("#list-state")).to_have_text("1000 exchanges")
    loaded = time.perf_counter() - began
    assert rows(page).count() < 80, "only what is seen is in the page"
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.locator("#list").focus()
    began = time.perf_counter()
    for _ in range(50):
        page.keyboard.press("j")
    expect(page.locator(".facts-line")).to_contain_text("#951 ·")
    moved = time.perf_counter() - began
    page.keyboard.press("End")
    expect(page.locator(".facts-line")).to_contain_text("#1 ·")
    expect(rows(page).last).to_have_attribute("aria-posinset", "1000")
    expect(rows(page).last).to_be_in_viewport()
    # The longest frame while it scrolls from end to end, and while 200 more come.
    frames = """async () => {
      const list = document.getElementById('list');
      const times = [];
      let last = await new Promise(requestAnimationFrame);
      for (let step = 0; step < 60; step += 1) {
        list.scrollTop = (59 - step) / 59 * list.scrollHeight;
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
      }
      return Math.max(...times);
    }"""
    frame = page.evaluate(frames)
    expect(rows(page).first).to_have_attribute("aria-posinset", "1")
    page.get_by_label("Filter the exchanges").fill("number-77")
    expect(page.locator("#list-state")).to_have_text("11 of 1000 exchanges")
    figures.append(
        f"1,000 exchanges: first paint {paint:.0f} ms, all there after {loaded * 1e3:.0f} ms, "
        f"50 keys {moved * 1e3:.0f} ms, longest frame while scrolling {frame:.0f} ms"
    )


def test_what_is_looked_at_stays_while_more_comes(start, opened):
    mock = start()
    for number in range(100):
        mock.call("GET", f"/v2/apps/number-{number}")
    page = opened(mock)
    page.locator("#list").evaluate("list => { list.scrollTop = 960; }")
    row = page.locator("#x65")
    expect(row).to_be_in_viewport()
    before = row.bounding_box()["y"]
    for _ in range(5):
        mock.call("GET", "/v2/apps")
    expect(page.locator("#list-state")).to_have_text("105 exchanges")
    assert row.bounding_box()["y"] == before


def test_the_page_goes_on_when_the_mock_is_started_again(page, mock, start):
    mock.call("GET", "/v2/apps")
    expect(rows(page)).to_have_count(1)
    mock.stop()
    expect(page.locator("#link")).to_contain_text("gone")
    again = start(api=mock.url.split("//")[1], admin=mock.admin_url.split("//")[1])
    expect(page.locator("#link")).to_have_text("live", timeout=15_000)
    expect(rows(page)).to_have_count(0)
    again.call("GET", "/v2/apps/nobody")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_contain_text(re.compile("ShowApp.*404"))
