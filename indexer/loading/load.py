"""Loads a feed: rows → products → pictures → features → documents, several batches at once.

What happens where: this thread reads rows; `workers` threads take a batch each through fetching,
decoding and the quick features; products whose pictures may hold text wait for the slow ones
(`indexer.loading.deferred_features`) while the rest overtakes them; one thread writes
(`indexer.loading.writer`). Every queue between them is bounded, so memory does not grow with the
feed, and a product is written only when all its signals are there. Killed at any moment, running
again finishes the job: ids are the feed's, and pictures already stored are not seen again.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from core.progress import Progress
from core.retries import RetryPolicy
from features.base import Deferred, Feature, Json
from features.regions.finders import RegionFinderChain
from indexer.errors import FeedUnreadable
from indexer.feeds.columns import is_known
from indexer.feeds.feed import Feed
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.rows import Rejection, Row
from indexer.fetching.fetcher import Fetcher
from indexer.loading.deferred_features import DeferredFeatureWorkers
from indexer.loading.feed_ids import FeedIds
from indexer.loading.pending_product import PendingProduct
from indexer.loading.pictures import Decoder, PendingPicture, PicturePipeline, ThumbnailStore
from indexer.loading.report import LoadReport, Tally
from indexer.loading.writer import CompleteProduct, ProductWriter
from indexer.settings import LoadSettings
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import REGION

UNUSED_COLUMNS = 50
"""Names of columns we make nothing of, kept for the end of the load."""

ASK_EVERY_S = 2.0
"""How soon a load notices that the index holds another model."""


@dataclass(frozen=True)
class LoadDependencies:
    """What a load works with.

    `slow_features` builds the deferred ones of `features` inside their worker processes, so it
    must be picklable.
    """

    catalogue: Catalogue
    features: Mapping[str, Feature]
    build_deferred: Callable[[], Mapping[str, Feature]]
    fetcher: Fetcher
    decoder: Decoder
    thumbnails: ThumbnailStore
    finders: RegionFinderChain = field(default_factory=RegionFinderChain)


class Load:
    """One load of one feed. `stop` asks it to finish what is in work and end."""

    def __init__(
        self,
        feed: Feed,
        dependencies: LoadDependencies,
        settings: LoadSettings,
        rejects: RejectionFile,
        progress: Progress,
        stop: threading.Event | None = None,
    ) -> None:
        self._feed = feed
        self._tools = dependencies
        self._settings = settings
        self._rejects = rejects
        self._progress = progress
        self._stop = stop or threading.Event()
        self._tally = Tally()
        self._unused: dict[str, None] = {}
        self._failure: BaseException | None = None
        self._halt = threading.Event()
        self._updated_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._patience = RetryPolicy(settings.patience_s, self._stop, progress.say)
        self._batches = threading.BoundedSemaphore(settings.workers)
        self._lock = threading.Lock()
        self._held: Mapping[str, Feature] = {}
        self._ask_at = 0.0

    def run(self, *, rebuild: bool = False) -> LoadReport:
        """Load everything and return what happened.

        With `rebuild`, a new index is filled beside the present one and takes its place at the
        end; an interrupted or failed rebuild leaves the present one in service. Raises the
        LookalikeError that made going on impossible, after finishing what was in work.
        """
        catalogue = self._tools.catalogue
        self._patience.call(catalogue.begin_rebuild if rebuild else catalogue.prepare)
        # What an earlier, killed load wrote in its last second must be found below.
        self._patience.call(catalogue.refresh)
        self._progress.set_total(self._feed.count())
        self._open()
        try:
            self._read()
        # Also a feed that turns out to be damaged in the middle: what came before it goes in.
        except BaseException as error:
            self._fail(error)
        finally:
            self._close()
        if self._failure is not None and not self._stop.is_set():
            raise self._failure
        if not self._stop.is_set():
            self._patience.call(catalogue.promote if rebuild else catalogue.refresh)
        return self._report()

    def _open(self) -> None:
        tools, settings = self._tools, self._settings
        self._pictures = PicturePipeline(
            tools.fetcher,
            tools.decoder,
            tools.thumbnails,
            self._tally,
            fetchers=settings.fetchers,
            decoders=settings.workers,
            finders=tools.finders,
            regions=settings.regions,
        )
        self._writer = ProductWriter(
            tools.catalogue,
            self._patience,
            self._tally,
            on_rejected=self._rejects.add,
            on_written=self._progress.advance,
            on_failure=self._fail,
        )
        self._slow: DeferredFeatureWorkers | None = None
        if any(isinstance(feature, Deferred) for feature in tools.features.values()):
            self._slow = DeferredFeatureWorkers(
                tools.build_deferred, settings.slow_workers, settings.backlog
            )
        self._workers = ThreadPoolExecutor(settings.workers, "batch")

    def _close(self) -> None:
        """End the threads in the order in which work flows, so that none waits for another."""
        self._workers.shutdown(wait=True)
        if self._slow is not None:
            self._slow.close(drop=self._ending)
        self._writer.close()
        self._pictures.close()

    @property
    def _ending(self) -> bool:
        return self._stop.is_set() or self._halt.is_set()

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        if not isinstance(error, FeedUnreadable):
            self._halt.set()

    def _read(self) -> None:
        """Read rows and hand them on in batches of about `settings.batch` pictures."""
        seen = FeedIds()
        batch: list[Product] = []
        try:
            for row in self._feed.rows():
                if self._ending:
                    return
                found = self._accepted(row, seen)
                if isinstance(found, Rejection):
                    self._rejects.add(found)
                    self._progress.advance(1, 0)
                    continue
                batch.append(found)
                if sum(len(one.pictures) for one in batch) >= self._settings.batch:
                    self._hand_on(batch)
                    batch = []
        finally:
            seen.close()
            if batch and not self._ending:
                self._hand_on(batch)

    def _accepted(self, row: Row | Rejection, seen: FeedIds) -> Product | Rejection:
        if isinstance(row, Rejection):
            return row
        for name in row.cells:
            if len(self._unused) < UNUSED_COLUMNS and not is_known(name):
                self._unused[name] = None
        found = parse_product(row)
        if isinstance(found, Rejection):
            return found
        first = seen.first_line(found.id, row.line)
        if first != row.line:
            detail = f"line {first} has the same id; it went in, this one did not"
            return Rejection(row.line, "id", "duplicate", detail, found.id)
        return found

    def _hand_on(self, batch: Sequence[Product]) -> None:
        """Have a worker take a batch; blocks while all of them are at work."""
        self._batches.acquire()
        self._workers.submit(self._work, batch)

    def _work(self, batch: Sequence[Product]) -> None:
        try:
            if not self._halt.is_set():
                self._through(batch)
        # Nobody asks a worker for its result: what stops it must stop the load.
        except BaseException as error:
            self._fail(error)
        finally:
            self._batches.release()

    def _through(self, batch: Sequence[Product]) -> None:
        """Take a batch from addresses to complete products, or to the slow workers' queue."""
        fields = self._fields()
        with self._tally.stage("stored"):
            ids = [one.id for one in batch]
            stored = self._patience.call(partial(self._tools.catalogue.stored_pictures, ids))
        shots: dict[str, list[PendingPicture]] = {key: [] for key in ids}
        for shot in self._pictures.fetch(batch, stored):
            shots[shot.product.id].append(shot)
        self._pictures.extract([shot for several in shots.values() for shot in several], fields)
        for one in batch:
            self._assemble(one, shots[one.id], stored.get(one.id, {}))

    def _fields(self) -> Mapping[str, Feature]:
        """Return what is to be stored of a picture, asked anew every few seconds.

        A second model may come to the index while a load runs; from then on it sees both.
        """
        with self._lock:
            if time.monotonic() >= self._ask_at:
                self._held = self._patience.call(self._tools.catalogue.refresh_write_features)
                self._ask_at = time.monotonic() + ASK_EVERY_S
            return self._held

    def _assemble(
        self, one: Product, shots: Sequence[PendingPicture], stored: Mapping[str, Json]
    ) -> None:
        waiting = [
            (shot, shot.picture)
            for shot in shots
            if shot.picture is not None and shot.deferred and shot.rejection is None
        ]
        for shot in shots:
            # The queue of the slow workers holds the pixels now, and it is bounded.
            shot.picture = None
        # A region stays or goes with its picture.
        theirs = {"catalogue", REGION}
        own = {shot.image_id for shot in shots}
        kept = [
            picture
            for picture in stored.values()
            if picture.get("source") not in theirs and picture["image_id"] not in own
        ]
        assembly = PendingProduct(
            one, shots, kept, self._updated_at, self._rejects.add, self._settled
        )
        for shot, picture in waiting:
            assert self._slow is not None
            self._slow.submit(picture, shot.deferred, partial(self._arrived, assembly, shot))

    def _arrived(
        self,
        assembly: PendingProduct,
        shot: PendingPicture,
        values: Mapping[str, Json] | None,
        why: str,
    ) -> None:
        try:
            assembly.add_deferred(shot, values, why)
        # A worker that died of it would leave those who wait for it waiting.
        except BaseException as error:
            self._fail(error)

    def _settled(self, outcome: CompleteProduct | Rejection) -> None:
        if isinstance(outcome, Rejection):
            self._rejects.add(outcome)
            self._progress.advance(1, 0)
        else:
            self._writer.put(outcome)

    def _report(self) -> LoadReport:
        counts = self._tally.counts
        return LoadReport(
            products=counts["products"],
            pictures=counts["pictures"],
            reused=counts["reused"],
            rejected=self._rejects.count,
            seconds=time.monotonic() - self._tally.started,
            stages=dict(self._tally.stages),
            unused_columns=tuple(self._unused),
            rejects=self._rejects.path if self._rejects.count else None,
            interrupted=self._stop.is_set(),
        )
