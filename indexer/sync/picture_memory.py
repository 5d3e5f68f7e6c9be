"""What saves a sync from fetching and computing pictures again."""

from functools import partial

from core.retries import RetryPolicy
from features.base import Json
from features.fetching.web import Validators
from indexer.fetching.fetcher import Fetcher
from indexer.loading.picture_memory import KnownPicture
from indexer.sync.source_state import SourceState
from mappings.catalogue.catalogue import Catalogue


class SourcePictures:
    """The `PictureMemory` of one source. Thread-safe."""

    def __init__(
        self, state: SourceState, catalogue: Catalogue, fetcher: Fetcher, retry: RetryPolicy
    ) -> None:
        self._state = state
        self._catalogue = catalogue
        self._fetcher = fetcher
        self._retry = retry

    def picture(self, address: str) -> KnownPicture | None:
        """Return what an address gave when it was last fetched."""
        return self._state.picture(address)

    def store_picture(self, address: str, picture: KnownPicture) -> None:
        """Remember what an address gave."""
        self._state.store_picture(address, picture)

    def fetch_changed(self, address: str, earlier: Validators) -> tuple[bytes | None, Validators]:
        """Return what is at an address and its validators, None where it is the known version."""
        return self._fetcher.fetch_changed(address, earlier)

    def stored_elsewhere(self, image_id: str) -> list[Json]:
        """Return the documents of a picture, and of its parts, that another product has."""
        stored = self._catalogue.stored()
        return self._retry.call(partial(stored.picture_documents, image_id))
