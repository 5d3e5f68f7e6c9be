"""Recognises pictures that only say there is none among those that were just put."""

import threading
from collections.abc import Callable, Iterable

from indexer.loading.placeholders import mark_placeholders
from mappings.catalogue.catalogue import Catalogue

MOST_NOTED = 10_000
"""Files that are looked at in one round; the others are when they are put again."""


class NewPlaceholders:
    """The files of one process's puts that are still to be looked at. Thread-safe."""

    def __init__(self, catalogue: Catalogue, least: int, is_stopped: Callable[[], bool]) -> None:
        """`least` is how many products must share a file, 0 for never."""
        self._catalogue = catalogue
        self._least = least
        self._is_stopped = is_stopped
        self._lock = threading.Lock()
        self._fresh: set[str] = set()
        self._ripe: set[str] = set()

    def note(self, image_ids: Iterable[str]) -> None:
        """Have files looked at in the round after the next."""
        with self._lock:
            if self._least and len(self._fresh) < MOST_NOTED:
                self._fresh.update(image_ids)

    def mark(self) -> int:
        """Take placeholders out of matching; return how many products changed.

        Looks at what was noted before the last round: by then searches find it. Raises
        EngineUnavailable and similar errors; then the next round looks again.
        """
        with self._lock:
            image_ids = sorted(self._ripe)
        changed = 0
        if image_ids:
            changed = mark_placeholders(self._catalogue, self._least, self._is_stopped, image_ids)
        with self._lock:
            self._ripe, self._fresh = self._fresh, set()
        return changed
