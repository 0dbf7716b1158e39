"""Writes callback.jsonl and room.jsonl with Python's own hmac module; takes nothing of this crate.

The first row of callback.jsonl can be checked by hand:
    printf %s '8f1d2c1704164645{"event_type":"RECORD_NEW_FILE_START","app_id":"a1","room_id":"r1"}' |
        openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
"""

import hashlib
import hmac
import json
import pathlib

FOLDER = pathlib.Path(__file__).parent


def mac(key, content):
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()


def write(name, rows):
    lines = [json.dumps(row) + "\n" for row in rows]
    (FOLDER / name).write_text("".join(lines), encoding="utf-8")


KEY = "0123456789abcdef0123456789abcdef"
DONE = (
    '{"event_type":"RECORD_FILE_COMPLETE","stream_name":"room-7-main","record_format":"HLS",'
    '"file_size":1048576,"app_id":"a1b2c3d4e5f60718293a4b5c","room_id":"room-7"}'
)
callbacks = [
    ("start", KEY, "8f1d2c", "1704164645",
     '{"event_type":"RECORD_NEW_FILE_START","app_id":"a1","room_id":"r1"}'),
    ("complete", KEY, "00112233445566778899aabbccddeeff", "1711000000", DONE),
    ("milliseconds", KEY, "00112233445566778899aabbccddeeff", "1711000000123", DONE),
    ("empty body", KEY, "1", "1704164645", ""),
    ("text beyond ASCII", "schlüssel-mit-umlaut-und-漢字-0123", "5f6e", "1704164645",
     '{"room_id":"教室","detail_message":"naïve \U0001f3a5"}'),
    ("long key", "k" * 200, "a+b/c=", "1704164645", "[]"),
]
write("callback.jsonl", [
    {"name": name, "key": key, "rand": rand, "timestamp": timestamp, "body": body,
     "signature": mac(key, rand + timestamp + body)}
    for name, key, rand, timestamp, body in callbacks
])

rooms = [
    ("short ids", "app-key-16-chars", "a1", "r1", "u1", 1704171845),
    ("usual ids", "0123456789abcdef", "a1b2c3d4e5f60718293a4b5c", "room-7", "user_42", 1704171845),
    ("one letter key", "k", "a", "room 教室", "naïve", 1),
    ("far time", "0123456789abcdef", "a", "b", "c", 253402300799),
]
write("room.jsonl", [
    {"name": name, "key": key, "app_id": app, "room_id": room, "user_id": user, "ctime": ctime,
     "signature": mac(key, f"{app}+{room}+{user}+{ctime}")}
    for name, key, app, room, user, ctime in rooms
])
