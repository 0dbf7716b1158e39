"""A running mock server, and a client that signs by itself."""

import hashlib
import hmac
import http.client
import json
import os
import subprocess
import time
from urllib.parse import urlsplit

TOKEN = "rtc-mock-token-not-for-real-use-0001"
ACCESS_KEY = "RTCMOCKACCESSKEY0001"
SECRET_KEY = "rtc-mock-secret-key-not-for-real-use-001"


class Mock:
    """`rtc-mock-server serve`, stopped by `stop`."""

    def __init__(self, *flags, api="127.0.0.1:0", admin="127.0.0.1:0"):
        program = os.environ["RTC_MOCK_SERVER"]
        listen = ["--listen", api, "--admin-listen", admin]
        command = [program, "--quiet", "--log", "off", *listen, *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = dict(word.split("=", 1) for word in self.process.stdout.readline().split()[1:])
        self.url, self.admin_url = ready["api"], ready["admin"]
        self.token = None

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def restarted(self, *flags):
        """The same addresses, another server."""
        self.stop()
        return Mock(*flags, api=urlsplit(self.url).netloc, admin=urlsplit(self.admin_url).netloc)

    def admin(self, method, path, body=None):
        """A call to the admin API."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return exchange(self.admin_url, method, path, body, headers)

    def call(self, method, path, body=None, **headers):
        """A call to the API with the mock's token: the status and the answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return exchange(self.url, method, path, body, {"X-Auth-Token": TOKEN, **headers})

    def signed(self, method, path, body=None, sent=None, secret_key=SECRET_KEY):
        """A call that is signed for `path` and sent to `sent`; gives the canonical request too."""
        headers, canonical = signature(self.url, method, path, body, secret_key)
        return exchange(self.url, method, sent or path, body, headers)[0], canonical


def exchange(url, method, path, body, headers):
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, path, data, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, text


def signature(url, method, path, body, secret_key):
    """SDK-HMAC-SHA256 of the Host and the date."""
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    data = b"" if body is None else json.dumps(body).encode()
    lines = [method, f"{path}/", "", f"host:{urlsplit(url).netloc}", f"x-sdk-date:{date}", "", "host;x-sdk-date"]
    canonical = "\n".join([*lines, hashlib.sha256(data).hexdigest()])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"SDK-HMAC-SHA256\n{date}\n{digest}"
    mac = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = f"SDK-HMAC-SHA256 Access={ACCESS_KEY}, SignedHeaders=host;x-sdk-date, Signature={mac}"
    return {"X-Sdk-Date": date, "Authorization": authorization}, canonical
