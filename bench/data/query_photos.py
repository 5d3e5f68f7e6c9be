"""Read query photos with their products from a CSV, and a shop's pictures from its feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from indexer.calibration import labelled_queries
from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row

Item = TypeVar("Item")


@dataclass(frozen=True)
class QueryPhoto:
    """A query picture, the product it shows, and that product's category ('' if unknown)."""

    path: Path
    product_id: str
    category: str


def read_query_photos(queries: Path) -> list[QueryPhoto]:
    """Return the photos that a CSV lists; paths start at its folder. Raises FeedUnreadable."""
    return [
        QueryPhoto(queries.parent / row["image"], row["product_id"], row.get("category") or "")
        for row in labelled_queries.read_rows(queries)
    ]


def feed_pictures(products: Path) -> list[QueryPhoto]:
    """Return the pictures of a feed, as files beside it. Raises FeedUnreadable."""
    feed = open_feed(products)
    read_rows = (parse_product(row) for row in feed.rows() if isinstance(row, Row))
    return [
        QueryPhoto(feed.home / address, one.id, "")
        for one in read_rows
        if isinstance(one, Product)
        for address in one.pictures
    ]


def take_evenly(photos: Sequence[Item], limit: int | None) -> list[Item]:
    """Return `limit` of the photos, evenly spaced in their order, or all."""
    count = min(limit or len(photos), len(photos))
    return [photos[len(photos) * n // count] for n in range(count)]
