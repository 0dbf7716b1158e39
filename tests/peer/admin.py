"""The mock's admin API: what the service's clients would do."""

import os
import urllib.parse
import urllib.request

VARIABLE = "RTC_MOCK_ADMIN"


def join(app_id, room_id, user_id):
    """Lets a user join a room."""
    parts = tuple(urllib.parse.quote(part, safe="") for part in (app_id, room_id, user_id))
    url = os.environ[VARIABLE].rstrip("/") + "/apps/%s/rooms/%s/users/%s" % parts
    # No proxy of the machine's stands between two programs on one machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, method="PUT"), timeout=10) as answer:
        return answer.status
