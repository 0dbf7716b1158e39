"""Markup in what a client controls is shown as text and never comes to life."""

import socket
from urllib.parse import urlsplit

from playwright.sync_api import expect

from mock import ACCESS_KEY, TOKEN
from test_exchanges import rows

MARKUP = "<img src=x onerror=ran()><script>ran()</script><b>'\"&amp;"
# What ends a line for some and not for others.
LINES = "line\u2028line\u2029line\u0085"
ALIVE = "document.querySelectorAll('img').length - 1 + document.scripts.length - 1 + document.querySelectorAll('b, main a').length"


def raw(mock, text):
    """Sends bytes that an HTTP library would refuse to send."""
    url = urlsplit(mock.url)
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(text.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def test_every_field_of_a_client_is_text(start, opened):
    mock = start()
    page = opened(mock)
    page.add_init_script("window.ran = () => { window.hasRun = true; };")
    page.reload()
    expect(page.locator("#link")).to_have_text("live")
    target = MARKUP.replace(" ", "%20")
    date = "20260101T000000Z"
    headers = {
        "user-agent": MARKUP,
        "x-markup": MARKUP,
        "x-sdk-date": date + MARKUP,
        "x-project-id": MARKUP,
        "content-type": MARKUP,
        "authorization": f"SDK-HMAC-SHA256 Access={MARKUP}, SignedHeaders=host;x-markup, Signature={MARKUP}",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = '{"app_name": "<img src=x onerror=ran()>", "<script>ran()</script>": "<b>"}'
    raw(mock, f"GET /v2/apps/{target}?{target} HTTP/1.1\r\nhost: h\r\n{head}\r\n")
    raw(mock, f"GET /{target}?{target}={target} HTTP/1.1\r\nhost: {MARKUP}\r\nx-auth-token: {TOKEN}\r\n\r\n")
    for key in [MARKUP, ACCESS_KEY]:
        signed = f"SDK-HMAC-SHA256 Access={key}, SignedHeaders=host;x-markup;x-sdk-date, Signature={'0' * 64}"
        raw(mock, f"GET /v2/apps HTTP/1.1\r\nhost: h\r\nx-markup: {MARKUP}\r\nx-sdk-date: {date}\r\nauthorization: {signed}\r\n\r\n")
    for content in [body, "<script>ran()</script>"]:
        raw(mock, f"POST /v2/apps HTTP/1.1\r\nhost: h\r\nx-auth-token: {TOKEN}\r\ncontent-length: {len(content)}\r\n\r\n{content}")
    name = "img src=x onerror=ran"
    raw_body = f'{{"app_name": "{LINES}"}}'.encode()
    mock.call("POST", "/v2/apps", raw_body)
    mock.call("POST", "/v2/apps", {"app_name": MARKUP})
    mock.admin("POST", "/faults", {"kind": "status(503)", "header": f"x-markup:{MARKUP}"})
    raw(mock, f"GET /v2/apps HTTP/1.1\r\nhost: h\r\nx-auth-token: {TOKEN}\r\nx-markup: {MARKUP}\r\n\r\n")
    count = mock.admin("GET", "/requests")[1]["count"]
    assert count >= 6
    expect(rows(page)).to_have_count(count)
    assert len([url for url in page.asked if url.endswith("/events")]) == 2, "one stream before and one after the reload"
    seen = ""
    for place in range(count):
        for view in ["Exchange", "Signature"]:
            rows(page).nth(place).click()
            page.get_by_role("button", name=view, exact=True).click()
            expect(page.locator("#detail-view > *").first).to_be_attached()
            seen += page.locator("#detail").inner_text()
            own = page.get_by_label("Paste what your client computed")
            if view == "Signature" and own.count():
                own.fill(f"GET\n{MARKUP}")
                page.get_by_role("button", name="Compare").click()
                expect(page.locator("#comparison")).to_be_attached()
                seen += page.locator("#compared").inner_text()
    for tab in ["State", "Deliveries", "Faults", "Clock"]:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel", name=tab).get_by_role("heading", level=2)).to_be_visible()
        seen += page.get_by_role("tabpanel", name=tab).inner_text()
    # It was there to be seen, as text.
    assert seen.count("<img src=x onerror=ran()>") >= 8 and name in seen
    assert page.evaluate(ALIVE) == 0
    assert page.evaluate("window.hasRun") is None


def test_the_watch_of_the_policy_sees_what_it_must(opened, mock):
    page = opened(mock)
    page.evaluate("""() => {
      const script = document.createElement('script');
      try { script.text = 'window.hasRun = true'; document.head.append(script); } catch { /* by trusted types */ }
    }""")
    page.wait_for_function("window.violations.length > 0")
    assert page.evaluate("window.hasRun") is None
    page.evaluate("window.violations = []")
