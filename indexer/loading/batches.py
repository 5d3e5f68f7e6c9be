"""Takes batches of products from picture addresses to written documents, several at once.

`workers` threads take a batch each through fetching, decoding and the quick features; products
with pictures that a deferred feature must see wait for it (`indexer.loading.deferred_features`)
while others overtake them; one thread writes (`indexer.loading.writer`). Every queue between them
is bounded, so memory does not grow with the feed.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Self

from core.progress import Progress
from core.retries import RetryPolicy
from features.base import Feature, Json
from features.capabilities import Deferred
from indexer.errors import FeedUnreadable
from indexer.feeds.product import Product
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.rows import Rejection
from indexer.loading.deferred_features import DeferredFeatureWorkers
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.pending_picture import PendingPicture
from indexer.loading.pending_product import PendingProduct
from indexer.loading.picture_pipeline import PicturePipeline
from indexer.loading.report import Tally
from indexer.loading.writer import CompleteProduct, ProductWriter
from indexer.settings import LoadSettings
from mappings.catalogue.products import REGION

REFRESH_FEATURES_S = 2.0
"""How soon a load notices that the index holds another model."""

FEED_SOURCES = frozenset({"catalogue", REGION})
"""Sources of pictures that come and go with the feed's own; a region goes with its picture."""


class BatchPipeline:
    """The threads and processes of one load. A context manager: leaving it finishes their work.

    `stop` ends the load after the batches at work. `failure` is the first error that made going
    on impossible, or None.
    """

    def __init__(
        self,
        dependencies: LoadDependencies,
        settings: LoadSettings,
        retry_policy: RetryPolicy,
        tally: Tally,
        rejections: RejectionFile,
        progress: Progress,
        stop: threading.Event,
    ) -> None:
        self.failure: BaseException | None = None
        self._catalogue = dependencies.catalogue
        self._retry_policy = retry_policy
        self._tally = tally
        self._rejections = rejections
        self._progress = progress
        self._stop = stop
        self._halt = threading.Event()
        self._updated_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._fields: Mapping[str, Feature] = {}
        self._fields_expire_at = 0.0
        self._fields_lock = threading.Lock()
        self._batches = threading.BoundedSemaphore(settings.workers)
        self._pictures = PicturePipeline(dependencies, settings, tally)
        self._writer = ProductWriter(
            dependencies.catalogue,
            retry_policy,
            tally,
            on_rejected=rejections.add,
            on_written=progress.advance,
            on_failure=self.fail,
        )
        self._deferred: DeferredFeatureWorkers | None = None
        if any(isinstance(feature, Deferred) for feature in dependencies.features.values()):
            self._deferred = DeferredFeatureWorkers(
                dependencies.build_deferred, settings.slow_workers, settings.backlog
            )
        self._workers = ThreadPoolExecutor(settings.workers, "batch")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the threads in the order in which work flows, so that none waits for another."""
        self._workers.shutdown(wait=True)
        if self._deferred is not None:
            self._deferred.close(drop=self.is_ending)
        self._writer.close()
        self._pictures.close()

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
        """Take a batch from addresses to complete products, or to the deferred features' queue."""
        fields = self._current_fields()
        ids = [product.id for product in batch]
        with self._tally.stage("stored"):
            stored = self._retry_policy.call(partial(self._catalogue.stored_pictures, ids))
        pictures: dict[str, list[PendingPicture]] = {key: [] for key in ids}
        for picture in self._pictures.fetch(batch, stored):
            pictures[picture.product.id].append(picture)
        self._pictures.extract(
            [picture for group in pictures.values() for picture in group], fields
        )
        for product in batch:
            self._assemble(product, pictures[product.id], stored.get(product.id, {}))

    def _current_fields(self) -> Mapping[str, Feature]:
        """Return the fields to fill, read anew every few seconds.

        A second model may come to the index while a load runs; from then on both are filled.
        """
        with self._fields_lock:
            if time.monotonic() >= self._fields_expire_at:
                self._fields = self._retry_policy.call(self._catalogue.refresh_write_features)
                self._fields_expire_at = time.monotonic() + REFRESH_FEATURES_S
            return self._fields

    def _assemble(
        self, product: Product, pictures: Sequence[PendingPicture], stored: Mapping[str, Json]
    ) -> None:
        waiting = [
            (pending, pending.picture)
            for pending in pictures
            if pending.picture is not None and pending.deferred and pending.rejection is None
        ]
        for pending in pictures:
            # The queue of the deferred features holds the pixels now, and it is bounded.
            pending.picture = None
        own = {pending.image_id for pending in pictures}
        others = [
            document
            for document in stored.values()
            if document.get("source") not in FEED_SOURCES and document["image_id"] not in own
        ]
        pending_product = PendingProduct(
            product, pictures, others, self._updated_at, self._rejections.add, self._finish
        )
        for pending, picture in waiting:
            assert self._deferred is not None
            add = partial(self._add_deferred, pending_product, pending)
            self._deferred.submit(picture, pending.deferred, add)

    def _add_deferred(
        self,
        product: PendingProduct,
        picture: PendingPicture,
        values: Mapping[str, Json] | None,
        reason: str,
    ) -> None:
        try:
            product.add_deferred(picture, values, reason)
        # A worker that died of it would leave those who wait for it waiting.
        except BaseException as error:
            self.fail(error)

    def _finish(self, outcome: CompleteProduct | Rejection) -> None:
        if isinstance(outcome, Rejection):
            self._rejections.add(outcome)
            self._progress.advance(1, 0)
        else:
            self._writer.put(outcome)
