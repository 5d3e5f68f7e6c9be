"""Where pictures come from of which it is known what they show."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import LookalikeError
from features.base import Json
from features.extraction import extract_photo_value
from features.imaging.sandbox import Sandbox
from features.registry import Registry
from indexer.calibration.examples import LabelledQuery
from indexer.errors import FeedUnreadable
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PHOTO_GROUP, PICTURES, own_pictures

MAX_QUERIES = 1000
"""Further pictures asked with: more change no digit that anybody reads."""

PRODUCTS_PER_REQUEST = 64


@dataclass(frozen=True)
class ProductPhoto:
    """A labelled photo's file, and the id of the product it shows."""

    path: Path
    product_id: str


def read_photos(listed: Path) -> list[ProductPhoto]:
    """Return the photos of a CSV with the columns `image` and `product_id`.

    Paths begin at the CSV's folder. Raises FeedUnreadable.
    """
    return [
        ProductPhoto(listed.parent / row["image"], row["product_id"]) for row in read_rows(listed)
    ]


def read_rows(listed: Path) -> list[dict[str, str]]:
    """Return all columns of such a CSV. Raises FeedUnreadable."""
    try:
        with listed.open(encoding="utf-8-sig", newline="") as lines:
            found = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FeedUnreadable(f"{listed} cannot be read: {error}") from error
    if not found or not {"image", "product_id"} <= found[0].keys():
        raise FeedUnreadable(f"{listed} needs the columns image and product_id, and a row")
    return found


def extract_queries(
    listed: Sequence[ProductPhoto], registry: Registry, decoder: Sandbox
) -> Iterator[LabelledQuery | LookalikeError]:
    """Yield what the features ask with for each photo, or why it cannot be used."""
    for photo in listed:
        try:
            picture = decoder.decode(photo.path.read_bytes())
        except LookalikeError as error:
            yield error
        except OSError as error:
            yield FeedUnreadable(f"{photo.path} cannot be read: {error.strerror}")
        else:
            values = {
                name: extract_photo_value(feature, picture) for name, feature in registry.items()
            }
            shown = {name: value for name, value in values.items() if value is not None}
            yield LabelledQuery(shown, photo.product_id)


def catalogue_queries(
    catalogue: Catalogue, registry: Registry, most: int = MAX_QUERIES
) -> Iterator[LabelledQuery]:
    """Yield the second pictures of products that have more than one, as they are stored."""
    ids, names = _products_with_several(catalogue, most), versions.feature_names_by_field(registry)
    for start in range(0, len(ids), PRODUCTS_PER_REQUEST):
        found = catalogue.products(ids[start : start + PRODUCTS_PER_REQUEST], vectors=True)
        for key, product in found.items():
            picture: Json = own_pictures(product[PICTURES])[1]
            held = versions.values_by_feature(picture, names)
            values = {name: held[name] for name in registry if name in held}
            yield LabelledQuery(values, key, picture["image_id"])


def _products_with_several(catalogue: Catalogue, most: int) -> list[str]:
    """Return ids of products with several pictures, as good as drawn by lot."""
    ids: list[str] = []
    after: list[Json] = []
    while len(ids) < most:
        body: Json = {
            "size": 1000,
            "sort": [{PHOTO_GROUP: "asc"}, {"id": "asc"}],
            "track_total_hits": False,
            "_source": ["id", f"{PICTURES}.image_id", f"{PICTURES}.source"],
        }
        hits = catalogue.search({**body, "search_after": after} if after else body)["hits"]["hits"]
        if not hits:
            break
        for hit in hits:
            pictures = {one["image_id"] for one in own_pictures(hit["_source"].get(PICTURES, []))}
            if len(pictures) > 1:
                ids.append(hit["_source"]["id"])
        after = hits[-1]["sort"]
    return ids[:most]
