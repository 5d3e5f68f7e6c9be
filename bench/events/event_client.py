"""Posts numbered events to a running shop, in batches as a page's are, and times each request."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from threading import Event

from bench.instruments.web_server import LOOPBACK, RunningServer
from features.base import Json
from mappings.events.ubi_documents import event_key

BATCH = 10
"""Events of a request: about as many as a page of results sends at once."""

AT_ONCE = 8
ACTIONS = ("impression", "impression", "impression", "click", "view")


@dataclass
class SentEvents:
    """What was sent: the keys of accepted events, and the ms of each request."""

    keys: set[str] = field(default_factory=set)
    ms: list[float] = field(default_factory=list)
    refused: int = 0


class EventClient:
    """Sends numbered events of one client. Thread-safe."""

    def __init__(self, site: RunningServer, products: Sequence[str], label: str) -> None:
        self._site = site
        self._products = products
        self._label = label
        self._lock = threading.Lock()
        self._local = threading.local()
        self._opened: list[HTTPConnection] = []
        self.sent = SentEvents()

    def send_steadily(
        self, events: int, per_second: float, *, first: int = 0, until: Event | None = None
    ) -> None:
        """Send events at a steady rate; a request's time runs from when it was due.

        They are numbered from `first` on. None is sent once `until` is set.
        """
        ended = until or Event()
        pause = BATCH / per_second
        with ThreadPoolExecutor(AT_ONCE) as threads:
            due = time.monotonic()
            for batch in _batches(events, first):
                if ended.wait(max(0.0, due - time.monotonic())):
                    return
                threads.submit(self._send, batch, due)
                due += pause

    def send_at_once(self, events: int, clients: int) -> float:
        """Send events as fast as they are taken; return how many a second were accepted."""
        before, began = len(self.sent.keys), time.monotonic()
        with ThreadPoolExecutor(clients) as threads:
            list(threads.map(self._send, _batches(events)))
        return (len(self.sent.keys) - before) / (time.monotonic() - began)

    def close(self) -> None:
        """Close all connections."""
        for connection in self._opened:
            connection.close()

    def _send(self, numbers: range, due: float | None = None) -> None:
        began = time.monotonic() if due is None else due
        events = [self._event(number) for number in numbers]
        try:
            status, body = self._post(json.dumps(events).encode())
        except (OSError, HTTPException):
            status, body = 0, {"accepted": 0}
        took = 1000 * (time.monotonic() - began)
        is_taken = status == 202 and body["accepted"] == len(events)
        with self._lock:
            self.sent.ms.append(took)
            if is_taken:
                self.sent.keys |= {event_key(self._label, event["event_id"]) for event in events}
            else:
                self.sent.refused += len(events)

    def _event(self, number: int) -> Json:
        product = self._products[number % len(self._products)]
        return {
            "event_id": str(number),
            "action_name": ACTIONS[number % len(ACTIONS)],
            "timestamp": datetime.now(UTC).isoformat(),
            "application": "bench",
            "client_id": self._label,
            "session_id": f"{self._label}-{number // 30}",
            "event_attributes": {
                "object": {"object_id": product},
                "position": {"ordinal": 1 + number % 24},
            },
        }

    def _post(self, body: bytes) -> tuple[int, Json]:
        """Send a body, again where the server has just ended an idle connection."""
        head = {"Content-Type": "application/json"}
        for is_last in (False, True):
            connection = self._connection()
            try:
                connection.request("POST", "/api/v1/events", body, head)
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())
            except (OSError, HTTPException):
                connection.close()
                if is_last:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _connection(self) -> HTTPConnection:
        """Return this thread's connection, which opens itself again after it was closed."""
        if not hasattr(self._local, "connection"):
            self._local.connection = HTTPConnection(LOOPBACK, self._site.port, timeout=30)
            with self._lock:
                self._opened.append(self._local.connection)
        connection: HTTPConnection = self._local.connection
        return connection


def _batches(events: int, first: int = 0) -> Iterator[range]:
    for start in range(first, first + events, BATCH):
        yield range(start, min(start + BATCH, first + events))
