"""Writes the committed corpus, fuzz/corpus, from the vectors and captures of rtc-signer and the
golden notifications.

    python3 fuzz/corpus.py

Requests are written as they would stand on the wire, with single line feeds; see lib.rs.
"""

import base64
import json
import pathlib
import shutil

FUZZ = pathlib.Path(__file__).parent
VECTORS = FUZZ.parent / "crates/rtc-signer/tests/vectors"
NOTIFICATIONS = FUZZ.parent / "tests/golden/notifications"
# For each target; larger inputs than this teach a fuzzer little.
MOST, LONGEST = 20, 2048


def rows(name):
    return [json.loads(line) for line in (VECTORS / name).read_text("utf-8").splitlines()]


def message(method, target, headers, body):
    head = f"{method} {target} HTTP/1.1\n".encode()
    for name, value in headers:
        head += name.encode() + b": " + value.strip(" \t").encode("latin-1") + b"\n"
    return head + b"\n" + body


def vector_request(row):
    headers = list(row["headers_out"].items()) + [("Authorization", row["authorization"])]
    body = base64.b64decode(row["body_base64"])
    return message(row["method"].upper(), row["uri"], headers, body)


def capture_request(row):
    method, target, _ = row["line"].split(" ")
    return message(method, target, row["headers"], base64.b64decode(row["body"]))


def callback_request(row):
    names = {"X-Rtc-Rand": "rand", "X-Rtc-Timestamp": "timestamp", "X-Rtc-Signature": "signature"}
    headers = [(header, row[name]) for header, name in names.items()]
    return message("POST", "/", headers, row["body"].encode())


def golden(path):
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(b"# source: "))


def write(target, inputs):
    folder = FUZZ / "corpus" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kept = [(name, data) for name, data in inputs if data and len(data) <= LONGEST]
    for name, data in spread(kept):
        (folder / name).write_bytes(data)


def spread(items):
    """At most MOST of them, from all over the list."""
    step = max(1, -(-len(items) // MOST))
    return items[::step]


sdk = rows("signing/python-sdk.SDK-HMAC-SHA256.jsonl")
v11 = rows("signing/python-sdk.V11-HMAC-SHA256.jsonl")
captures = [
    (f"{client}-{number:02}", capture_request(row))
    for client in ("go", "java", "python")
    for number, row in enumerate(rows(f"wire/{client}.jsonl"))
]
odd = {}
for row in sdk + v11:
    odd.setdefault(row["group"], []).append(row)

write("authorization", [
    (row["name"], row["authorization"].encode())
    for row in sdk[:3] + odd["key"] + v11[:3] + odd["scope"]
])
write("canonical_path", [
    (row["name"], row["uri"].split("?")[0].encode()) for row in sdk if row["group"] == "path"
])
write("canonical_query", [
    (row["name"], row["uri"].partition("?")[2].encode()) for row in sdk if row["group"] == "query"
])
write("verify", captures[::2] + [(row["name"], vector_request(row)) for row in sdk[::3]])
write("explain", [
    (row["name"], vector_request(row) + b"\0" + row["canonical_request"].encode())
    for row in sdk[1::9]
] + captures[1::6])
write("callback", [
    (path.stem, golden(path)) for path in sorted(NOTIFICATIONS.glob("*.http"))
] + [
    (row["name"].replace(" ", "-"), callback_request(row)) for row in rows("callback.jsonl")
])
