"""Finds the pictures to learn from: a feed's, the index's, confirmed shoppers' photos."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound
from features.base import Json
from features.embedding.training.splits import PhotoOrigin
from features.imaging.thumbnails import Thumbnails
from indexer.feeds.feed import Feed
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row
from indexer.training.photo_list import LabelledPhoto
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue


@dataclass(frozen=True)
class CataloguePicture:
    """One picture of a product; `category` is its whole path, '' where it has none."""

    path: Path
    product_id: str
    category: str = ""


def feed_pictures(feed: Feed) -> list[CataloguePicture]:
    """Return the pictures a feed keeps on this machine; those on the web are left out."""
    found = []
    for row in feed.rows():
        one = parse_product(row) if isinstance(row, Row) else None
        if isinstance(one, Product):
            paths = [feed.home / address for address in one.pictures]
            category = _deepest(one.fields.get("category"))
            found += [CataloguePicture(path, one.id, category) for path in paths if path.is_file()]
    return found


def index_pictures(
    catalogue: Catalogue, thumbnails: Thumbnails, copies: Thumbnails
) -> tuple[list[CataloguePicture], list[LabelledPhoto]]:
    """Return the catalogue's pictures and the shoppers' photos, by their kept thumbnails.

    `copies` are those of shoppers' photos, which no address leads to.
    """
    shown, photos = [], []
    for path, source, picture in _stored_pictures(
        catalogue, {"catalogue": thumbnails, "shopper": copies}
    ):
        if picture["source"] == "catalogue":
            shown.append(CataloguePicture(path, source["id"], _deepest(source.get("category"))))
        else:
            origin = PhotoOrigin(taken_at=picture.get("added_at", ""))
            photos.append(LabelledPhoto(path, source["id"], origin))
    return shown, photos


def label_by_category(shown: Sequence[CataloguePicture]) -> list[LabelledPhoto]:
    """Return catalogue pictures as photos of their category; bare of those without one.

    The product is the source: pictures of one product are learned from or judged by together.
    """
    return [
        LabelledPhoto(one.path, one.category, PhotoOrigin(source=one.product_id))
        for one in shown
        if one.category
    ]


def _stored_pictures(
    catalogue: Catalogue, thumbnails: Mapping[str, Thumbnails]
) -> Iterator[tuple[Path, Json, Json]]:
    for page in scan.scan_pictures(catalogue, shoppers=True):
        for source, picture in page.pictures:
            try:
                kept = thumbnails[picture["source"]].path(picture["image_id"])
                yield kept, source, picture
            except (KeyError, NotFound):
                continue


def _deepest(paths: Json) -> str:
    """Return the longest of a category and its ancestors."""
    return str(paths[-1]) if paths else ""
