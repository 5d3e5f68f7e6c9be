"""A value of the index's that is read anew from time to time, without holding searches up."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class ExpiringValue(Generic[T]):
    """Reads a value on first use and again once it is `max_age_s` old. Thread-safe.

    One caller reads it anew while the others go on with the one that is known; only where none is
    do they wait. What `read` raises reaches the caller who read, and the next one tries again.
    """

    def __init__(
        self,
        read: Callable[[], T],
        max_age_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._max_age_s = max_age_s
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[T, float] | None = None

    @property
    def latest(self) -> T | None:
        """The value read last, however old; None where there was none."""
        return self._known[0] if self._known else None

    def current(self) -> T:
        """Return the value; raises what `read` does."""
        known = self._known
        if known is not None and self._is_fresh(known):
            return known[0]
        if self._lock.acquire(blocking=known is None):
            try:
                known = self._known
                if known is None or not self._is_fresh(known):
                    known = self._known = (self._read(), self._clock())
            finally:
                self._lock.release()
        assert known is not None, "who may not wait has one"
        return known[0]

    def _is_fresh(self, known: tuple[T, float]) -> bool:
        return self._clock() - known[1] < self._max_age_s
