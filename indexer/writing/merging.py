"""Brings a product that was built some time ago together with the product as it is stored now.

While pictures were fetched and features extracted, a shopper's photo may have been attached, text
may have been read, or another model's values filled in.
"""

from collections.abc import Mapping, Sequence

from features.base import Json
from mappings.catalogue.products import PENDING, SHOPPER, picture_key


def merge_pictures(built: Sequence[Json], stored: Sequence[Json]) -> list[Json]:
    """Return a product's picture documents: those built, with what is stored of the same bytes.

    A stored picture keeps the time it came and the values it has got; shoppers' photos are those
    stored now, except for pictures that have become the product's own.
    """
    own = [picture for picture in built if picture.get("source") != SHOPPER]
    image_ids = {picture["image_id"] for picture in own}
    by_key = {picture_key(p): p for p in stored if p.get("source") != SHOPPER}
    photos = [
        picture
        for picture in stored
        if picture.get("source") == SHOPPER and picture["image_id"] not in image_ids
    ]
    return [*(_merged(picture, by_key.get(picture_key(picture))) for picture in own), *photos]


def _merged(built: Json, stored: Mapping[str, Json] | None) -> Json:
    if stored is None:
        return built
    # What either has been through is no longer to come.
    pending = [name for name in built.get(PENDING, ()) if name in stored.get(PENDING, ())]
    merged = {**stored, **built}
    if "added_at" in stored:
        merged["added_at"] = stored["added_at"]
    merged.pop(PENDING, None)
    return {**merged, PENDING: pending} if pending else merged
