"""From a product's picture addresses to picture documents: fetch, decode, see, keep a thumbnail."""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import Busy, LookalikeError, NotFound
from features.base import Deferred, Feature, Json, Picture, QueryPhotoAware, Region
from features.regions.finders import RegionFinderChain
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.fetching.fetcher import Fetcher
from indexer.loading.report import Tally
from mappings.catalogue.products import REGION

FIELD = "image_link"


class Decoder(Protocol):
    """What decodes bytes without endangering this process (`features.imaging.sandbox.Sandbox`)."""

    def decode(self, data: bytes) -> Picture:
        """Return the picture; raises UnsupportedImage, UnreadableImage or ImageTooLarge."""
        ...


class ThumbnailStore(Protocol):
    """What keeps thumbnails (`features.imaging.thumbnails.Thumbnails`)."""

    def save(self, picture: Picture) -> object:
        """Keep the picture's thumbnail under its checksum."""
        ...

    def path(self, image_id: str) -> object:
        """Return where the thumbnail is; raises NotFound."""
        ...


@dataclass
class PendingPicture:
    """One picture of a product on its way into the index.

    `stored` is its document from an earlier load: then nothing is decoded. `slow` names the
    features that its `values` still lack. `regions` are the documents of its parts, as stored or
    without what they share with it. `picture` is let go once everything has been seen.
    """

    product: Product
    url: str
    image_id: str
    picture: Picture | None = None
    size: tuple[int, int] = (0, 0)
    stored_document: Mapping[str, Json] | None = None
    values: dict[str, Json] = field(default_factory=dict)
    deferred: tuple[str, ...] = ()
    regions: list[Json] = field(default_factory=list)
    rejection: Rejection | None = None

    def document(self, added_at: str) -> dict[str, Json]:
        """Return the nested picture document; absent signals are left out.

        `added_at` (ISO 8601) is for a picture that is new to its product; a stored one keeps its
        own.
        """
        if self.stored_document is not None:
            return {**self.stored_document, "url": self.url}
        width, height = self.size
        base = {
            "image_id": self.image_id,
            "url": self.url,
            "width": width,
            "height": height,
            "source": "catalogue",
            "added_at": added_at,
        }
        return base | {name: value for name, value in self.values.items() if value is not None}

    def documents(self, added_at: str) -> list[dict[str, Json]]:
        """Return the picture's document, and those of its regions."""
        whole = self.document(added_at)
        shared = {name: whole[name] for name in ("image_id", "url", "added_at") if name in whole}
        return [whole, *({**region, **shared} for region in self.regions)]

    def reject(self, rule: str, detail: str) -> None:
        """Mark the picture as not to go in."""
        detail = f"{self.url[:200]}: {detail}"
        self.rejection = Rejection(self.product.line, FIELD, rule, detail, self.product.id)


