"""Records the golden requests from the official Python SDK.

Usage: python tests/golden/record.py

Needs the packages of tests/peer/requirements.txt, in exactly those versions.
A capture server on 127.0.0.1 takes what the SDK puts on the wire; each
request of cases.py is written to <Operation>/request.python-sdk.<case>.http
beside this file, with its header lines in the order and the spelling in which
they came.

Two runs with the same Python packages differ only in the port (Host), the
date (X-Sdk-Date) and the signature (Authorization). The signature is a real
one, so that a verifier whose clock stands at X-Sdk-Date accepts it.
Accept-Encoding comes from the HTTP library below the SDK and follows what is
installed (an installed brotli adds `br`).

Only request.python-sdk.* files are written; replies are never touched.
"""

import importlib.metadata
import os
import socketserver
import sys
import tempfile
import threading
from pathlib import Path

PACKAGES = {"huaweicloudsdkcloudrtc": "3.1.219", "huaweicloudsdkcore": "3.1.219"}
ACCESS_KEY = "AKIDEXAMPLE0001TESTX"
SECRET_KEY = "skEXAMPLEonlyForTests0123456789abcdefABCD"
PROJECT_ID = "0123456789abcdef0123456789abcdef"
REGION = "cn-north-4"
USER_AGENT = "golden"
HERE = Path(__file__).resolve().parent


class Capture(socketserver.ThreadingTCPServer):
    """Keeps every request it gets, byte by byte, and answers with success."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), CaptureHandler)
        self.messages = []

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]


class CaptureHandler(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = []
            while line := self.rfile.readline():
                if line == b"\r\n":
                    break
                head.append(line.removesuffix(b"\r\n").decode("ascii"))
            if not head:
                return
            self.server.messages.append((head, self.rfile.read(content_length(head))))
            self.wfile.write(answer_to(head[0]))


def content_length(head):
    for line in head[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
        if name.lower() == "transfer-encoding":
            raise ValueError("a chunked request cannot be recorded")
    return 0


def answer_to(start_line):
    if start_line.startswith("DELETE "):
        return b"HTTP/1.1 204 No Content\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def set_environment(home, url):
    """The environment of a user of the SDK, and nothing of this machine's."""
    for name in list(os.environ):
        if name.upper().startswith("HUAWEICLOUD_") or name.upper().endswith("_PROXY"):
            del os.environ[name]
    # The SDK keeps an application id in the home directory from its import on.
    os.environ.update(
        HOME=home,
        USERPROFILE=home,
        HUAWEICLOUD_SDK_AK=ACCESS_KEY,
        HUAWEICLOUD_SDK_SK=SECRET_KEY,
        HUAWEICLOUD_SDK_PROJECT_ID=PROJECT_ID,
        HUAWEICLOUD_SDK_REGION_CLOUDRTC_CN_NORTH_4=url,
    )


def make_client():
    from huaweicloudsdkcloudrtc.v2 import CloudRTCClient
    from huaweicloudsdkcloudrtc.v2.region.cloudrtc_region import CloudRTCRegion
    from huaweicloudsdkcore.auth.provider import EnvCredentialProvider
    from huaweicloudsdkcore.http.http_config import HttpConfig

    # A text of our own keeps the machine's facts and the application id out of the header.
    config = HttpConfig(user_agent=USER_AGENT)
    return (
        CloudRTCClient.new_builder()
        .with_http_config(config)
        .with_credentials(EnvCredentialProvider.get_basic_credential_env_provider().get_credentials())
        .with_region(CloudRTCRegion.value_of(REGION))
        .build()
    )


def write(operation, case, head, body):
    if b"\r" in body or b"\n" in body:
        raise ValueError("%s %s: the body has a line end, which the file format cannot hold" % (operation, case))
    source = "# source: official Python SDK, " + ", ".join("%s %s" % pair for pair in PACKAGES.items())
    lines = [source, "# source: recorded by tests/golden/record.py", *head, ""]
    text = "\n".join(lines).encode("utf-8") + b"\n"
    path = HERE / operation / ("request.python-sdk.%s.http" % case)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text + body + b"\n" if body else text)
    print(path.relative_to(HERE))


def main():
    for package, wanted in PACKAGES.items():
        try:
            found = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found = "none"
        if found != wanted:
            sys.exit("%s %s is needed, found %s; see tests/peer/requirements.txt" % (package, wanted, found))
    with tempfile.TemporaryDirectory() as home, Capture() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        set_environment(home, server.url)
        client = make_client()
        # Imported only now: the SDK reads the home directory when it is imported.
        from cases import cases

        for operation, case, method, request in cases():
            server.messages.clear()
            getattr(client, method)(request)
            [(head, body)] = server.messages
            write(operation, case, head, body)
        server.shutdown()


if __name__ == "__main__":
    main()
