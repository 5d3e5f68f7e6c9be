"""The parts a load works with, put together by the command that starts it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from features.base import Feature, Picture
from features.regions.finders import RegionFinderChain
from indexer.feeds.rows import Rejection, Row
from indexer.ledger.ledger import Ledger
from indexer.loading.batch_processor import BatchProcessor
from indexer.loading.picture_memory import PictureMemory
from indexer.loading.report import Tally
from mappings.catalogue.catalogue import Catalogue


class RowSource(Protocol):
    """A feed that can be read as often as needed, as `indexer.feeds.feed` opens them."""

    @property
    def home(self) -> Path:
        """The folder where relative picture addresses start."""
        ...

    @property
    def reading(self) -> str:
        """How the feed was read the last time, in a few words."""
        ...

    def rows(self) -> Iterator[Row | Rejection]:
        """Yield rows and rejections in order; raises FeedUnreadable, also midway."""
        ...

    def count(self) -> int:
        """Return about how many products there are; 0 where unknown."""
        ...


class PictureFetcher(Protocol):
    """Gets a picture's bytes, as `indexer.fetching.fetcher` does."""

    def fetch(self, address: str) -> bytes:
        """Return the bytes; raises AddressRefused, FetchFailed or ImageTooLarge."""
        ...

    def label(self, address: str) -> str:
        """Return the address in a form that may be public."""
        ...


class Decoder(Protocol):
    """Decodes bytes without endangering this process, as `features.imaging.sandbox` does."""

    def decode(self, data: bytes) -> Picture:
        """Return the picture; raises UnsupportedImage, UnreadableImage or ImageTooLarge."""
        ...


class ThumbnailStore(Protocol):
    """Keeps thumbnails, as `features.imaging.thumbnails` does."""

    def save(self, picture: Picture) -> object:
        """Store the picture's thumbnail under its checksum."""
        ...

    def save_large(self, picture: Picture) -> object:
        """Store the picture's large copy, where it is larger than its thumbnail."""
        ...

    def is_complete(self, image_id: str, side: int) -> bool:
        """Say whether all copies of a picture of this longest side are there."""
        ...


@dataclass(frozen=True, kw_only=True)
class PictureDependencies:
    """What turns the address of a picture into its document.

    With a `memory`, an address is asked only for a newer version of its picture, and the same file
    at another address is not computed again.
    """

    fetcher: PictureFetcher
    decoder: Decoder
    thumbnails: ThumbnailStore
    finders: RegionFinderChain = field(default_factory=RegionFinderChain)
    memory: PictureMemory | None = None


@dataclass(frozen=True, kw_only=True)
class LoadDependencies(PictureDependencies):
    """What a load reads from, computes with and writes to.

    `build_deferred` builds the deferred ones of `features` inside their worker processes, so it
    must be picklable. `build_processor` builds what works on batches elsewhere; None for here.
    `read_asked_queries` returns what shoppers ask most, for a rebuild to be compared by.
    """

    catalogue: Catalogue
    ledger: Ledger
    features: Mapping[str, Feature]
    build_deferred: Callable[[], Mapping[str, Feature]]
    build_processor: Callable[[Tally], BatchProcessor] | None = None
    read_asked_queries: Callable[[], Sequence[str]] = tuple
