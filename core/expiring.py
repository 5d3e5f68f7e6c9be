"""A value that is read again from time to time, without making its callers wait."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class ExpiringValue(Generic[T]):
    """Reads a value on first use, and again once it is `max_age_s` old. Thread-safe.

    One caller reads it again while the others go on with the latest value; they wait only before
    the first. What `read` raises reaches the caller that read, and the next call tries again.
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
        self._entry: tuple[T, float] | None = None

    @property
    def latest(self) -> T | None:
        """The value read last, however old; None where there was none."""
        return self._entry[0] if self._entry else None

    def current(self) -> T:
        """Return the value; raises what `read` raises."""
        entry = self._entry
        if entry is not None and self._is_fresh(entry):
            return entry[0]
        if self._lock.acquire(blocking=entry is None):
            try:
                entry = self._entry
                if entry is None or not self._is_fresh(entry):
                    entry = self._entry = (self._read(), self._clock())
            finally:
                self._lock.release()
        assert entry is not None, "a caller that does not wait has an entry"
        return entry[0]

    def _is_fresh(self, entry: tuple[T, float]) -> bool:
        return self._clock() - entry[1] < self._max_age_s