class PicturePipeline:
    """Gets and sees the pictures of one load. Thread-safe where the features are."""

    def __init__(
        self,
        fetcher: Fetcher,
        decoder: Decoder,
        thumbnails: ThumbnailStore,
        tally: Tally,
        *,
        fetchers: int,
        decoders: int,
        finders: RegionFinderChain | None = None,
        regions: int = 0,
    ) -> None:
        self._finders = finders or RegionFinderChain()
        self._regions = regions
        self._fetcher = fetcher
        self._decoder = decoder
        self._thumbnails = thumbnails
        self._tally = tally
        self._pool = ThreadPoolExecutor(fetchers, "fetch")
        self._decoders = threading.BoundedSemaphore(decoders)

    def close(self) -> None:
        """End the fetching threads."""
        self._pool.shutdown(cancel_futures=True)

    def fetch(
        self, products: Sequence[Product], stored: Mapping[str, Mapping[str, Json]]
    ) -> Iterator[PendingPicture]:
        """Yield every product's pictures in feed order, the same bytes once a product.

        What could not be fetched or decoded is `broken`.
        """
        waiting = [
            (
                product,
                self._pool.submit(self._acquire, product, address, stored.get(product.id, {})),
            )
            for product in products
            for address in product.pictures
        ]
        had = set()
        for product, future in waiting:
            shot = future.result()
            if shot.rejection is not None or (product.id, shot.image_id) not in had:
                had.add((product.id, shot.image_id))
                yield shot

    def _acquire(
        self, product: Product, address: str, stored: Mapping[str, Json]
    ) -> PendingPicture:
        try:
            with self._tally.stage("fetch"):
                data = self._fetcher.fetch(address)
                url = self._fetcher.label(address)
            image_id = hashlib.sha256(data).hexdigest()
            # A shopper's photo that the feed now has as its own was seen with other eyes.
            if stored.get(image_id, {}).get("source") == "catalogue":
                if not self._has_thumbnail(image_id):
                    self._thumbnails.save(self._decode(data))
                parts = [
                    one
                    for one in stored.values()
                    if one["image_id"] == image_id and one.get("source") == REGION
                ]
                return PendingPicture(
                    product, url, image_id, stored_document=stored[image_id], regions=parts
                )
            picture = self._decode(data)
            return PendingPicture(product, url, image_id, picture, (picture.width, picture.height))
        except Busy:
            # No decoding process can be had: that is not the picture's fault.
            raise
        except LookalikeError as error:
            shot = PendingPicture(product, address, image_id="")
            shot.reject(error.code, str(error))
            return shot

    def _decode(self, data: bytes) -> Picture:
        with self._decoders, self._tally.stage("decode"):
            return self._decoder.decode(data)

    def _has_thumbnail(self, image_id: str) -> bool:
        try:
            self._thumbnails.path(image_id)
        except NotFound:
            return False
        return True

    def extract(self, shots: Sequence[PendingPicture], fields: Mapping[str, Feature]) -> None:
        """Fill the shots' values, note which slow features they still need, save thumbnails.

        `fields` are the features by the field that keeps their values.
        """
        fresh = [shot for shot in shots if shot.picture is not None]
        for name, feature in fields.items():
            if not isinstance(feature, Deferred):
                with self._tally.stage(name):
                    self._extract(name, feature, fresh)
                continue
            with self._tally.stage(f"{name}_check"):
                for shot in fresh:
                    if shot.picture is not None and feature.is_worthwhile(shot.picture):
                        shot.deferred += (name,)
        if self._regions:
            with self._tally.stage("regions"):
                for shot in fresh:
                    if shot.picture is not None and shot.rejection is None:
                        self._find_regions(shot, shot.picture, fields)
        with self._tally.stage("thumbnails"):
            for shot in fresh:
                if shot.picture is not None and shot.rejection is None:
                    self._thumbnails.save(shot.picture)

    def _find_regions(
        self, shot: PendingPicture, picture: Picture, fields: Mapping[str, Feature]
    ) -> None:
        try:
            shot.regions = self._parts(picture, fields)
        except LookalikeError:
            raise
        # As for a feature: it must cost one picture, not a load of hours.
        except Exception as error:
            shot.reject("regions_failed", f"{type(error).__name__}: {error}")

    def _parts(self, picture: Picture, fields: Mapping[str, Feature]) -> list[Json]:
        """Return a document of each region, with what photos are asked of: it finds, nothing else.

        A hash of a part would say of a listing that it shows another's photo, and its colours
        would be counted with the picture's.
        """
        found = self._finders.find_regions(picture, self._regions)
        parts = [picture.crop(region.box) for region in found]
        seen: list[Json] = [
            {"source": REGION, "box": _crop(region), "width": part.width, "height": part.height}
            for region, part in zip(found, parts, strict=True)
        ]
        for name, feature in fields.items():
            if isinstance(feature, QueryPhotoAware) and not isinstance(feature, Deferred):
                for document, value in zip(seen, feature.extract(parts), strict=True):
                    if value is not None:
                        document[name] = value
        return seen

    def _extract(self, name: str, feature: Feature, shots: Sequence[PendingPicture]) -> None:
        """Extract a feature of all shots; if that fails, of each, to tell which one is to blame."""
        pictures = [shot.picture for shot in shots if shot.picture is not None]
        if not pictures:
            return
        try:
            for shot, value in zip(shots, feature.extract(pictures), strict=True):
                shot.values[name] = value
        except LookalikeError:
            raise
        # Whatever a feature stumbles over must cost one picture, not a load of hours.
        except Exception as error:
            if len(shots) == 1:
                shots[0].reject("feature_failed", f"{name}: {type(error).__name__}: {error}")
                return
            for shot in shots:
                self._extract(name, feature, [shot])


def _crop(region: Region) -> str:
    box = region.box
    return ",".join(f"{edge:.4g}" for edge in (box.left, box.top, box.right, box.bottom))
