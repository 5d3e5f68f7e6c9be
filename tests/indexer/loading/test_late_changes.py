"""Changes that come late, after a rebuild, mean what they would have meant without it."""

import pytest

from core.retries import RetryPolicy
from features.base import Json
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import ProductPatch, ProductPut
from indexer.writing.recorded_writer import RecordedWriter
from tests.indexer.conftest import Shop

GREY = (90, 90, 90)


@pytest.mark.parametrize(("price_in_feed", "price"), [(8.0, 8.0), (9.0, 6.0)])
def test_a_late_put_keeps_a_newer_patch_that_the_rebuilt_product_says(
    shop: Shop, price_in_feed: float, price: float
) -> None:
    shown = [shop.picture("a.png", GREY)]
    shop.write({"id": "cup", "price": 1.0, "image": shown})
    shop.load()
    stored = shop.stored(["cup"])["cup"]

    def put(version: int, price: float) -> ProductPut:
        fields: dict[str, Json] = {"id": "cup", "price": price}
        document = {**stored, **fields}
        order = ChangeOrder(shop.ledger.next_arrival(), version, "shop")
        return ProductPut("cup", order, document, hash_content(fields, shown))

    writer = RecordedWriter(shop.catalogue, shop.ledger, RetryPolicy(10))
    patch = ProductPatch("cup", ChangeOrder(shop.ledger.next_arrival(), 8, "shop"), {"price": 8.0})
    writer.apply([put(5, 5.0)])
    writer.apply([patch])
    shop.write({"id": "cup", "price": price_in_feed, "image": shown})
    shop.load(rebuild=True)
    assert shop.stored(["cup"])["cup"]["price"] == price_in_feed
    writer.apply([put(6, 6.0)])
    shop.catalogue.refresh()
    # The feed's own price is no statement of the shop's systems, which a later one overrides.
    assert shop.stored(["cup"])["cup"]["price"] == price
