"""Query photos with the product each shows, from a CSV; and the shop's own, from its feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from indexer.calibration import labelled_queries
from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row

One = TypeVar("One")


@dataclass(frozen=True)
class Photo:
    """A query picture, the product it shows, and that product's category ('' if not told)."""

    path: Path
    product_id: str
    category: str


def read(queries: Path) -> list[Photo]:
    """Return the photos a CSV lists; paths start at its folder. Raises FeedUnreadable."""
    return [
        Photo(queries.parent / row["image"], row["product_id"], row.get("category") or "")
        for row in labelled_queries.read_rows(queries)
    ]


def shown(products: Path) -> list[Photo]:
    """Return the pictures of a feed that lie beside it. Raises FeedUnreadable."""
    feed = open_feed(products)
    read_rows = (parse_product(row) for row in feed.rows() if isinstance(row, Row))
    return [
        Photo(feed.home / address, one.id, "")
        for one in read_rows
        if isinstance(one, Product)
        for address in one.pictures
    ]


def spread(photos: Sequence[One], limit: int | None) -> list[One]:
    """Return `limit` of some photos at equal distances, or all."""
    count = min(limit or len(photos), len(photos))
    return [photos[len(photos) * n // count] for n in range(count)]
