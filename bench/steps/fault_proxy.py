"""Stands between the client and Elasticsearch, and answers some requests with a fault.

The faults are those a crowded or failing cluster gives: 429, 503, and a connection that breaks
before or after the request was carried out.
"""

import http.client
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

REJECTED = b'{"error":{"type":"es_rejected_execution_exception","reason":"made up"},"status":429}'
UNAVAILABLE = b'{"error":{"type":"unavailable_shards_exception","reason":"made up"},"status":503}'
JSON = "application/vnd.elasticsearch+json;compatible-with=9"

FAULTS = ("429", "503", "broken before", "broken after")


class FaultProxy(ThreadingHTTPServer):
    """A proxy on loopback to the server at `url`; `share` of the requests meet a fault."""

    daemon_threads = True

    def __init__(self, url: str, share: float, seed: int) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), parts.port or 9200
        self.share = share
        self.faults: Counter[str] = Counter()
        self.requests = 0
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Exchange)

    @property
    def url(self) -> str:
        """The proxy's own address."""
        return f"http://127.0.0.1:{self.server_port}"

    def next_fault(self) -> str:
        """Return the fault of the next request, '' for most."""
        with self._lock:
            self.requests += 1
            if self._chance.random() >= self.share:
                return ""
            fault = self._chance.choice(FAULTS)
            self.faults[fault] += 1
            return fault

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that break: breaking them is the point."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultProxy

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        fault = self.server.next_fault()
        if fault == "broken before":
            self.close_connection = True
            return
        if fault in ("429", "503"):
            self._answer(int(fault), REJECTED if fault == "429" else UNAVAILABLE, JSON)
            return
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=120)
        try:
            headers = {name: value for name, value in self.headers.items() if name != "Host"}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            answer, kind = response.read(), response.getheader("Content-Type", JSON)
            if fault == "broken after":
                self.close_connection = True
                return
            self._answer(response.status, answer, kind)
        finally:
            connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on  # noqa: N815

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def fault_proxy(url: str, share: float, seed: int = 18) -> Iterator[FaultProxy]:
    """Run a proxy while the block lasts."""
    with FaultProxy(url, share, seed) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()
