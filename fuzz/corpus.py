"""Writes the committed corpus, fuzz/corpus, from the vectors and captures of rtc-signer, the golden
messages, and the fixtures and faults of tests and pages.

    python3 fuzz/corpus.py

Requests are written as they would stand on the wire, with single line feeds; see lib.rs.
"""

import base64
import json
import pathlib
import re
import shutil

FUZZ = pathlib.Path(__file__).parent
VECTORS = FUZZ.parent / "crates/rtc-signer/tests/vectors"
GOLDEN = FUZZ.parent / "tests/golden"
NOTIFICATIONS = GOLDEN / "notifications"
# For each target; larger inputs than this teach a fuzzer little.
MOST, LONGEST = 20, 2048
# The target `configuration` looks for it.
SECRET = "fuzz-secret-of-the-table"


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


def golden_requests():
    """Without the headers that reading does not look at."""
    for path in sorted(GOLDEN.glob("*/request.*.http")):
        head, _, body = golden(path).partition(b"\n\n")
        line = head.split(b"\n")[0].decode()
        method, target, _ = line.split(" ")
        headers = [("Content-Type", "application/json")] if body else []
        yield f"{path.parent.name}-{path.stem}", message(method, target, headers, body)


def golden_replies():
    for path in sorted(GOLDEN.glob("*/reply.*.http")):
        name, status = path.parent.name, path.stem.split(".")[1]
        body = golden(path).partition(b"\n\n")[2]
        if name not in ("gateway", "notifications"):
            yield f"{name}-{path.stem}", f"{name} {status}\n".encode() + body


def one_of_each(items):
    """The largest of each operation."""
    best = {}
    for name, data in items:
        operation = name.split("-")[0]
        if len(data) > len(best.get(operation, ("", b""))[1]) and len(data) <= LONGEST:
            best[operation] = (name, data)
    return sorted(best.values())


def paths_and_queries(items):
    targets = [(name, data.split(b" ")[1].partition(b"?")) for name, data in items]
    paths = [(name, path) for name, (path, _, _) in targets]
    return paths, [(name, query) for name, (_, _, query) in targets if query]


def faults():
    """Those that docs/faults.md writes, and two as JSON."""
    page = (FUZZ.parent / "docs/faults.md").read_text("utf-8")
    kinds = re.findall(r"^\| `([a-z-]+[^`]*)`", page, re.M)
    keys = ["count=2", "nth=3", "rate=0.2", "when=after", "method=PUT", "header=x-test:a"]
    for number, kind in enumerate(kind for kind in kinds if "=" not in kind):
        is_notification = re.match("late|twice|reorder|wrong|old", kind)
        target = "Notification" if is_notification else ["*", "CreateApp", "IAM"][number % 3]
        key = keys[number % (3 if is_notification else len(keys))]
        yield f"fault-{number:02}", f"{target}={kind},{key}".encode()
    yield "fault-json", re.search(r"`(\{.*?\})`", page).group(1).encode()
    yield "clock", b"frozen@2024-03-15T08:15:30Z"
    yield "clock-offset", b"offset@2024-03-15T08:15:30.250+08:00"
    yield "throttle", b"10/s"


def configurations():
    """The settings of docs/configuration.md, each with its default, and its list of keys."""
    page = (FUZZ.parent / "docs/configuration.md").read_text("utf-8")
    rows = re.findall(r"^\| `--([a-z-]+)( [^`]*)?` \| `[A-Z_]+` \| (?:`([^`]*)`)? \|", page, re.M)
    lines = []
    for name, argument, default in rows:
        value = default if argument == "" else json.dumps(default or "1")
        lines.append(f"{name} = {value or 'true'}\n".encode())
    for start in range(0, len(lines), 4):
        yield f"settings-{start:02}", b"".join(lines[start:start + 4])
    keys = re.search(r"```toml\n(.*?)```", page, re.S).group(1)
    yield "keys", keys.replace("its secret", SECRET, 1).encode()
    yield "key", f'secret-key = "{SECRET}"\njob-limit = 7\n'.encode()


def answers():
    """Answers of the service for each kind of authentication, and what IAM says before."""
    token = b'201\nx-subject-token: t\n\n{"token":{"expires_at":"2024-01-03T03:04:05.000000Z"}}\0'
    project = b'200\n\n{"projects":[{"id":"p1","name":"cn-north-4"}]}\0'
    busy = b'429\nretry-after: 1\n\n{"error_code":"APIGW.0308","error_msg":"slow down"}\0'
    refused = (
        b'401\ndate: Tue, 02 Jan 2024 03:34:05 GMT\nx-request-id: r1\n\n{"error_msg":"Incorrect IAM'
        b' authentication information: secret-of-the-fuzzer","error_code":"APIGW.0301",'
        b'"request_id":"r1","details":[{"code":"c","message":"m"}]}\0'
    )
    iam = b'401\n\n{"error":{"code":401,"message":"wrong password","title":"Unauthorized"}}\0'
    for number, (name, reply) in enumerate(one_of_each(golden_replies())):
        status, _, body = reply.partition(b" ")[2].partition(b"\n")
        first = [token, project, b""][number % 3]
        answer = status + b"\nx-request-id: r1\n\n" + body
        yield f"answer-{name}", bytes([number % 12]) + first + answer
    for flow, first in enumerate([token, project, b""]):
        yield f"busy-{flow}", bytes([flow]) + busy + first + busy + b"200\n\n{}"
        yield f"refused-{flow}", bytes([flow]) + first + refused + refused
        yield f"iam-{flow}", bytes([flow]) + iam + b"502\n\n<html>\0" * 4


def fixtures():
    for path in sorted((FUZZ.parent / "tests/fixtures").glob("*.json")):
        yield path.stem, json.dumps(json.loads(path.read_text("utf-8"))).encode()


def write(target, inputs, most=MOST):
    folder = FUZZ / "corpus" / target
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kept = [(name, data) for name, data in inputs if data and len(data) <= LONGEST]
    for name, data in spread(kept, most):
        (folder / name).write_bytes(data)


def spread(items, most):
    """At most so many of them, from all over the list."""
    step = max(1, -(-len(items) // most))
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
write("verify", captures[::2] + [(row["name"], vector_request(row)) for row in sdk[::3] + v11[::3]], most=30)
write("explain", [
    (row["name"], vector_request(row) + b"\0" + row["canonical_request"].encode())
    for row in sdk[1::9] + v11[::9]
] + captures[1::6], most=30)
write("callback", [
    (path.stem, golden(path)) for path in sorted(NOTIFICATIONS.glob("*.http"))
] + [
    (row["name"].replace(" ", "-"), callback_request(row)) for row in rows("callback.jsonl")
])
requests = list(golden_requests())
paths, queries = paths_and_queries(requests)
write("request", one_of_each(requests), most=30)
write("reply", one_of_each(golden_replies()), most=30)
write("path", one_of_each(paths), most=30)
write("query", queries)
write("settings", faults(), most=30)
write("raw", [(name, data.replace(b"\n", b"\r\n", 5)) for name, data in captures[::5]])
write("answers", list(answers()), most=30)
write("configuration", list(configurations()))
write("fixture", fixtures())
