"""Loads a feed: rows → products → pictures → features → documents, several batches at once.

This thread reads rows and collects batches; `indexer.loading.batches` does the work. A product is
written only when all its signals are there. Killed at any moment, running again finishes the job:
ids are the feed's, and pictures already stored are not decoded again.
"""

import threading
import time

from core.progress import Progress
from core.retries import RetryPolicy
from indexer.feeds.feed import Feed
from indexer.feeds.product import Product
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.rows import Rejection
from indexer.loading.batches import BatchPipeline
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.feed_products import FeedProducts
from indexer.loading.report import LoadReport, Tally
from indexer.settings import LoadSettings


class Load:
    """One load of one feed. `stop` ends it after the batches at work."""

    def __init__(
        self,
        feed: Feed,
        dependencies: LoadDependencies,
        settings: LoadSettings,
        rejections: RejectionFile,
        progress: Progress,
        stop: threading.Event | None = None,
    ) -> None:
        self._feed = feed
        self._products = FeedProducts(feed)
        self._dependencies = dependencies
        self._settings = settings
        self._rejections = rejections
        self._progress = progress
        self._stop = stop or threading.Event()
        self._tally = Tally()
        self._retry_policy = RetryPolicy(settings.patience_s, self._stop, progress.say)

    def run(self, *, rebuild: bool = False) -> LoadReport:
        """Load everything and return what happened.

        With `rebuild`, a new index is filled beside the present one and takes its place at the
        end; an interrupted or failed rebuild leaves the present one in service. Raises the
        LookalikeError that made going on impossible, after finishing the batches at work.
        """
        catalogue, retry = self._dependencies.catalogue, self._retry_policy.call
        retry(catalogue.begin_rebuild if rebuild else catalogue.prepare)
        # What an earlier, killed load wrote in its last second must be found below.
        retry(catalogue.refresh)
        self._progress.set_total(self._feed.count())
        with self._pipeline() as pipeline:
            try:
                self._read(pipeline)
            except BaseException as error:
                pipeline.fail(error)
        if pipeline.failure is not None and not self._stop.is_set():
            raise pipeline.failure
        if not self._stop.is_set():
            retry(catalogue.promote if rebuild else catalogue.refresh)
        return self._report()

    def _pipeline(self) -> BatchPipeline:
        return BatchPipeline(
            self._dependencies,
            self._settings,
            self._retry_policy,
            self._tally,
            self._rejections,
            self._progress,
            self._stop,
        )

    def _read(self, pipeline: BatchPipeline) -> None:
        """Read rows and submit them in batches of about `settings.batch` pictures."""
        batch: list[Product] = []
        try:
            for product in self._products.read():
                if pipeline.is_ending:
                    return
                if isinstance(product, Rejection):
                    self._rejections.add(product)
                    self._progress.advance(1, 0)
                    continue
                batch.append(product)
                if sum(len(item.pictures) for item in batch) >= self._settings.batch:
                    pipeline.submit(batch)
                    batch = []
        finally:
            if batch and not pipeline.is_ending:
                pipeline.submit(batch)

    def _report(self) -> LoadReport:
        counts = self._tally.counts
        return LoadReport(
            products=counts["products"],
            pictures=counts["pictures"],
            reused=counts["reused"],
            rejected=self._rejections.count,
            seconds=time.monotonic() - self._tally.started,
            stages=dict(self._tally.stages),
            unused_columns=self._products.unused_columns,
            rejects=self._rejections.path if self._rejections.count else None,
            interrupted=self._stop.is_set(),
            reading=self._feed.reading,
        )
