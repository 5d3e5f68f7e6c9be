"""Repeat calls that fail while a server is away, with growing waits between them."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.errors import Busy, EngineUnavailable, FeatureServiceUnavailable, IndexBlocked

T = TypeVar("T")

TRANSIENT = (EngineUnavailable, FeatureServiceUnavailable, IndexBlocked, Busy)


@dataclass(frozen=True)
class Backoff:
    """Waits between tries, in seconds: `first_s`, then `factor` times the last, up to `longest_s`.

    Each wait is shortened at random by up to the share `jitter`, so that threads that failed
    together do not come back together.
    """

    first_s: float = 1.0
    factor: float = 2.0
    longest_s: float = 15.0
    jitter: float = 0.25

    def wait_s(self, tries: int) -> float:
        """Return how long to wait after the given number of failed tries, which is at least 1."""
        # Past 64 tries any factor above 1 has reached the longest wait; a float would overflow.
        wait = min(self.first_s * self.factor ** min(tries - 1, 64), self.longest_s)
        return wait * random.uniform(1 - self.jitter, 1)  # noqa: S311


class RetryPolicy:
    """Repeats what a server could not do, until an outage has lasted `limit_s` seconds.

    Threads that share a policy share the outage: `say` gets one line when it begins and one when
    it is over. So each server has a policy of its own (`for_another_server`). `stop` ends the
    waiting at once. `pause` waits for some seconds; it is `stop.wait` unless given.
    """

    def __init__(
        self,
        limit_s: float,
        stop: threading.Event | None = None,
        say: Callable[[str], None] | None = None,
        *,
        backoff: Backoff | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._limit_s = limit_s
        self._stop = stop or threading.Event()
        self._say = say
        self._backoff = backoff or Backoff()
        self._pause = pause or self._stop.wait
        self._outage_began: float | None = None
        self._lock = threading.Lock()

    def for_another_server(self) -> "RetryPolicy":
        """Return a policy of the same limits, which knows nothing of this one's outage."""
        return RetryPolicy(
            self._limit_s, self._stop, self._say, backoff=self._backoff, pause=self._pause
        )

    def call(self, action: Callable[[], T]) -> T:
        """Return what `action`, which must be safe to repeat, returns.

        Raises its last error when the limit is reached or the policy is stopped; errors that
        waiting does not cure are raised at once.
        """
        tries = 0
        waited = 0.0
        while True:
            tries += 1
            try:
                result = action()
            except TRANSIENT as error:
                outage = max(self._outage_s(error), waited)
                if outage >= self._limit_s or self._stop.is_set():
                    raise
                wait = self._backoff.wait_s(tries)
                self._pause(wait)
                waited += wait
            else:
                self._end_outage()
                return result

    def _outage_s(self, error: Exception) -> float:
        """Return how long the outage has lasted, which begins with the first error."""
        now = time.monotonic()
        with self._lock:
            if self._outage_began is None:
                self._outage_began = now
                self._report(f"paused, for at most {self._limit_s / 60:g} min: {error}")
            return now - self._outage_began

    def _end_outage(self) -> None:
        with self._lock:
            if self._outage_began is not None:
                self._report(f"going on after {time.monotonic() - self._outage_began:.0f} s")
                self._outage_began = None

    def _report(self, line: str) -> None:
        if self._say is not None:
            self._say(line)
