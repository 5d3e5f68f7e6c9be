"""Extracts the slow features of products that were just put, such as the text in their pictures.

The products are found without them meanwhile, and say so (`pending`). One process of low priority
does it; what does not fit into its queue, or was waiting when the server stopped, stays pending
until the product's next load or sync.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from core.errors import LookalikeError
from core.retries import RetryPolicy
from features.base import Feature, Json
from indexer.loading.deferred_features import DeferredFeatureWorkers
from indexer.loading.deferred_pass import fill_in
from indexer.loading.pending_picture import PendingPicture
from mappings.catalogue.catalogue import Catalogue

MOST_WAITING = 64
"""Pictures that may wait; each is at most 5 MB of pixels."""

log = logging.getLogger(__name__)


class SlowFeatures:
    """The queue of one web worker. Thread-safe; its process starts with the first picture."""

    def __init__(
        self,
        build: Callable[[], Mapping[str, Feature]],
        catalogue: Catalogue,
        retry_policy: RetryPolicy,
    ) -> None:
        """`build` builds the slow features in the process, so it must be picklable."""
        self._build = build
        self._catalogue = catalogue
        self._retry_policy = retry_policy
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._lock = threading.Lock()
        self._workers: DeferredFeatureWorkers | None = None

    def submit(self, product_id: str, pictures: Sequence[PendingPicture]) -> None:
        """Have the pictures' slow features extracted and stored, as far as there is room."""
        for picture in pictures:
            if picture.picture is None or not picture.deferred or picture.rejection is not None:
                continue
            if not self._room.acquire(blocking=False):
                log.info("a picture stays without its slow features: too many are waiting")
                return
            store = partial(self._store, product_id, picture.image_id)
            self._started().submit(picture.picture, picture.deferred, store)

    def close(self) -> None:
        """End the process; what waits is dropped."""
        with self._lock:
            if self._workers is not None:
                self._workers.close(drop=True)
                self._workers = None

    def _started(self) -> DeferredFeatureWorkers:
        with self._lock:
            if self._workers is None:
                self._workers = DeferredFeatureWorkers(
                    self._build, 1, MOST_WAITING, self._retry_policy
                )
            return self._workers

    def _store(
        self, product_id: str, image_id: str, values: Mapping[str, Json] | None, why: str
    ) -> None:
        self._room.release()
        try:
            if values is None:
                log.warning("slow features could not be extracted: %s", why)
                return
            write = partial(fill_in, self._catalogue, product_id, {image_id: values})
            self._retry_policy.call(write)
        except LookalikeError as error:
            log.warning("slow features could not be stored: %s", error)
