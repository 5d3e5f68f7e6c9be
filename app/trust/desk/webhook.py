"""Posts every decision and undo to the operator's server, signed, until it accepts the message.

`send` writes the message to a spool on disk and returns. One thread delivers the messages spooled
by any process, in order. While the server is away it retries with growing waits, also after a
restart. A message may arrive twice, with the same `id`, but is never lost silently: one that can't
be delivered is set aside in the spool's folder.

    X-Lookalike-Timestamp  seconds since 1970 of this attempt
    X-Lookalike-Signature  sha256=HMAC-SHA256(secret, timestamp + "." + body), in hex
"""

import hashlib
import hmac
import http.client
import json
import logging
import ssl
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from app.events.delivery import Delivery
from app.events.spool import Spool
from app.trust.desk.settings import parse_webhook_url
from features.base import Json

SPOOL_BYTES = 64 * 2**20
TIMEOUT_S = 10.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 60.0

IDLE_CHECK_S = 30.0
"""How often an idle process checks for messages that a dead one left behind."""

MAX_AGE_S = 3 * 86_400.0
"""Age from which a message that was never accepted is set aside, so as not to block later ones."""

PERMANENT_FAILURES = frozenset({400, 405, 410, 413, 414, 415, 422, 431})
"""Statuses that a retry would get as well. A wrong key or path is left out: people fix those."""

log = logging.getLogger(__name__)


class NotDelivered(Exception):
    """The server did not accept a message this time."""


class Webhook:
    """Delivers messages to one URL. Starts its thread with the first message, or `start`."""

    def __init__(
        self,
        url: str,
        secret: str,
        folder: Path,
        *,
        first_wait_s: float = FIRST_WAIT_S,
        max_age_s: float = MAX_AGE_S,
    ) -> None:
        self._address = parse_webhook_url(url)
        self._secret = secret.encode()
        self._spool = Spool(folder, SPOOL_BYTES)
        self._delivery = Delivery(
            self._spool,
            self._receive,
            label="webhook messages",
            unavailable=NotDelivered,
            first_wait_s=first_wait_s,
            longest_wait_s=LONGEST_WAIT_S,
        )
        self._max_age_s = max_age_s
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._written = threading.Event()
        self._closing = threading.Event()
        self._done: set[str] = set()

    def start(self) -> None:
        """Start delivering, messages left by dead processes included."""
        with self._starting:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)
                self._thread.start()

    def send(self, message: Json) -> None:
        """Store a message with a unique `id` for delivery. Never raises."""
        line = json.dumps({"kept_at": time.time(), "message": message}).encode()
        try:
            missed = self._spool.append([line])
        except OSError as error:
            log.error("the webhook's %s is lost: %s", message["id"], error.strerror)
        else:
            if missed:
                log.error("the webhook's %s is lost: too many are waiting", message["id"])
        self._written.set()
        self.start()

    def waiting_bytes(self) -> int:
        """Return the size on disk of messages that are not delivered."""
        return self._spool.waiting_bytes()

    def close(self, timeout_s: float = 5.0) -> None:
        """Try once more to deliver; what is left stays on disk for the next process."""
        self._closing.set()
        self._written.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        self._spool.seal()

    def _run(self) -> None:
        while True:
            is_last = self._closing.is_set()
            self._written.clear()
            wait_s = self._delivery.attempt()
            if not wait_s:
                # A segment that was delivered whole is deleted, so its messages do not come again.
                self._done.clear()
            if is_last:
                return
            if wait_s:
                self._closing.wait(wait_s)
            else:
                self._written.wait(IDLE_CHECK_S)

    def _receive(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            try:
                stored = json.loads(line)
                message, age_s = stored["message"], time.time() - stored["kept_at"]
                key = str(message["id"])
            except (ValueError, KeyError, TypeError):
                self._set_aside(line, "it is not a message")
                continue
            if key in self._done:
                continue
            self._deliver(line, json.dumps(message, ensure_ascii=False).encode(), age_s)
            self._done.add(key)

    def _deliver(self, line: bytes, body: bytes, age_s: float) -> None:
        try:
            status = self._post(body)
        except (OSError, http.client.HTTPException) as error:
            reason = f"{self._address.hostname} does not answer ({error})"
            status = 0
        else:
            reason = f"{self._address.hostname} answers {status}"
        if 200 <= status < 300:
            return
        if status not in PERMANENT_FAILURES and age_s < self._max_age_s:
            raise NotDelivered(reason)
        self._set_aside(line, reason)

    def _post(self, body: bytes) -> int:
        """Post once, straight (no proxy) and following no redirect; return the status."""
        address, stamp = self._address, str(int(time.time()))
        host = address.hostname or ""
        connection: http.client.HTTPConnection
        if address.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                host, address.port, timeout=TIMEOUT_S, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, address.port, timeout=TIMEOUT_S)
        signature = hmac.new(self._secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "lookalike",
            "X-Lookalike-Timestamp": stamp,
            "X-Lookalike-Signature": f"sha256={signature}",
        }
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _set_aside(self, line: bytes, reason: str) -> None:
        record = {"reason": reason, "line": line.decode("utf-8", "replace")}
        self._spool.refuse(json.dumps(record, ensure_ascii=False).encode())
        log.error("a webhook message is set aside in %s: %s", self._spool.folder, reason)
