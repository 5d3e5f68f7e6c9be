"""Logs of events, such as searches or decisions: each becomes a document in Elasticsearch.

`record` only puts the event into a queue. One thread writes queued events to a spool on disk, a
second ships what is spooled; so a slow or absent Elasticsearch delays neither a request nor the
writing. An event's id is its document's id and shipping only ever creates, so shipping twice
stores once. (Within one backing index: an event shipped on both sides of a rollover of the data
stream, with a crash between, would be there twice.)
"""

import json
import logging
import os
import queue
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.events.delivery import Delivery
from app.events.spool import Spool
from core.errors import Busy, LookalikeError
from features.base import Json

QUEUE_EVENTS = 10_000
SPOOL_BYTES = 256 * 2**20
LINGER_S = 0.2
"""How long the shipper waits for more events, so that a busy worker ships hundreds at once."""

LEFT_OVER_S = 30.0
"""How often an idle worker looks for events that a dead worker left behind."""

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
COMPLAIN_S = 60.0

log = logging.getLogger(__name__)

ShipEvents = Callable[[Sequence[tuple[str, Json]]], Mapping[str, str]]
"""Stores (id, document) pairs; returns id → reason for those that will never be accepted. Raises
LookalikeError when none can be stored now."""


@dataclass
class EventCounts:
    """Counts of the events that this process handled."""

    shipped: int = 0
    refused: int = 0
    dropped: int = 0


class EventLog:
    """Records events from any thread. Starts its threads with the first event, or `start`."""

    def __init__(
        self,
        folder: Path,
        ship: ShipEvents,
        *,
        label: str = "search events",
        limit_bytes: int = SPOOL_BYTES,
    ) -> None:
        """`folder` holds what is not shipped yet; `label` names the events in our own log."""
        self._spool = Spool(folder, limit_bytes)
        self._label = label
        self._ship = ship
        self._renew()
        myself = weakref.ref(self)

        def after_fork() -> None:
            if search_log := myself():
                search_log._after_fork()

        os.register_at_fork(after_in_child=after_fork)

    def _renew(self) -> None:
        self.counts = EventCounts()
        self._queue: queue.Queue[Json | None] = queue.Queue(QUEUE_EVENTS)
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None
        self._shipper: threading.Thread | None = None
        self._written = threading.Event()
        self._closing = threading.Event()
        self._counting = threading.Lock()
        self._complain_after = 0.0

    def _after_fork(self) -> None:
        """Threads do not survive a fork; what was queued is the parent's to write."""
        self._spool.reset_after_fork()
        self._renew()

    def start(self) -> None:
        """Start the threads; events left by dead processes are shipped even without new ones."""
        with self._starting:
            if self._shipper is None and not self._closing.is_set():
                writer = threading.Thread(target=self._write_events, name="events", daemon=True)
                shipper = threading.Thread(
                    target=self._ship_events, args=(writer,), name="event-shipping", daemon=True
                )
                writer.start()
                shipper.start()
                self._writer, self._shipper = writer, shipper

    def record(self, event: Json) -> None:
        """Queue an event, whose `event.id` is unique, and return at once. Never raises."""
        if self._shipper is None:
            self.start()
        if self._closing.is_set():
            self._drop(1, "the log is closed")
            return
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._drop(1, "too many are waiting to be written")

    def write(self, events: Sequence[Json]) -> None:
        """Write events to the disk before returning: from then on they outlive this process.

        Raises Busy when they do not fit beside what is not shipped yet: they may be sent again, as
        one that was written all the same counts once, by its id.
        """
        if self._shipper is None:
            self.start()
        lines = [
            json.dumps(event, ensure_ascii=False, allow_nan=False).encode() for event in events
        ]
        try:
            missed = self._spool.append(lines, all_or_none=True)
        except OSError as error:
            raise Busy(
                f"{self._label} cannot be written: {error.strerror}; send them later"
            ) from error
        if missed:
            raise Busy(f"too many {self._label} wait for Elasticsearch: send them again later")
        self._written.set()

    def waiting_bytes(self) -> int:
        """Return the size of all unshipped events on disk, those of other processes included."""
        return self._spool.waiting_bytes()

    def close(self, patience_s: float = 5.0) -> None:
        """Write all queued events and try once more to ship them; the others stay on disk.

        Afterwards no event is recorded. Safe to call twice.
        """
        until = time.monotonic() + patience_s
        with self._starting:
            self._closing.set()
            threads = [thread for thread in (self._writer, self._shipper) if thread]
        if threads:
            with suppress(queue.Full):  # then the disk is stuck, and so would we be
                self._queue.put(None, timeout=patience_s)
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._spool.seal()

    def _write_events(self) -> None:
        ended = False
        while not ended:
            events = [self._queue.get()]
            while len(events) < QUEUE_EVENTS and not self._queue.empty():
                events.append(self._queue.get_nowait())
            ended = None in events
            self._write([event for event in events if event is not None])
            self._written.set()

    def _write(self, events: Sequence[Json]) -> None:
        lines = []
        for event in events:
            try:
                text = json.dumps(event, ensure_ascii=False, allow_nan=False)
                # A lone surrogate, which JSON input may smuggle in, has no UTF-8 form.
                lines.append(text.encode("utf-8", "replace"))
            except (TypeError, ValueError) as error:
                self._drop(1, f"an event is not valid JSON: {error}")
        try:
            missed = self._spool.append(lines)
        except OSError as error:
            self._drop(len(lines), f"{self._spool.folder} cannot be written: {error.strerror}")
        else:
            if missed:
                self._drop(missed, f"{self._spool.folder} is full")

    def _drop(self, number: int, why: str) -> None:
        with self._counting:
            self.counts.dropped += number
            silent = time.monotonic() < self._complain_after
            if not silent:
                self._complain_after = time.monotonic() + COMPLAIN_S
        if not silent:
            log.error("%s are lost, %d so far: %s", self._label, self.counts.dropped, why)

    def _ship_events(self, writer: threading.Thread) -> None:
        delivery = Delivery(
            self._spool,
            self._receive,
            label=self._label,
            unavailable=LookalikeError,
            first_wait_s=FIRST_WAIT_S,
            longest_wait_s=LONGEST_WAIT_S,
        )
        while True:
            last = self._closing.is_set() and not writer.is_alive()
            self._written.clear()
            wait_s = delivery.attempt()
            if last:
                return
            if wait_s:
                self._closing.wait(wait_s)
            elif self._written.wait(LEFT_OVER_S):
                self._closing.wait(LINGER_S)
            if self._closing.is_set():
                writer.join()

    def _receive(self, lines: Sequence[bytes]) -> None:
        documents: dict[str, Json] = {}
        by_id: dict[str, bytes] = {}
        for line in lines:
            try:
                document = json.loads(line)
                key = document["event"]["id"]
            except (ValueError, KeyError, TypeError):
                self._refuse(line, "it is not an event")
            else:
                documents[key], by_id[key] = document, line
        refused = self._ship(list(documents.items())) if documents else {}
        for key, reason in refused.items():
            self._refuse(by_id[key], reason)
        self.counts.shipped += len(documents) - len(refused)

    def _refuse(self, line: bytes, reason: str) -> None:
        self.counts.refused += 1
        record = {"reason": reason, "line": line.decode("utf-8", "replace")}
        self._spool.refuse(json.dumps(record, ensure_ascii=False).encode())
        log.error("Elasticsearch refuses one of the %s for good: %s", self._label, reason)
