"""Writes product documents in one thread, while the others go on."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence

from indexer.feeds.rows import Rejection
from indexer.loading.product_document import BuiltProduct
from indexer.loading.product_stores import ProductStore
from indexer.loading.report import Tally

DOCUMENTS = 32
"""Documents written together; a picture's vectors are about 10 kB."""

LINGER_S = 0.5

log = logging.getLogger(__name__)


class ProductWriter:
    """Writes products that any thread hands it. `put` blocks while too many wait.

    `on_rejected` gets each document that Elasticsearch refuses, `on_written` the products
    written and how many of the batch were refused, `on_failure` the error after which nothing more
    can be written: everything that follows is dropped.
    """

    def __init__(
        self,
        store: ProductStore,
        tally: Tally,
        *,
        on_rejected: Callable[[Rejection], None],
        on_written: Callable[[Sequence[BuiltProduct], int], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._store = store
        self._tally = tally
        self._on_rejected = on_rejected
        self._on_written = on_written
        self._on_failure = on_failure
        self._queue: queue.Queue[BuiltProduct | None] = queue.Queue(DOCUMENTS)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def put(self, product: BuiltProduct) -> None:
        """Queue a document for writing."""
        self._queue.put(product)

    def close(self) -> None:
        """Return once everything queued is written or dropped."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        broken = ended = False
        while not ended:
            batch, ended = self._gather()
            if not batch or broken:
                continue
            try:
                self._write(batch)
            # The thread must go on emptying the queue, or those who fill it would wait for ever.
            except BaseException as error:
                broken = True
                self._on_failure(error)

    def _gather(self) -> tuple[list[BuiltProduct], bool]:
        """Return the queued documents, at most DOCUMENTS, and whether the queue has ended."""
        first = self._queue.get()
        if first is None:
            return [], True
        batch = [first]
        until = time.monotonic() + LINGER_S
        while len(batch) < DOCUMENTS:
            try:
                more = self._queue.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if more is None:
                return batch, True
            batch.append(more)
        return batch, False

    def _write(self, batch: list[BuiltProduct]) -> None:
        with self._tally.stage("write"):
            refused = self._store.write(batch)
        written: list[BuiltProduct] = []
        for product in batch:
            key = product.document["id"]
            if key in refused:
                self._on_rejected(Rejection(product.line, "document", "refused", refused[key], key))
            else:
                written.append(product)
                self._tally.add(products=1, pictures=product.pictures, reused=product.reused)
        self._on_written(written, len(batch) - len(written))
        pictures = sum(product.pictures for product in written)
        log.info(
            "batch written",
            extra={
                "event.action": "index-batch",
                "lookalike.products": len(batch) - len(refused),
                "lookalike.pictures": pictures,
                "lookalike.refused": len(refused),
            },
        )
