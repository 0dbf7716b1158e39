"""Receives notifications with Python's standard library alone.

    RTC_AUTH_KEY=... python3 tests/peer/receive.py [PORT [STATUS,STATUS,...]]

The first line says where it listens (`ready url=http://127.0.0.1:PORT`; port 0 takes a free one).
Each notification is then one line of JSON. The statuses are answered to verified notifications in
their order, the last one from then on; without them 200. Verified is what the formula of the FAQ
rtc_06_0144 leads to; the age is not looked at, so a sender may have a clock of its own.
"""

import hashlib
import hmac
import http.server
import json
import os
import sys
import threading

MAX_BODY = 64 * 1024
PATIENCE = 10
ACCEPTED = b'{"status":1,"result":"success"}'


def verified(key, headers, body):
    """Whether the signature is that of the raw body."""
    values = [headers.get_all(name) or [] for name in ("X-Rtc-Rand", "X-Rtc-Timestamp", "X-Rtc-Signature")]
    if [len(value) for value in values] != [1, 1, 1]:
        return False
    rand, timestamp, signature = (value[0].encode("latin-1") for value in values)
    expected = hmac.new(key, rand + timestamp + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature)


def judge(key, headers, body):
    """The verdict, and the notification if it can be read."""
    try:
        notification = json.loads(body)
    except ValueError:
        notification = None
    if not isinstance(notification, dict):
        notification = None
    if not any(name in headers for name in ("X-Rtc-Rand", "X-Rtc-Timestamp", "X-Rtc-Signature")):
        return "unsigned", notification
    if not verified(key, headers, body):
        return "refused", notification
    return ("verified" if notification is not None else "unreadable"), notification


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    # Head and body of an answer go out together.
    wbufsize = -1

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            # What follows the head cannot be told apart from a next request.
            self.close_connection = True
            self.answer(413 if length.isdigit() else 411)
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        verdict, notification = judge(self.server.key, self.headers, body)
        with self.server.lock:
            status = {"verified": self.server.next_status, "unreadable": lambda: 400}
            status = status.get(verdict, lambda: 401)()
            print(json.dumps({
                "verdict": verdict,
                "event_type": (notification or {}).get("event_type"),
                "answer": status,
                "path": self.path,
                "content_type": self.headers.get("Content-Type"),
                "timestamp": self.headers.get("X-Rtc-Timestamp"),
                "notification": notification,
            }), flush=True)
        self.answer(status)

    def answer(self, status):
        body = ACCEPTED if status == 200 else b""
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The lines of JSON say it all."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, key, statuses):
        super().__init__(("127.0.0.1", port), Receiver)
        self.key = key
        self.statuses = statuses
        # One at a time, so that lines stand in the order of the answers.
        self.lock = threading.Lock()

    def handle_error(self, request, client_address):
        # A sender that was killed is none of ours.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def next_status(self):
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8480
    statuses = [int(status) for status in sys.argv[2].split(",")] if len(sys.argv) > 2 else [200]
    server = Server(port, os.environ["RTC_AUTH_KEY"].encode(), statuses)
    print("ready url=http://127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
