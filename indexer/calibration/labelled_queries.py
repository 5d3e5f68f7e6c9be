"""Labelled queries: from photos in a CSV, or from the catalogue's further pictures."""

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
from mappings.engine.paging import search_pages

PAGE_SIZE = 1000
"""Products read at a time, without their vectors."""

MAX_QUERIES = 1000
"""Most catalogue pictures searched with; more would not change the printed digits."""

PRODUCTS_PER_REQUEST = 64


@dataclass(frozen=True)
class ProductPhoto:
    """A labelled photo's file, and the id of the product it shows."""

    path: Path
    product_id: str


@dataclass(frozen=True)
class SkippedPhoto:
    """A labelled photo that cannot be used, and why."""

    path: Path
    reason: str


def read_photos(table: Path) -> list[ProductPhoto]:
    """Read the photos of a CSV with the columns `image` and `product_id`.

    Paths are relative to the CSV's folder. Raises FeedUnreadable.
    """
    return [
        ProductPhoto(table.parent / row["image"], row["product_id"]) for row in read_rows(table)
    ]


def read_rows(table: Path) -> list[dict[str, str]]:
    """Read all columns of such a CSV. Raises FeedUnreadable."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FeedUnreadable(f"{table} cannot be read: {error}") from error
    if not rows or not {"image", "product_id"} <= rows[0].keys():
        raise FeedUnreadable(
            f"{table} needs the columns image and product_id, and at least one row"
        )
    return rows


def extract_queries(
    photos: Sequence[ProductPhoto], registry: Registry, decoder: Sandbox
) -> Iterator[LabelledQuery | SkippedPhoto]:
    """Yield the query of each photo, or why it cannot be used."""
    for photo in photos:
        try:
            picture = decoder.decode(photo.path.read_bytes())
        except LookalikeError as error:
            yield SkippedPhoto(photo.path, str(error))
        except OSError as error:
            yield SkippedPhoto(photo.path, str(error.strerror))
        else:
            values = {
                name: extract_photo_value(feature, picture) for name, feature in registry.items()
            }
            usable = {name: value for name, value in values.items() if value is not None}
            yield LabelledQuery(usable, photo.product_id)


def catalogue_queries(
    catalogue: Catalogue, registry: Registry, most: int = MAX_QUERIES
) -> Iterator[LabelledQuery]:
    """Yield the stored second pictures of at most `most` products that have several."""
    ids, names = _products_with_several(catalogue, most), versions.feature_names_by_field(registry)
    for start in range(0, len(ids), PRODUCTS_PER_REQUEST):
        products = catalogue.products(ids[start : start + PRODUCTS_PER_REQUEST], vectors=True)
        for key, product in products.items():
            picture: Json = own_pictures(product[PICTURES])[1]
            stored = versions.values_by_feature(picture, names)
            values = {name: stored[name] for name in registry if name in stored}
            yield LabelledQuery(values, key, picture["image_id"])


def _products_with_several(catalogue: Catalogue, most: int) -> list[str]:
    """Return ids of at most `most` products with several pictures, in practically random order."""
    ids: list[str] = []
    body: Json = {
        "sort": [{PHOTO_GROUP: "asc"}, {"id": "asc"}],
        "track_total_hits": False,
        "_source": ["id", f"{PICTURES}.image_id", f"{PICTURES}.source"],
    }
    for hits in search_pages(catalogue.search, body, PAGE_SIZE):
        for hit in hits:
            pictures = {one["image_id"] for one in own_pictures(hit["_source"].get(PICTURES, []))}
            if len(pictures) > 1:
                ids.append(hit["_source"]["id"])
        if len(ids) >= most:
            break
    return ids[:most]
