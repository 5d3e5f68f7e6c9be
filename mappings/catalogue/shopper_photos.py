"""Confirmed shoppers' photos: extra views of a product, each with a day it is over.

A photo is a picture document beside the product's own, with `source: shopper`. Every change is
written over the very state it was made from, so that neither of two at once is lost.
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
"""Rounds of reading and writing before a product that changes all the time is given up on."""


@dataclass(frozen=True)
class ShopperPhoto:
    """What a photo showed and until when it counts. `values` are the features', by name."""

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
        """Keep a photo with a product; return how many it then has.

        The same photo again counts until its new day. Beyond `most`, the photo that would be over
        first makes room. Raises NotFound, InvalidQuery for a picture of the product's own, and
        Busy.
        """
        now = datetime.now(UTC)

        def with_photo(pictures: Sequence[Json]) -> list[Json]:
            if any(_is(one, photo.image_id) and one["source"] != SHOPPER for one in pictures):
                raise InvalidQuery("this is a picture of the product's own, not a shopper's photo")
            own = [one for one in pictures if one["source"] != SHOPPER]
            kept = [
                one
                for one in pictures
                if one["source"] == SHOPPER
                and not _is(one, photo.image_id)
                and not _is_over(one, now)
            ]
            kept.sort(key=lambda one: str(one["expires_at"]))
            return [*own, *kept[max(0, len(kept) - most + 1) :], photo.document(now)]

        return sum(one["source"] == SHOPPER for one in self._change(product_id, with_photo))

    def remove(self, product_id: str, image_id: str) -> None:
        """Forget a photo. Raises NotFound when the product has no such photo, and Busy."""

        def without(pictures: Sequence[Json]) -> list[Json]:
            left = [one for one in pictures if one["source"] != SHOPPER or not _is(one, image_id)]
            if len(left) == len(pictures):
                raise NotFound("the product has no such shopper's photo")
            return left

        self._change(product_id, without)

    def expire(self, now: datetime) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Remove every photo that is over; yield the product and the photos it lost."""
        over = {"range": {f"{PICTURES}.expires_at": {"lte": now.isoformat()}}}
        self._documents.refresh()
        for found in self._documents.scan(
            {
                "query": {"nested": {"path": PICTURES, "query": over}},
                "sort": [{"id": "asc"}],
                "_source": False,
            }
        ):
            gone: list[str] = []

            def living(pictures: Sequence[Json], gone: list[str] = gone) -> list[Json]:
                gone[:] = [one["image_id"] for one in pictures if _is_over(one, now)]
                return [one for one in pictures if not _is_over(one, now)]

            try:
                self._change(found.id, living)
            except NotFound:
                continue
            if gone:
                yield found.id, tuple(gone)

    def has_photo(self, image_id: str) -> bool:
        """Say whether any product still has this shopper's photo, as far as is searchable."""
        named = {"term": {f"{PICTURES}.image_id": image_id}}
        both = {"bool": {"filter": [named, SHOPPER_PHOTOS]}}
        self._documents.refresh()
        asked = {
            "size": 1,
            "_source": False,
            "query": {"nested": {"path": PICTURES, "query": both}},
        }
        return bool(self._documents.find(asked))

    def _change(
        self, product_id: str, change: Callable[[Sequence[Json]], list[Json]]
    ) -> list[Json]:
        """Replace a product's pictures by what `change` makes of them; return them."""
        for _ in range(MAX_ATTEMPTS):
            stored = self._documents.get_with_vectors(product_id)
            if stored is None:
                raise NotFound(f"there is no product {product_id[:80]!r}")
            pictures = change(stored.source.get(PICTURES, []))
            if self._documents.replace({**stored.source, PICTURES: pictures}, stored) is not None:
                return pictures
        raise Busy("the product is being changed all the time: try again in a second")


def _is(picture: Json, image_id: str) -> bool:
    return bool(picture["image_id"] == image_id)


def _is_over(picture: Json, now: datetime) -> bool:
    over = picture.get("expires_at")
    return over is not None and datetime.fromisoformat(over) <= now
