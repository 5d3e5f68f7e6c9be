"""From picture addresses to feature values: fetch, decode, extract, store a thumbnail."""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from core.errors import Busy, LookalikeError
from core.retries import RetryPolicy
from features.base import Feature, Json, Picture
from features.capabilities import Deferred, QueryPhotoAware
from indexer.feeds.product import Product
from indexer.loading.dependencies import PictureDependencies
from indexer.loading.pending_picture import PendingPicture
from indexer.loading.picture_memory import KnownPicture
from indexer.loading.picture_parts import save_part_thumbnails, store_parts
from indexer.loading.report import Tally
from indexer.settings import LoadSettings
from mappings.catalogue.products import OWN_SOURCES, PART, REGION


class PicturePipeline:
    """Fetches the pictures of one load and extracts their features. Thread-safe."""

    def __init__(
        self,
        dependencies: PictureDependencies,
        settings: LoadSettings,
        tally: Tally,
        retry_policy: RetryPolicy | None = None,
    ) -> None:
        """With a `retry_policy`, a feature service that is away is waited for."""
        self._retry_policy = retry_policy or RetryPolicy(0)
        self._finders = dependencies.finders
        self._regions = settings.regions
        self._fetcher = dependencies.fetcher
        self._decoder = dependencies.decoder
        self._thumbnails = dependencies.thumbnails
        self._memory = dependencies.memory
        self._tally = tally
        self._pool = ThreadPoolExecutor(settings.fetchers, "fetch")
        self._decoders = threading.BoundedSemaphore(settings.workers)

    def close(self) -> None:
        """End the fetching threads."""
        self._pool.shutdown(cancel_futures=True)

    def fetch(
        self, products: Sequence[Product], stored: Mapping[str, Mapping[str, Json]]
    ) -> Iterator[PendingPicture]:
        """Yield every product's pictures in feed order, the same bytes once a product.

        `stored` maps a product's id to its picture documents of earlier loads. A picture that
        cannot be fetched or decoded carries its `rejection`.
        """
        requests = [
            (
                product,
                self._pool.submit(self._acquire, product, address, stored.get(product.id, {})),
            )
            for product in products
            for address in product.pictures
        ]
        yielded = set()
        for product, request in requests:
            picture = request.result()
            if picture.rejection is not None or (product.id, picture.image_id) not in yielded:
                yielded.add((product.id, picture.image_id))
                yield picture

    def _acquire(
        self, product: Product, address: str, stored: Mapping[str, Json]
    ) -> PendingPicture:
        try:
            with self._tally.stage("fetch"):
                image_id, data = self._fetch(address, stored)
                url = self._fetcher.label(address)
            documents = self._stored_documents(image_id, stored)
            if documents and data is None and not self._has_copies(image_id, documents):
                data = self._fetcher.fetch(address)
                image_id = hashlib.sha256(data).hexdigest()
                documents = self._stored_documents(image_id, stored)
            if documents:
                if not self._has_copies(image_id, documents):
                    assert data is not None, "it was fetched for want of a thumbnail"
                    picture = self._decode(data)
                    self._save_copies(picture)
                    save_part_thumbnails(picture, image_id, self._thumbnails)
                whole, *parts = documents
                return PendingPicture(product, url, image_id, stored_document=whole, regions=parts)
            assert data is not None, "only a stored picture may be unchanged"
            picture = self._decode(data)
            return PendingPicture(product, url, image_id, picture, (picture.width, picture.height))
        except Busy:
            # No decoding process can be had: that is not the picture's fault.
            raise
        except LookalikeError as error:
            pending = PendingPicture(product, address, image_id="")
            pending.reject(error.code, str(error))
            return pending

    def _fetch(self, address: str, stored: Mapping[str, Json]) -> tuple[str, bytes | None]:
        """Return a picture's image id and bytes, without these where the stored one is current."""
        if self._memory is None:
            data = self._fetcher.fetch(address)
            return hashlib.sha256(data).hexdigest(), data
        known = self._memory.picture(address)
        if known is None or known.image_id not in stored:
            known = KnownPicture("")
        changed, validators = self._memory.fetch_changed(address, known.validators)
        if changed is None:
            return known.image_id, None
        image_id = hashlib.sha256(changed).hexdigest()
        self._memory.store_picture(address, KnownPicture(image_id, validators))
        return image_id, changed

    def _stored_documents(self, image_id: str, stored: Mapping[str, Json]) -> list[Json]:
        """Return the documents of a stored picture and its parts; [] where it must be computed.

        The stored values of a shopper's photo are those of a query photo, so one that the feed now
        has as its own is extracted again.
        """
        documents = list(stored.values())
        if stored.get(image_id, {}).get("source") not in OWN_SOURCES:
            elsewhere = self._memory.stored_elsewhere(image_id) if self._memory else []
            # It is new to this product.
            documents = [
                {name: value for name, value in document.items() if name != "added_at"}
                for document in elsewhere
            ]
        own = [one for one in documents if one["image_id"] == image_id]
        whole = [one for one in own if one.get("source") in OWN_SOURCES]
        parts = [one for one in own if one.get("source") in (REGION, PART)]
        return [*whole[:1], *parts] if whole else []

    def _decode(self, data: bytes) -> Picture:
        with self._decoders, self._tally.stage("decode"):
            return self._decoder.decode(data)

    def _has_copies(self, image_id: str, documents: Sequence[Json]) -> bool:
        whole = documents[0]
        side = max(int(whole.get("width", 0)), int(whole.get("height", 0)))
        return self._thumbnails.is_complete(image_id, side)

    def extract(self, pictures: Sequence[PendingPicture], fields: Mapping[str, Feature]) -> None:
        """Fill the pictures' values, note which features are deferred, save thumbnails.

        `fields` maps each document field to the feature that fills it.
        """
        fresh = [pending for pending in pictures if pending.picture is not None]
        for name, feature in fields.items():
            if not isinstance(feature, Deferred):
                with self._tally.stage(name):
                    self._extract(name, feature, fresh)
                continue
            with self._tally.stage(f"{name}_check"):
                for pending in fresh:
                    if pending.picture is not None and feature.is_worthwhile(pending.picture):
                        pending.deferred += (name,)
        if self._regions:
            with self._tally.stage("regions"):
                for pending in fresh:
                    if pending.picture is not None and pending.rejection is None:
                        self._find_regions(pending, pending.picture, fields)
        with self._tally.stage("parts"):
            for pending in fresh:
                if pending.picture is not None and pending.rejection is None:
                    self._store_parts(pending, pending.picture, fields)
        with self._tally.stage("thumbnails"):
            for pending in fresh:
                if pending.picture is not None and pending.rejection is None:
                    self._save_copies(pending.picture)

    def _save_copies(self, picture: Picture) -> None:
        self._thumbnails.save(picture)
        self._thumbnails.save_large(picture)

    def _extract(self, name: str, feature: Feature, pictures: Sequence[PendingPicture]) -> None:
        """Extract a feature of all pictures; if that fails, of each, to find the one to reject."""
        decoded = [pending.picture for pending in pictures if pending.picture is not None]
        if not decoded:
            return
        try:
            values = self._retry_policy.call(partial(feature.extract, decoded))
            for pending, value in zip(pictures, values, strict=True):
                pending.values[name] = value
        except LookalikeError:
            raise
        # A feature's own failure costs one picture, not a load of hours.
        except Exception as error:
            if len(pictures) == 1:
                detail = f"{name}: {type(error).__name__}: {error}"
                pictures[0].reject("feature_failed", detail)
                return
            for pending in pictures:
                self._extract(name, feature, [pending])

    def _find_regions(
        self, pending: PendingPicture, picture: Picture, fields: Mapping[str, Feature]
    ) -> None:
        try:
            find = partial(self._region_documents, picture, fields)
            pending.regions = self._retry_policy.call(find)
        except LookalikeError:
            raise
        # As for a feature: it costs one picture, not the load.
        except Exception as error:
            pending.reject("regions_failed", f"{type(error).__name__}: {error}")

    def _store_parts(
        self, pending: PendingPicture, picture: Picture, fields: Mapping[str, Feature]
    ) -> None:
        try:
            store = partial(store_parts, picture, pending.image_id, fields, self._thumbnails)
            pending.regions += self._retry_policy.call(store)
        except LookalikeError:
            raise
        # As for a feature: it costs one picture, not the load.
        except Exception as error:
            pending.reject("parts_failed", f"{type(error).__name__}: {error}")

    def _region_documents(self, picture: Picture, fields: Mapping[str, Feature]) -> list[Json]:
        """Return a document of each region, with the features that query photos search by.

        Nothing else is stored: a hash of a part would claim that a listing shows another's photo,
        and its colours would be counted with the picture's.
        """
        regions = self._finders.find_regions(picture, self._regions)
        parts = [picture.crop(region.box) for region in regions]
        documents: list[Json] = [
            {"source": REGION, "box": region.box.text, "width": part.width, "height": part.height}
            for region, part in zip(regions, parts, strict=True)
        ]
        for name, feature in fields.items():
            if isinstance(feature, QueryPhotoAware) and not isinstance(feature, Deferred):
                for document, value in zip(documents, feature.extract(parts), strict=True):
                    if value is not None:
                        document[name] = value
        return documents
