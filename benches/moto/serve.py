"""moto as a server, which says where it is as the other servers of the bench do. Signatures are not
verified, as by its default. What is asked of it is `GET /`: the list of buckets, of which there is
one."""

import logging
import threading
import urllib.request

from moto.server import ThreadedMotoServer

# Flask would write a line for each request.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
urllib.request.urlopen(urllib.request.Request(f"{url}/demo-bucket", method="PUT")).read()
print(f"ready api={url}", flush=True)
threading.Event().wait()
