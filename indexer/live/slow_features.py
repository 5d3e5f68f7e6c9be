"""Extracts the slow features of products that were just put, such as the text in their pictures.

The products are found without them meanwhile, and say so (`pending`). One process of low priority
does it. What waits is on disk (`indexer.live.waiting_pictures`): what does not fit into the queue,
or was waiting when the server stopped, has its turn later.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from core.errors import LookalikeError
from core.retries import TRANSIENT, RetryPolicy
from features.base import Feature, Json, Picture
from indexer.live.uploaded_pictures import PictureUploads
from indexer.live.waiting_pictures import WaitingPicture, WaitingPictures
from indexer.loading.deferred_features import DeferredFeatureWorkers
from indexer.loading.deferred_pass import fill_in
from indexer.loading.pending_picture import PendingPicture
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PENDING

MOST_WAITING = 64
"""Pictures that may wait in memory; each is at most 5 MB of pixels."""

ROUND_S = 5.0
"""How soon what is on disk has its turn."""

ReadPicture = Callable[[WaitingPicture], Picture]
"""Reads a waiting picture again; raises LookalikeErrors."""

log = logging.getLogger(__name__)


class SlowFeatures:
    """The queue of one web worker. Thread-safe; its process starts with the first picture."""

    def __init__(
        self,
        build: Callable[[], Mapping[str, Feature]],
        catalogue: Catalogue,
        retry_policy: RetryPolicy,
        waiting: WaitingPictures,
        read: ReadPicture,
    ) -> None:
        """`build` builds the slow features in the process, so it must be picklable."""
        self._build = build
        self._catalogue = catalogue
        self._retry_policy = retry_policy
        self._waiting = waiting
        self._read = read
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._lock = threading.Lock()
        self._in_work: set[tuple[str, str]] = set()
        self._is_away = False
        self._workers: DeferredFeatureWorkers | None = None
        self._stop = threading.Event()
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        """Take up what is on disk, now and from time to time, in a thread of its own."""
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep_up, name="slow", daemon=True)
            self._keeper.start()

    def record(
        self, product_id: str, pictures: Sequence[PendingPicture], uploads: PictureUploads
    ) -> None:
        """Note which pictures of a product lack slow features, before the product is written.

        `uploads` has the bytes of those that came with the request. Raises Busy and
        LedgerUnavailable.
        """
        lacking = [
            WaitingPicture(product_id, one.image_id, one.url, names, uploads.get(one.url))
            for one in pictures
            if (names := _lacking(one))
        ]
        if lacking:
            self._waiting.add(lacking)

    def begin(self, product_id: str, pictures: Sequence[PendingPicture]) -> None:
        """Have the recorded pictures of a product worked on, as far as there is room."""
        for pending in pictures:
            if pending.picture is not None and (names := _lacking(pending)):
                if not self._room.acquire(blocking=False):
                    return
                waiting = WaitingPicture(product_id, pending.image_id, pending.url, names)
                self._begin(waiting, pending.picture)

    def close(self) -> None:
        """End the process; what waits has its turn when a server starts."""
        self._stop.set()
        if self._keeper is not None:
            self._keeper.join()
        with self._lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.close(drop=True)
        self._waiting.close()

    def _begin(self, picture: WaitingPicture, pixels: Picture) -> None:
        """Hand a picture to the process; the caller has taken its room."""
        with self._lock:
            if self._stop.is_set() or picture.key in self._in_work:
                self._room.release()
                return
            self._in_work.add(picture.key)
            if self._workers is None:
                self._workers = DeferredFeatureWorkers(
                    self._build, 1, MOST_WAITING, self._retry_policy, self._note_outage
                )
            workers = self._workers
        workers.submit(pixels, picture.features, partial(self._store, picture))

    def _note_outage(self, error: LookalikeError) -> None:
        """Note that the feature service is away: the picture at work has its turn later."""
        log.warning("slow features have to wait: %s", error)
        self._is_away = True

    def _store(self, picture: WaitingPicture, values: Mapping[str, Json] | None, why: str) -> None:
        try:
            # Told by the same thread, just before.
            is_away, self._is_away = self._is_away, False
            if values is None and is_away:
                return
            if values is None:
                log.warning("slow features could not be extracted: %s", why)
            else:
                found = {picture.image_id: values}
                write = partial(fill_in, self._catalogue, picture.product_id, found)
                self._retry_policy.call(write)
            self._waiting.remove(picture)
        except LookalikeError as error:
            log.warning("slow features could not be stored yet: %s", error)
        finally:
            with self._lock:
                self._in_work.discard(picture.key)
            self._room.release()

    def _keep_up(self) -> None:
        while not self._stop.is_set():
            try:
                self._waiting.take_over()
                self._take_up()
            except LookalikeError as error:
                log.warning("pictures that wait for slow features cannot be read: %s", error)
            self._stop.wait(ROUND_S)

    def _take_up(self) -> None:
        """Hand what is on disk and not in work to the process, as far as there is room."""
        for key in self._waiting.keys(2 * MOST_WAITING):
            with self._lock:
                if key in self._in_work:
                    continue
            if self._stop.is_set() or not self._room.acquire(blocking=False):
                return
            picture = self._waiting.read(key)
            pixels = None if picture is None else self._pixels(picture)
            if picture is None or pixels is None:
                self._room.release()
            else:
                self._begin(picture, pixels)

    def _pixels(self, picture: WaitingPicture) -> Picture | None:
        """Return a picture's pixels; forgets one that can no longer be had."""
        try:
            return self._read(picture)
        except TRANSIENT:
            return None
        except LookalikeError as error:
            log.warning("a picture stays without its slow features: %s", error)
            self._waiting.remove(picture)
            return None


def _lacking(picture: PendingPicture) -> Sequence[str]:
    """Return the slow features that a picture lacks, also where it was stored before."""
    if picture.rejection is not None:
        return ()
    return picture.deferred or tuple((picture.stored_document or {}).get(PENDING, ()))
