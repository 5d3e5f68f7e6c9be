"""Reads a stored picture again: the original if it is still available, else the thumbnail.

A thumbnail gives slightly different vectors, because it is smaller and compressed again. *Measured*
with EfficientNet-Lite0, as cosine to the original's vector and overlap of the ten nearest, on up to
120 pictures each: grocery catalogue .987 and .91, phone photos .997 and .96, clothes .997 and .96,
shop pictures .992 and .95. So originals are preferred, and the number of thumbnails is reported.
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.environment import Environment
from core.errors import Busy, LookalikeError
from features.base import Json, Picture
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.thumbnails import Thumbnails
from indexer.feeds.feed import open_feed
from indexer.fetching.fetcher import Fetcher
from indexer.loading.dependencies import Decoder, PictureFetcher
from indexer.settings import LoadSettings


class StoredPictureReader:
    """Reads pictures by their documents and counts those read from thumbnails.

    Without a fetcher, only thumbnails are read. `copies` are those of shoppers' photos.
    """

    def __init__(
        self,
        fetcher: PictureFetcher | None,
        decoder: Decoder,
        thumbnails: Thumbnails,
        *,
        copies: Thumbnails | None = None,
        fetchers: int = 1,
        decoders: int = 1,
    ) -> None:
        self._fetcher = fetcher
        self._decoder = decoder
        self._stores = (thumbnails, *([copies] if copies else ()))
        self._fetchers = fetchers
        self._decoders = threading.BoundedSemaphore(decoders)
        self.from_thumbnails = 0

    def read(self, documents: Iterable[Mapping[str, Json]]) -> dict[str, Picture]:
        """Return image id → picture, without those available neither way. Raises Busy."""
        pending = list(documents)
        with ThreadPoolExecutor(self._fetchers) as threads:
            found = {
                document["image_id"]: original or self._thumbnail(document)
                for document, original in zip(
                    pending, threads.map(self._original, pending), strict=True
                )
            }
        return {key: picture for key, picture in found.items() if picture is not None}

    def _original(self, document: Mapping[str, Json]) -> Picture | None:
        address = document.get("url")
        if self._fetcher is None or not address:
            return None
        try:
            data = self._fetcher.fetch(str(address))
            # If the address has another picture by now, the next load indexes it.
            if hashlib.sha256(data).hexdigest() != document["image_id"]:
                return None
            with self._decoders:
                return self._decoder.decode(data)
        except Busy:
            raise
        except LookalikeError:
            return None

    def _thumbnail(self, document: Mapping[str, Json]) -> Picture | None:
        images = (store.image(document["image_id"]) for store in self._stores)
        image = next((one for one in images if one is not None), None)
        if image is None:
            return None
        self.from_thumbnails += 1
        width, height = document.get("width", image.width), document.get("height", image.height)
        return Picture(image, int(width), int(height), document["image_id"])


def stored_picture_reader(
    environment: Environment,
    settings: LoadSettings,
    decoder: Decoder,
    fetching: FetchSettings | None,
    feed: Path | None,
) -> StoredPictureReader:
    """Return a reader of the catalogue's pictures for a command.

    Relative addresses start at the `feed`, else at the working directory; without `fetching` only
    thumbnails are read.
    """
    fetcher = None
    if fetching is not None:
        home = open_feed(feed).home if feed else Path.cwd()
        fetcher = Fetcher(home, fetching, FEED_LIMITS.max_bytes)
    return StoredPictureReader(
        fetcher,
        decoder,
        Thumbnails(environment.state_dir() / "media"),
        copies=Thumbnails(environment.state_dir() / "shoppers"),
        fetchers=settings.fetchers,
        decoders=settings.workers,
    )
