"""Counts how far a load is, for whoever watches it and for those it is published to."""

import threading
from collections.abc import Callable

from core.load_status import LoadStatus
from core.progress import Progress


class LoadMeter:
    """Passes counts on to a progress display and to `publish`. Thread-safe."""

    def __init__(
        self, progress: Progress, publish: Callable[[LoadStatus], None] | None = None
    ) -> None:
        self._progress = progress
        self._publish = publish
        self._products = self._total = self._pending = 0
        self._lock = threading.Lock()

    def set_total(self, rows: int) -> None:
        """Set about how many rows the feed has."""
        self._progress.set_total(rows)
        self._change(total=rows)

    def advance(self, rows: int, pictures: int) -> None:
        """Add rows that are done, and how many pictures went in with them."""
        self._progress.advance(rows, pictures)
        self._change(products=rows)

    def add_pending(self, products: int) -> None:
        """Add written products that still lack slow features."""
        self._change(pending=products)

    def begin_second_pass(self, products: int) -> None:
        """Go on to the slow features of so many products."""
        self._progress.say(f"all products are in; {products} get their slow features now")
        self._progress.set_total(products)

    def complete(self) -> None:
        """Count one product whose slow features have been dealt with."""
        self._progress.advance(1)
        self._change(pending=-1)

    def _change(self, products: int = 0, total: int | None = None, pending: int = 0) -> None:
        with self._lock:
            self._products += products
            self._pending += pending
            if total is not None:
                self._total = total
            status = LoadStatus(self._products, self._total, self._pending)
            if self._publish is not None:
                self._publish(status)
