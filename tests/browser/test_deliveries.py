"""The tab Deliveries: notifications that the mock sends to a receiver of ours."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect


class Receiver:
    """Answers every notification with `status`."""

    def __init__(self):
        self.status, self.came = 200, []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append(json.loads(body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def recording(begin, receiver):
    """A page, and its mock with an app that calls back."""
    return begin(receiver.url)


@pytest.fixture
def begin(start, opened, tmp_path):
    """Opens a page on a mock with an app that calls back to a URL; gives both."""

    def run(url):
        mock = start("--clock", "frozen@2024-03-15T08:15:30Z", "--fixture", fixture(tmp_path, url))
        return opened(mock), mock

    return run


def fixture(folder, url):
    events = ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"]
    callback = {"url": url, "auth_key": "0123456789abcdef", "notify_event_subscription": events}
    bucket = {"location": "cn-north-4", "project_id": "p", "bucket": "demo-bucket", "object": "top"}
    rule = {
        "rule_id": "r", "app_id": "a", "obs_addr": bucket, "record_formats": ["HLS"],
        "hls_config": {"record_cycle": 60, "record_prefix": "{app_id}/{record_format}/{file_start_time}"},
    }
    app = {"app_id": "a", "app_name": "n", "callbacks": {"record_callback": callback}}
    path = folder / "fixture.json"
    path.write_text(json.dumps({"projects": [{"apps": [app], "record_rules": [rule]}]}))
    return str(path)


def begin_job(mock):
    job = {
        "room_id": "x", "user_id": "u", "video_type": "CAMERASTREAM", "select_stream_type": "HD",
        "record_param": {"record_rule_id": "r"},
    }
    status, made = mock.call("POST", "/v2/apps/a/individual-stream-jobs", job)
    assert status == 201, made
    return made["job_id"]


def deliveries(page):
    page.get_by_role("tab", name="Deliveries").click()
    return page.get_by_role("tabpanel", name="Deliveries")


def test_the_clock_is_set_forward_and_a_notification_is_delivered(recording, receiver):
    page, mock = recording
    panel = deliveries(page)
    expect(panel).to_contain_text("There are none")
    job = begin_job(mock)
    cards = panel.locator("details")
    expect(cards).to_have_count(1)
    expect(cards.first).to_contain_text("RECORD_NEW_FILE_START")
    expect(cards.first).to_contain_text("delivered")
    page.get_by_role("tab", name="Clock").click()
    page.get_by_role("button", name="+1 min").click()
    panel = deliveries(page)
    expect(cards.filter(has_text="RECORD_FILE_COMPLETE")).to_contain_text("delivered")
    assert [came["event_type"] for came in receiver.came][:2] == ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE"]
    newest = cards.filter(has_text="RECORD_FILE_COMPLETE")
    newest.locator("summary").click()
    for text in ["200", "X-Rtc-Timestamp", "X-Rtc-Signature", job, "2024-03-15 08:16:30"]:
        expect(newest).to_contain_text(text)
    expect(newest.locator("pre")).to_contain_text('"event_type": "RECORD_FILE_COMPLETE"')


def test_a_failed_delivery_is_tried_again_when_asked(recording, receiver):
    page, mock = recording
    receiver.status = 500
    panel = deliveries(page)
    begin_job(mock)
    card = panel.locator("details")
    expect(card).to_contain_text("waiting")
    expect(card).to_contain_text("1 attempt · next 2024-03-15 08:")
    card.locator("summary").click()
    expect(card.locator("tbody tr")).to_contain_text("500")
    panel.get_by_role("button", name="Attempt all now").click()
    expect(card).to_contain_text("2 attempts")
    receiver.status = 200
    panel.get_by_role("button", name="Redeliver now").click()
    expect(card).to_contain_text("3 attempts")
    expect(card).to_contain_text("delivered")
    expect(card.locator("tbody tr").last).to_contain_text("200")


def test_deliveries_wait_while_they_are_paused(recording, receiver):
    page, mock = recording
    panel = deliveries(page)
    panel.get_by_role("button", name="Pause").click()
    expect(panel).to_contain_text("paused")
    begin_job(mock)
    expect(panel.locator("details")).to_contain_text("waiting")
    assert receiver.came == []
    panel.get_by_role("button", name="Resume").click()
    expect(panel.locator("details")).to_contain_text("delivered")
    assert len(receiver.came) == 1


def test_markup_in_a_url_is_text(begin):
    page, mock = begin("http://127.0.0.1:9/<img src=x onerror=ran()>")
    panel = deliveries(page)
    begin_job(mock)
    expect(panel.locator("summary")).to_contain_text("<img src=x onerror=ran()>")
    expect(panel.locator("summary")).to_contain_text("refused")
    assert page.evaluate("document.querySelectorAll('img').length") == 1, "the icon alone"
