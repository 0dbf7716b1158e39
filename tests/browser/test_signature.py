"""Why a signature was refused."""

import json

from playwright.sync_api import expect

from mock import SECRET_KEY, exchange, signature
from test_exchanges import rows


def signature_of_newest(page):
    rows(page).first.click()
    page.get_by_role("button", name="Signature", exact=True).click()
    return page.locator("#detail-view")


def test_a_wrong_secret_key_is_said_to_be_likely(page, mock):
    assert mock.signed("GET", "/v2/apps", secret_key="another secret key")[0] == 401
    expect(rows(page).first).to_contain_text("refused")
    view = signature_of_newest(page)
    expect(view).to_contain_text("No known mistake leads to this signature")
    expect(view).to_contain_text("check the SK")


def test_a_hypothesis_is_named_in_words(page, mock):
    # The body is signed with spaces, as Python writes JSON, and sent without.
    body = {"app_name": "n", "extra": 1}
    headers, _ = signature(mock.url, "POST", "/v2/apps", body, SECRET_KEY)
    compact = json.dumps(body, separators=(",", ":")).encode()
    assert exchange(mock.url, "POST", "/v2/apps", compact, headers)[0] == 401
    view = signature_of_newest(page)
    expect(view).to_contain_text("A client with this mistake sends this very signature")
    expect(view).to_contain_text("JSON")
    page.get_by_role("button", name="Exchange", exact=True).click()
    expect(page.locator("#detail-view")).to_contain_text("The credentials were refused")


def test_the_clients_own_canonical_request_is_compared_line_by_line(page, mock):
    status, canonical = mock.signed("GET", "/v2/apps/mine", sent="/v2/apps/yours")
    assert status == 401
    view = signature_of_newest(page)
    expect(view.get_by_label("The canonical request of the mock")).to_contain_text("/v2/apps/yours/")
    expect(view.get_by_label("The string to sign of the mock")).to_contain_text("SDK-HMAC-SHA256")
    for text in [canonical, canonical.replace("\n", "|")]:
        view.get_by_label("Paste what your client computed").fill(text)
        view.get_by_role("button", name="Compare").click()
        lines = view.locator("#comparison tbody tr")
        expect(lines).to_have_count(8)
        expect(view.locator("#compared")).to_contain_text("line 2, the path")
        marks = lines.locator(".sign").all_text_contents()
        assert marks == ["=", "≠", "=", "=", "=", "=", "=", "="]
        assert lines.nth(1).locator("mark").all_text_contents() == ["yours", "mine"]
        differs = lines.nth(1).locator("td").all_text_contents()
        assert differs[1:] == ["/v2/apps/yours/", "/v2/apps/mine/"]
    view.get_by_label("Paste what your client computed").fill(canonical.split("\nx-sdk-date")[0])
    view.get_by_role("button", name="Compare").click()
    expect(view.locator("#comparison")).to_contain_text("no such line")


def test_a_right_signature_and_a_token_are_told_apart(page, mock):
    assert mock.signed("GET", "/v2/apps")[0] == 200
    view = signature_of_newest(page)
    expect(view).to_contain_text("The signature is right")
    sent, expected = view.locator(".pairs dd").all_text_contents()[2:]
    assert sent == expected and len(sent) == 64
    mock.call("GET", "/v2/apps")
    expect(rows(page)).to_have_count(2)
    rows(page).first.click()
    expect(view).to_contain_text("it came with a token")
