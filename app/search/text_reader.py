"""Reads the text in shoppers' photos behind an answer that has been given without it."""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

from app.search.earlier_pictures import WHOLE
from app.search.feature_cache import QueryFeatureCache
from app.search.photo_store import PhotoStore
from app.search.query_extractor import QueryExtractor
from core.errors import LookalikeError
from features.base import Box

LONGEST_QUEUE = 8
"""Photos that wait to be read behind answers; more stay unread, for nobody waits so long."""

POLL_S = 0.1

log = logging.getLogger(__name__)


class TextReader:
    """Reads photos, one at a time. Thread-safe; one per worker."""

    def __init__(
        self, extractor: QueryExtractor, cache: QueryFeatureCache, photo_store: PhotoStore
    ) -> None:
        self._extractor = extractor
        self._cache = cache
        self._photo_store = photo_store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-text")
        self._places = threading.BoundedSemaphore(LONGEST_QUEUE)

    def read_later(self, picture_id: str, photos: Sequence[bytes], crops: Sequence[Box]) -> None:
        """Read a search's photos behind its answer, into the cache of its pictures."""
        if self._places.acquire(blocking=False):
            self._thread.submit(self._read_into_cache, picture_id, tuple(photos), tuple(crops))
        else:
            self._cache.add_texts(picture_id, [""] * len(photos))

    def read_stored_later(self, picture_id: str) -> bool:
        """Read a search's stored photos behind its answer; say whether they are unread.

        Raises NotFound for a search that is unknown or has expired.
        """
        cached = self._cache.load(picture_id)
        if cached.texts is not None or not all(cached.photos):
            return False
        photos = [self._photo_store.load(name) for name in cached.photos]
        self.read_later(picture_id, photos, [Box.parse(c) if c else WHOLE for c in cached.crops])
        return True

    def wait(self, picture_id: str, patience_s: float) -> str:
        """Return the text of a search's photos once it is read, '' where that takes longer.

        Raises NotFound for a search that is unknown or has expired.
        """
        until = time.monotonic() + patience_s
        while (texts := self._cache.texts(picture_id)) is None:
            if time.monotonic() > until:
                return ""
            time.sleep(POLL_S)
        return "\n".join(texts)

    def close(self) -> None:
        """Drop what still waits to be read."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _read_into_cache(
        self, picture_id: str, photos: Sequence[bytes], crops: Sequence[Box]
    ) -> None:
        texts = []
        try:
            for data, crop in zip_longest(photos, crops):
                texts.append(self._extractor.read_text(self._extractor.decode(data, crop), "auto"))
        except LookalikeError as error:
            log.warning("no text read in the photos of search %s: %s", picture_id, error)
        finally:
            self._places.release()
            self._cache.add_texts(picture_id, [*texts, *[""] * (len(photos) - len(texts))])
