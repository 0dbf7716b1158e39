"""The pictures of the README, written anew when PICTURES names their folder; they are made in any
case, so that what they show is there."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mock import SECRET_KEY, exchange, signature
from test_exchanges import rows

FIXTURE = Path(__file__).parents[1] / "fixtures/reference.json"
APP = "123456789abcdefghijklmno"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_are_made(start, opened, scheme, tmp_path):
    mock = start("--fixture", str(FIXTURE), "--fault", "ListApps=status(503),nth=2,count=1")
    page = opened(mock, color_scheme=scheme, viewport={"width": 1180, "height": 640})
    story(mock)
    expect(page.locator("#list-state")).to_have_text("10 exchanges")
    folder = Path(os.environ.get("PICTURES") or tmp_path)
    rows(page).filter(has_text="ShowRecordCallback").first.click()
    expect(page.get_by_label("Body of the answer")).to_be_visible()
    page.screenshot(path=folder / f"inspector-{scheme}.png")
    rows(page).first.click()
    page.get_by_role("button", name="Signature", exact=True).click()
    expect(page.locator("#detail-view")).to_contain_text("A client with this mistake")
    page.screenshot(path=folder / f"signature-{scheme}.png")
    for name in ["inspector", "signature"]:
        assert (folder / f"{name}-{scheme}.png").stat().st_size < 150_000


def story(mock):
    app = mock.call("POST", "/v2/apps", {"app_name": "lecture-hall"})[1]["app_id"]
    mock.call("GET", f"/v2/apps/{app}")
    mock.call("GET", "/v2/apps")
    mock.call("GET", "/v2/apps")
    mock.call("PUT", f"/v2/apps/{app}/record-callback", {"url": "http://localhost:9000/hook", "auth_key": "0123456789abcdef"})
    mock.signed("GET", f"/v2/apps/{APP}/record-callback")
    mock.call("POST", f"/v2/apps/{app}/record-rules", {"obs_addr": {}})
    mock.call("GET", "/v2/apps/nobody")
    mock.call("DELETE", f"/v2/apps/{app}")
    body = {"app_name": "lecture-hall", "callbacks": []}
    headers, _ = signature(mock.url, "POST", "/v2/apps", body, SECRET_KEY)
    exchange(mock.url, "POST", "/v2/apps", json.dumps(body, separators=(",", ":")).encode(), headers)
