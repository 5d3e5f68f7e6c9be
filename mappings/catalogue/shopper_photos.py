"""Confirmed shoppers' photos: further views of a product, each with an expiry date.

A photo is a picture document beside the product's own, with `source: shopper`. Every change is
written over the state it was based on, so two changes at once are both kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import Busy, InvalidQuery, NotFound
from features.base import Json
from mappings.catalogue.products import PICTURES, SHOPPER, SHOPPER_PHOTOS
from mappings.engine.documents import Documents
from mappings.engine.gateway import Gateway

MAX_ATTEMPTS = 5
"""Rounds of reading and writing before giving up on a product that others keep changing."""


@dataclass(frozen=True)
class ShopperPhoto:
    """A shopper's photo and when it expires. `values` are the features', by field."""

    image_id: str
    width: int
    height: int
    values: dict[str, Json]
    expires_at: datetime

    def document(self, now: datetime) -> dict[str, Json]:
        """Return the nested picture document."""
        return {
            "image_id": self.image_id,
            "width": self.width,
            "height": self.height,
            "source": SHOPPER,
            "added_at": now.isoformat(timespec="milliseconds"),
            "expires_at": self.expires_at.isoformat(timespec="milliseconds"),
            **self.values,
        }


class ShopperPhotos:
    """The shoppers' photos in the index behind one alias."""

    def __init__(self, gateway: Gateway, alias: str) -> None:
        self._documents: Documents = gateway.documents(alias)

    def attach(self, product_id: str, photo: ShopperPhoto, most: int) -> int:
        """Store a photo with a product; return how many photos of shoppers it then has.

        A photo that is there already gets the new expiry date. Beyond `most` photos, those that
        expire first are dropped. Raises NotFound, InvalidQuery for the product's own picture, and
        Busy.
        """
        now = datetime.now(UTC)

        def with_photo(pictures: Sequence[Json]) -> list[Json]:
            own = [picture for picture in pictures if not _is_shoppers(picture)]
            if any(picture["image_id"] == photo.image_id for picture in own):
                raise InvalidQuery("this is a picture of the product's own, not a shopper's photo")
            photos = [
                picture
                for picture in pictures
                if _is_shoppers(picture)
                and picture["image_id"] != photo.image_id
                and not _has_expired(picture, now)
            ]
            photos.sort(key=lambda picture: str(picture["expires_at"]))
            return [*own, *photos[max(0, len(photos) - most + 1) :], photo.document(now)]

        return sum(map(_is_shoppers, self._change(product_id, with_photo)))

    def remove(self, product_id: str, image_id: str) -> None:
        """Remove a photo. Raises NotFound when the product has no such photo, and Busy."""

        def without_photo(pictures: Sequence[Json]) -> list[Json]:
            others = [
                picture
                for picture in pictures
                if not _is_shoppers(picture) or picture["image_id"] != image_id
            ]
            if len(others) == len(pictures):
                raise NotFound("the product has no such shopper's photo")
            return others

        self._change(product_id, without_photo)

    def expire(self, now: datetime) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Remove every expired photo; yield each product's id and the photos it lost."""
        expired = {"range": {f"{PICTURES}.expires_at": {"lte": now.isoformat()}}}
        self._documents.refresh()
        for product in self._documents.scan(
            {
                "query": {"nested": {"path": PICTURES, "query": expired}},
                "sort": [{"id": "asc"}],
                "_source": False,
            }
        ):
            removed: list[str] = []

            def unexpired(pictures: Sequence[Json], removed: list[str] = removed) -> list[Json]:
                removed[:] = [p["image_id"] for p in pictures if _has_expired(p, now)]
                return [picture for picture in pictures if not _has_expired(picture, now)]

            try:
                self._change(product.id, unexpired)
            except NotFound:
                continue
            if removed:
                yield product.id, tuple(removed)

    def has_photo(self, image_id: str) -> bool:
        """Say whether any product still has this shopper's photo, as far as is searchable."""
        same = {"term": {f"{PICTURES}.image_id": image_id}}
        query = {"bool": {"filter": [same, SHOPPER_PHOTOS]}}
        self._documents.refresh()
        body = {
            "size": 1,
            "_source": False,
            "query": {"nested": {"path": PICTURES, "query": query}},
        }
        return bool(self._documents.find(body))

    def _change(
        self, product_id: str, change: Callable[[Sequence[Json]], list[Json]]
    ) -> list[Json]:
        """Replace a product's pictures by what `change` returns for them; return them."""
        for _ in range(MAX_ATTEMPTS):
            stored = self._documents.get_with_vectors(product_id)
            if stored is None:
                raise NotFound(f"there is no product {product_id[:80]!r}")
            pictures = change(stored.source.get(PICTURES, []))
            if self._documents.replace({**stored.source, PICTURES: pictures}, stored) is not None:
                return pictures
        raise Busy("the product is being changed by others: try again in a second")


def _is_shoppers(picture: Json) -> bool:
    return bool(picture["source"] == SHOPPER)


def _has_expired(picture: Json, now: datetime) -> bool:
    expires_at = picture.get("expires_at")
    return expires_at is not None and datetime.fromisoformat(expires_at) <= now
