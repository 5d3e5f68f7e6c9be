"""Finds pictures for training: in a feed, in the index, and among confirmed shoppers' photos."""

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
    """One picture of a product; `category` is its whole path, '' for none."""

    path: Path
    product_id: str
    category: str = ""


def feed_pictures(feed: Feed) -> list[CataloguePicture]:
    """Return the feed's pictures on this machine, without those on the web."""
    pictures = []
    for row in feed.rows():
        product = parse_product(row) if isinstance(row, Row) else None
        if isinstance(product, Product):
            paths = [feed.home / address for address in product.pictures]
            category = _deepest(product.fields.get("category"))
            pictures += [
                CataloguePicture(path, product.id, category) for path in paths if path.is_file()
            ]
    return pictures


def index_pictures(
    catalogue: Catalogue, thumbnails: Thumbnails, copies: Thumbnails
) -> tuple[list[CataloguePicture], list[LabelledPhoto]]:
    """Return the catalogue's pictures and the shoppers' photos, as their stored thumbnails.

    `copies` holds the thumbnails of shoppers' photos, which have no public address.
    """
    pictures, photos = [], []
    for path, source, picture in _stored_pictures(
        catalogue, {"catalogue": thumbnails, "shopper": copies}
    ):
        if picture["source"] == "catalogue":
            pictures.append(CataloguePicture(path, source["id"], _deepest(source.get("category"))))
        else:
            origin = PhotoOrigin(taken_at=picture.get("added_at", ""))
            photos.append(LabelledPhoto(path, source["id"], origin))
    return pictures, photos


def label_by_category(pictures: Sequence[CataloguePicture]) -> list[LabelledPhoto]:
    """Return catalogue pictures labelled by their category, without those that have none.

    The product is the source, so that all pictures of a product fall on one side of a split.
    """
    return [
        LabelledPhoto(picture.path, picture.category, PhotoOrigin(source=picture.product_id))
        for picture in pictures
        if picture.category
    ]


def _stored_pictures(
    catalogue: Catalogue, thumbnails: Mapping[str, Thumbnails]
) -> Iterator[tuple[Path, Json, Json]]:
    for page in scan.scan_pictures(catalogue, shoppers=True):
        for source, picture in page.pictures:
            try:
                path = thumbnails[picture["source"]].path(picture["image_id"])
                yield path, source, picture
            except (KeyError, NotFound):
                continue


def _deepest(paths: Json) -> str:
    """Return the whole path, the last of a category and its ancestors; '' for none."""
    return str(paths[-1]) if paths else ""
