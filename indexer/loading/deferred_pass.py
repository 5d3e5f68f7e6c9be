"""Fills in the slow features of products that a load has written without them.

It reads the feed once more, because only the feed knows where every picture lies, and takes up the
products whose pictures are marked `pending`. Each gets its values and loses its mark in one write
over the state that was read, so nothing that changed meanwhile is lost. Killed at any moment, the
next load of the feed goes on here.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from core.errors import Busy, LookalikeError
from core.retries import RetryPolicy
from features.base import Json, Picture
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rejection_file import RejectionFile
from indexer.feeds.rows import Rejection
from indexer.loading.deferred_features import DeferredFeatureWorkers
from indexer.loading.dependencies import LoadDependencies, RowSource
from indexer.loading.feed_ids import FeedIds
from indexer.loading.meter import LoadMeter
from indexer.loading.pending_picture import FIELD
from indexer.settings import LoadSettings
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PENDING, PICTURES

WRITE_ATTEMPTS = 5
"""Rounds of reading and writing before a product that changes all the time has to wait."""


@dataclass
class _PendingValues:
    """The values of one product that have arrived, by image id, and how many are to come."""

    product: Product
    missing: int
    values: dict[str, Mapping[str, Json]] = field(default_factory=dict)


class DeferredPass:
    """The second pass of one load. Its first failure ends it and is raised by `run`."""

    def __init__(
        self,
        feed: RowSource,
        dependencies: LoadDependencies,
        settings: LoadSettings,
        rejects: RejectionFile,
        meter: LoadMeter,
        retry_policy: RetryPolicy,
        stop: threading.Event,
    ) -> None:
        self._feed = feed
        self._dependencies = dependencies
        self._settings = settings
        self._rejects = rejects
        self._meter = meter
        self._retry_policy = retry_policy
        self._stop = stop
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        # Every product in work may hold its pictures' pixels.
        self._in_work = threading.BoundedSemaphore(settings.fetchers)
        self._decoding = threading.BoundedSemaphore(settings.workers)

    def run(self, pending: FeedIds) -> None:
        """Fill in the products whose ids and lines are in `pending`."""
        self._meter.begin_second_pass(len(pending))
        settings = self._settings
        self._workers = DeferredFeatureWorkers(
            self._dependencies.build_deferred,
            settings.slow_workers,
            settings.backlog,
            self._retry_policy.for_another_server(),
            self._fail,
        )
        fetchers = ThreadPoolExecutor(settings.fetchers, "deferred")
        try:
            for product in self._products(pending):
                self._in_work.acquire()
                fetchers.submit(self._begin, product)
        finally:
            fetchers.shutdown(wait=True)
            self._workers.close(drop=self._is_ending)
        if self._failure is not None and not self._stop.is_set():
            raise self._failure

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error

    @property
    def _is_ending(self) -> bool:
        return self._stop.is_set() or self._failure is not None

    def _products(self, pending: FeedIds) -> Iterator[Product]:
        for row in self._feed.rows():
            if self._is_ending:
                return
            product = row if isinstance(row, Rejection) else parse_product(row)
            # Rejected rows have been named before; of two with one id, the first went in.
            if isinstance(product, Product) and pending.line_of(product.id) == product.line:
                yield product

    def _begin(self, product: Product) -> None:
        """Hand a product's pending pictures to the workers; blocks while they have enough."""
        try:
            if self._is_ending:
                return
            pictures = list(self._pictures(product))
            arriving = _PendingValues(product, len(pictures))
            if not pictures:
                self._finish(arriving)
            for image_id, names, picture in pictures:
                self._workers.submit(picture, names, partial(self._add, arriving, image_id, names))
        # Nobody asks this thread for its result: what stops it must stop the load.
        except BaseException as error:
            self._fail(error)
        finally:
            self._in_work.release()

    def _pictures(self, product: Product) -> Iterator[tuple[str, Sequence[str], Picture]]:
        """Yield the pictures marked pending that still lie where they did, and what they lack."""
        stored = self._retry_policy.call(partial(self._dependencies.catalogue.current, product.id))
        documents = {
            document["image_id"]: document
            for document in (stored.source[PICTURES] if stored else ())
            if document.get(PENDING)
        }
        addresses = {document["url"] for document in documents.values() if "url" in document}
        for address in product.pictures:
            try:
                if self._dependencies.fetcher.label(address) not in addresses:
                    continue
                data = self._dependencies.fetcher.fetch(address)
                document = documents.pop(hashlib.sha256(data).hexdigest(), None)
                if document is None:
                    continue
                with self._decoding:
                    picture = self._dependencies.decoder.decode(data)
            except Busy:
                raise
            except LookalikeError as error:
                self._reject(product, error.code, f"{address[:200]}: {error}")
                continue
            yield document["image_id"], tuple(document[PENDING]), picture

    def _add(
        self,
        arriving: _PendingValues,
        image_id: str,
        names: Sequence[str],
        values: Mapping[str, Json] | None,
        why: str,
    ) -> None:
        """Take one picture's values; a picture without any stays pending, and is named."""
        try:
            if values is None:
                self._reject(arriving.product, "feature_failed", f"{', '.join(names)}: {why}")
            with self._lock:
                if values is not None:
                    arriving.values[image_id] = values
                arriving.missing -= 1
                is_last = not arriving.missing
            if is_last and not self._is_ending:
                self._finish(arriving)
        # A worker that died of it would leave those who wait for it waiting.
        except BaseException as error:
            self._fail(error)

    def _finish(self, arriving: _PendingValues) -> None:
        if arriving.values:
            catalogue = self._dependencies.catalogue
            write = partial(fill_in, catalogue, arriving.product.id, arriving.values)
            self._retry_policy.call(write)
        self._meter.complete()

    def _reject(self, product: Product, rule: str, detail: str) -> None:
        self._rejects.add(Rejection(product.line, FIELD, rule, detail, product.id))


def fill_in(
    catalogue: Catalogue, product_id: str, values: Mapping[str, Mapping[str, Json]]
) -> None:
    """Put values, by image id, into a product as it is now.

    Raises Busy where it changes all the time.
    """
    for _ in range(WRITE_ATTEMPTS):
        stored = catalogue.current(product_id)
        if stored is None:
            return
        pictures = [
            filled(picture, values.get(picture["image_id"], {}))
            for picture in stored.source[PICTURES]
        ]
        if catalogue.replace({**stored.source, PICTURES: pictures}, stored):
            return
    raise Busy(f"product {product_id[:80]!r} is being changed all the time")


def filled(picture: Json, values: Mapping[str, Json]) -> Json:
    """Return a picture document with the values it was waiting for, and without their marks."""
    arrived = {name: value for name, value in values.items() if name in picture.get(PENDING, ())}
    if not arrived:
        return picture
    present = {name: value for name, value in arrived.items() if value is not None}
    missing = [name for name in picture[PENDING] if name not in arrived]
    rest_of_document = {name: value for name, value in picture.items() if name != PENDING}
    return rest_of_document | present | ({PENDING: missing} if missing else {})
