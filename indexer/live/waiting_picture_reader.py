"""Reads a picture that waits for slow features: its stored bytes, its address, or its thumbnail."""

from core.errors import NotFound
from features.base import Picture
from features.fetching.web import WebClient
from features.imaging.decode import FEED_LIMITS
from features.imaging.thumbnails import Thumbnails
from indexer.backfill.stored_pictures import StoredPictureReader
from indexer.live.uploaded_pictures import LiveFetcher, PictureUploads
from indexer.live.waiting_pictures import WaitingPicture
from indexer.loading.dependencies import Decoder


class WaitingPictureReader:
    """Reads waiting pictures, one by one. Thread-safe."""

    def __init__(self, web: WebClient, decoder: Decoder, thumbnails: Thumbnails) -> None:
        self._web = web
        self._decoder = decoder
        self._thumbnails = thumbnails

    def read(self, waiting: WaitingPicture) -> Picture:
        """Return the picture; raises Busy, and NotFound where it is nowhere any more."""
        uploads = PictureUploads()
        if waiting.data is not None:
            uploads.add(waiting.data)
        fetcher = LiveFetcher(self._web, FEED_LIMITS.max_bytes, uploads)
        reader = StoredPictureReader(fetcher, self._decoder, self._thumbnails)
        found = reader.read([{"image_id": waiting.image_id, "url": waiting.address}])
        if waiting.image_id not in found:
            raise NotFound(f"the picture at {waiting.address[:200]} can no longer be had")
        return found[waiting.image_id]
