"""Waits for an Elasticsearch that is away, instead of failing or trying without pause."""

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import Busy, EngineUnavailable, IndexBlocked

T = TypeVar("T")

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 15.0


class RetryPolicy:
    """Repeats what Elasticsearch could not do, for a while; says so once, and once when it is over.

    Shared by all threads of a load. `stop` ends the waiting at once.
    """

    def __init__(self, seconds: float, stop: threading.Event, say: Callable[[str], None]) -> None:
        self._seconds = seconds
        self._stop = stop
        self._say = say
        self._since: float | None = None
        self._lock = threading.Lock()

    def call(self, action: Callable[[], T]) -> T:
        """Return what `action` returns; raises its last error when patience is used up."""
        wait = FIRST_WAIT_S
        while True:
            try:
                result = action()
            except (EngineUnavailable, IndexBlocked, Busy) as error:
                if self._waited(error) >= self._seconds or self._stop.is_set():
                    raise
                self._stop.wait(wait * random.uniform(0.75, 1.0))  # noqa: S311
                wait = min(wait * 2, LONGEST_WAIT_S)
            else:
                self._over()
                return result

    def _waited(self, error: Exception) -> float:
        now = time.monotonic()
        with self._lock:
            if self._since is None:
                self._since = now
                self._say(f"paused, for at most {self._seconds / 60:g} min: {error}")
            return now - self._since

    def _over(self) -> None:
        with self._lock:
            if self._since is not None:
                self._say(f"going on after {time.monotonic() - self._since:.0f} s")
                self._since = None
