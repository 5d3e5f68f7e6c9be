"""Takes batches of products from picture addresses to written documents, several at once.

A thread takes each batch to what fetches, decodes and extracts the quick features
(`indexer.loading.batch_processor`: here with `workers` batches at once, or on a cluster); one
thread writes (`indexer.loading.writer`). Pictures that a deferred feature must see are marked
pending, for `indexer.loading.deferred_pass`. Every queue is bounded, so memory does not grow with
the feed.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Self

from core.retries import RetryPolicy
from features.base import Feature
from indexer.errors import FeedUnreadable
from indexer.feeds.product import Product
from indexer.feeds.rejection_file import RejectionFile
from indexer.loading.batch_processor import BatchTask
from indexer.loading.batch_work import LocalProcessor
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.feed_ids import FeedIds
from indexer.loading.meter import LoadMeter
from indexer.loading.picture_pipeline import PicturePipeline
from indexer.loading.product_document import BuiltProduct
from indexer.loading.product_stores import ProductStore
from indexer.loading.report import Tally
from indexer.loading.writer import ProductWriter
from indexer.settings import LoadSettings

REFRESH_FEATURES_S = 2.0
"""How soon a load notices that the index holds another model."""


class BatchPipeline:
    """The threads and processes of one load. A context manager: leaving it finishes their work.

    `stop` ends the load after the batches at work. `pending` gets the ids and lines of products
    whose deferred features are still to come. `failure` is the first error that made going
    on impossible, or None.
    """

    def __init__(
        self,
        dependencies: LoadDependencies,
        settings: LoadSettings,
        retry_policy: RetryPolicy,
        tally: Tally,
        rejections: RejectionFile,
        meter: LoadMeter,
        stop: threading.Event,
        pending: FeedIds,
        store: ProductStore,
    ) -> None:
        self.failure: BaseException | None = None
        self._catalogue = dependencies.catalogue
        self._retry_policy = retry_policy
        self._tally = tally
        self._rejections = rejections
        self._meter = meter
        self._pending = pending
        self._stop = stop
        self._halt = threading.Event()
        self._updated_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._fields: Mapping[str, Feature] = {}
        self._fields_expire_at = 0.0
        self._fields_lock = threading.Lock()
        self._processor = (
            dependencies.build_processor(tally)
            if dependencies.build_processor is not None
            else LocalProcessor(
                PicturePipeline(dependencies, settings, tally, retry_policy.for_another_server()),
                settings.workers,
            )
        )
        self._batches = threading.BoundedSemaphore(self._processor.at_once)
        self._writer = ProductWriter(
            store,
            tally,
            on_rejected=rejections.add,
            on_written=self._count,
            on_failure=self.fail,
        )
        self._workers = ThreadPoolExecutor(self._processor.at_once, "batch")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the threads in the order in which work flows, so that none waits for another."""
        self._workers.shutdown(wait=True)
        self._writer.close()
        self._processor.close()

    @property
    def is_ending(self) -> bool:
        """Whether no more batches are taken."""
        return self._stop.is_set() or self._halt.is_set()

    def fail(self, error: BaseException) -> None:
        """Remember the first error; any but FeedUnreadable halts the batches at work too.

        What came before a feed's damage still goes in.
        """
        self.failure = self.failure or error
        if not isinstance(error, FeedUnreadable):
            self._halt.set()

    def submit(self, batch: Sequence[Product]) -> None:
        """Have a worker take a batch; blocks while all of them are at work."""
        self._batches.acquire()
        self._workers.submit(self._work, batch)

    def _work(self, batch: Sequence[Product]) -> None:
        try:
            if not self._halt.is_set():
                self._process(batch)
        # Nobody reads a worker's result: what stops it must stop the load.
        except BaseException as error:
            self.fail(error)
        finally:
            self._batches.release()

    def _process(self, batch: Sequence[Product]) -> None:
        """Take a batch from addresses to the writer's queue."""
        fields = self._current_fields()
        ids = [product.id for product in batch]
        with self._tally.stage("stored"):
            stored = self._retry_policy.call(partial(self._catalogue.stored_pictures, ids))
        task = BatchTask(batch, stored, self._updated_at)
        for built, rejections in self._processor.process(task, fields):
            for rejection in rejections:
                self._rejections.add(rejection)
            if built is None:
                self._meter.advance(1, 0)
            else:
                self._writer.put(built)

    def _current_fields(self) -> Mapping[str, Feature]:
        """Return the fields to fill, read anew every few seconds.

        A second model may come to the index while a load runs; from then on both are filled.
        """
        with self._fields_lock:
            if time.monotonic() >= self._fields_expire_at:
                self._fields = self._retry_policy.call(self._catalogue.refresh_write_features)
                self._fields_expire_at = time.monotonic() + REFRESH_FEATURES_S
            return self._fields

    def _count(self, products: Sequence[BuiltProduct], refused: int) -> None:
        pending = [product for product in products if product.is_pending]
        for product in pending:
            self._pending.first_line(product.document["id"], product.line)
        pictures = sum(product.pictures for product in products)
        self._meter.advance(len(products) + refused, pictures)
        self._meter.add_pending(len(pending))
