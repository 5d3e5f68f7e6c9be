"""The exports of shop systems in tests/exports, written by hand after their documentation."""

from pathlib import Path

from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.loading.feed_products import FeedProducts
from mappings.catalogue.fields import PRODUCT_FIELDS

EXPORTS = Path(__file__).parents[2] / "exports"


def read_products(path: Path) -> tuple[dict[str, Product], list[Rejection], str]:
    """Return a feed's products by id, what was rejected, and how it was read, as a load does."""
    feed = FeedProducts(open_feed(path), PRODUCT_FIELDS)
    found = list(feed.read())
    products = [item for item in found if isinstance(item, Product)]
    rejected = [item for item in found if isinstance(item, Rejection)]
    rejected += [cell for product in products for cell in product.unreadable]
    return {product.id: product for product in products}, rejected, feed.reading
