"""A mapping in memory that never grows beyond a number of entries, and forgets old ones."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Holds at most `size` entries, the latest written, for `max_age_s`. Thread-safe."""

    def __init__(
        self, size: int, max_age_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._max_age_s = max_age_s
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[K, tuple[V, float]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the entry of a key; None where there is none, or it is too old."""
        return self.find((key,)).get(key)

    def find(self, keys: Iterable[K]) -> dict[K, V]:
        """Return the entries of these keys that are here and not too old."""
        oldest = self._clock() - self._max_age_s
        with self._lock:
            entries = {key: self._entries[key] for key in keys if key in self._entries}
        return {key: value for key, (value, at) in entries.items() if at >= oldest}

    def entries(self) -> dict[K, V]:
        """Return all entries that are not too old, the oldest first."""
        oldest = self._clock() - self._max_age_s
        with self._lock:
            return {key: value for key, (value, at) in self._entries.items() if at >= oldest}

    def store(self, values: Mapping[K, V]) -> None:
        """Add entries, in place of those of the same keys; the oldest make room."""
        now = self._clock()
        with self._lock:
            for key, value in values.items():
                self._entries[key] = (value, now)
                self._entries.move_to_end(key)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
