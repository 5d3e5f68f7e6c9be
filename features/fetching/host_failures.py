"""Remembers hosts that do not answer: thousands of links to them must not be hours of waiting."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from features.fetching.errors import FetchFailed

FAILURES = 5
"""Failures in a row after which a host is left alone: more than a crowded moment gives."""

PAUSE_S = 60.0


@dataclass
class _Record:
    failures: int = 0
    until: float = 0.0


@dataclass
class HostFailures:
    """Counts each host's failures to answer in a row. Thread-safe."""

    clock: Callable[[], float] = time.monotonic
    _records: dict[str, _Record] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def require_answering(self, host: str) -> None:
        """Raise FetchFailed while a host is left alone."""
        with self._lock:
            record = self._records.get(host)
            if record is not None and self.clock() < record.until:
                raise FetchFailed(
                    f"{host[:100]} has not answered {record.failures} times in a row and is left "
                    f"alone for {PAUSE_S:g} s"
                )

    def add(self, host: str) -> None:
        """Take note that a host did not answer."""
        with self._lock:
            record = self._records.setdefault(host, _Record())
            record.failures += 1
            if record.failures >= FAILURES:
                record.until = self.clock() + PAUSE_S

    def clear(self, host: str) -> None:
        """Take note that a host answered."""
        with self._lock:
            self._records.pop(host, None)
