"""Loads a feed: rows → products → pictures → features → documents, several batches at once.

In the first pass this thread reads rows and collects batches; `indexer.loading.batches` does the
work. Products are written without their deferred features and marked `pending`; a second pass
(`indexer.loading.deferred_pass`) fills those in, so a feed is searchable long before the text in
its pictures has been read. Killed at any moment, running again finishes the job: ids are the
feed's, and pictures already stored are not decoded again.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

from core.errors import IndexMissing
from core.load_status import LoadStatus
from core.progress import Progress
from core.retries import RetryPolicy
from features.registry import Registry
from indexer.errors import RebuildRefused
from indexer.feeds.product import Product
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.rows import Rejection
from indexer.loading.batches import BatchPipeline
from indexer.loading.catch_up import bring_over
from indexer.loading.deferred_pass import DeferredPass
from indexer.loading.dependencies import LoadDependencies, RowSource
from indexer.loading.feed_ids import FeedIds
from indexer.loading.feed_products import FeedProducts
from indexer.loading.meter import LoadMeter
from indexer.loading.product_stores import ProductStore, StoreBeside, StoreInService
from indexer.loading.rebuild_check import RebuildCheck
from indexer.loading.report import LoadReport, Tally
from indexer.settings import LoadSettings
from indexer.writing.recorded_writer import RecordedWriter


class Load:
    """One load of one feed. `stop` ends it after the batches at work.

    `publish` is called with every change of the load's status.
    """

    def __init__(
        self,
        feed: RowSource,
        dependencies: LoadDependencies,
        settings: LoadSettings,
        rejections: RejectionFile,
        progress: Progress,
        stop: threading.Event | None = None,
        publish: Callable[[LoadStatus], None] | None = None,
    ) -> None:
        self._feed = feed
        self._products = FeedProducts(feed, dependencies.catalogue.fields, settings.currency)
        self._dependencies = dependencies
        self._settings = settings
        self._rejections = rejections
        self._features = Registry(dependencies.features.values())
        self._meter = LoadMeter(progress, publish)
        self._stop = stop or threading.Event()
        self._tally = Tally()
        self._say = progress.say
        self._retry_policy = RetryPolicy(settings.patience_s, self._stop, progress.say)

    def run(self, *, rebuild: bool = False) -> LoadReport:
        """Load everything and return what happened.

        With `rebuild`, a new index is filled beside the present one and takes its place at the
        end; an interrupted or failed rebuild leaves the present one in service. Raises
        RebuildRefused where it has less than `settings.rebuild_share` of the products in service,
        or its answers differ by more than `settings.rebuild_agreement` allows, and the
        LookalikeError that made going on impossible, after finishing the batches at work.
        """
        catalogue, retry = self._dependencies.catalogue, self._retry_policy.call
        # The feed says what held when it was opened: a later change of a product is newer.
        arrival = self._dependencies.ledger.next_arrival()
        in_service = retry(self._count_in_service) if rebuild else 0
        is_missing = retry(self._is_index_missing)
        retry(catalogue.begin_rebuild if rebuild else catalogue.prepare)
        if is_missing:
            self._dependencies.ledger.delete_older(arrival)
        # What an earlier, killed load wrote in its last second must be found below.
        retry(catalogue.refresh)
        self._meter.set_total(self._feed.count())
        with self._store(arrival, rebuild=rebuild) as store, closing(FeedIds()) as pending:
            with self._pipeline(pending, store) as pipeline:
                try:
                    self._read(pipeline)
                except BaseException as error:
                    pipeline.fail(error)
            if len(pending) and not pipeline.is_ending:
                # Searchable from now on, while the deferred features are extracted.
                retry(catalogue.refresh)
                self._deferred_pass().run(pending)
            if pipeline.failure is not None and not self._stop.is_set():
                raise pipeline.failure
            if not self._stop.is_set():
                if isinstance(store, StoreBeside):
                    self._check_rebuild(in_service)
                    self._take_over(store, arrival)
                else:
                    retry(catalogue.refresh)
        return self._report()

    def _take_over(self, store: StoreBeside, arrival: int) -> None:
        """Put a rebuilt index in service, with what was changed since the rebuild began."""
        catalogue, ledger = self._dependencies.catalogue, self._dependencies.ledger
        retry, since = self._retry_policy.call, arrival
        # A change over HTTP may have made the first index meanwhile.
        is_first = retry(self._is_index_missing)
        if not is_first:
            since = retry(partial(bring_over, catalogue, ledger, since, self._say))
        # Nobody writes between the last change that is brought over and the switch.
        with ledger.lock_all():
            if not is_first:
                retry(partial(bring_over, catalogue, ledger, since, self._say))
            retry(catalogue.promote)
        store.become_baseline()

    def _is_index_missing(self) -> bool:
        try:
            self._dependencies.catalogue.index_name()
        except IndexMissing:
            return True
        return False

    def _count_in_service(self) -> int:
        try:
            return int(self._dependencies.catalogue.summary()["products"])
        except IndexMissing:
            return 0

    def _check_rebuild(self, in_service: int) -> None:
        loaded, share = self._tally.counts["products"], self._settings.rebuild_share
        if loaded < share * in_service:
            self._refuse_rebuild(
                f"the rebuild has {loaded:,} products, and {in_service:,} are in service: that is "
                f"less than {share:.0%}, so they stay; mend the feed, or repeat the command with "
                "--force"
            )
        if in_service and self._settings.rebuild_agreement:
            self._compare_answers(self._settings.rebuild_agreement)

    def _compare_answers(self, least: float) -> None:
        """Refuse a rebuild that answers otherwise than what is in service; say what agrees."""
        check = RebuildCheck(
            self._dependencies.catalogue, self._features, self._settings.rebuild_sample
        )
        asked = self._dependencies.read_asked_queries()
        found = self._retry_policy.call(partial(check.compare, asked))
        for comparison in found:
            self._say(f"verified: {comparison}")
        failures = [str(one) for one in found if one.share < least]
        failures += self._retry_policy.call(partial(check.lost_values, least))
        own, in_service = self._retry_policy.call(check.retrieve_own)
        if own is not None:
            self._say(f"verified: {own}; in service: {in_service or 'none'}")
            failures += [] if own.is_enough(in_service) else [f"{own}; in service: {in_service}"]
        if failures:
            self._refuse_rebuild(
                f"the rebuild answers otherwise than what is in service, so that stays: "
                f"{'; '.join(failures)}. {least:.0%} are asked for "
                "(LOOKALIKE_LOAD_REBUILD_AGREEMENT); look at these products in the feed, or repeat "
                "the command with --force"
            )

    def _refuse_rebuild(self, why: str) -> None:
        self._retry_policy.call(self._dependencies.catalogue.discard_rebuild)
        raise RebuildRefused(why)

    @contextmanager
    def _store(self, arrival: int, *, rebuild: bool) -> Iterator[ProductStore]:
        catalogue, ledger = self._dependencies.catalogue, self._dependencies.ledger
        if not rebuild:
            writer = RecordedWriter(catalogue, ledger, self._retry_policy)
            writer.finish_pending()
            yield StoreInService(writer, arrival)
            return
        with closing(StoreBeside(catalogue, ledger, self._retry_policy, arrival)) as store:
            yield store

    def _pipeline(self, pending: FeedIds, store: ProductStore) -> BatchPipeline:
        return BatchPipeline(
            self._dependencies,
            self._settings,
            self._retry_policy,
            self._tally,
            self._rejections,
            self._meter,
            self._stop,
            pending,
            store,
        )

    def _deferred_pass(self) -> DeferredPass:
        return DeferredPass(
            self._feed,
            self._dependencies,
            self._settings,
            self._rejections,
            self._meter,
            self._retry_policy,
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
                    self._meter.advance(1, 0)
                    continue
                for cell in product.unreadable:
                    self._rejections.add(cell)
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
            reading=self._products.reading,
        )
