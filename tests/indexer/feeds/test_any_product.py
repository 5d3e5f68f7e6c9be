"""Cells of any kind, and the feeds of real shops, are understood or named."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Rejection, Row

cells = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
names = st.sampled_from(
    [
        "id",
        "title",
        "price",
        "currency",
        "price_usd",
        "availability",
        "stock",
        "color",
        "size",
        "category",
        "department",
        "attributes",
        "image",
        "additional_image_link",
        "link",
        "gtin",
    ]
)


@given(st.dictionaries(names, cells))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_cells_are_a_product_or_a_rejection(values: dict[str, Any]) -> None:
    found = parse_product(Row(1, values))
    assert isinstance(found, Product | Rejection)
    if isinstance(found, Product):
        json.dumps(found.fields, allow_nan=False, ensure_ascii=False).encode()


def test_shared_feeds_are_understood(shared_data: Path) -> None:
    saleor = [
        json.loads(line)
        for line in (shared_data / "saleor/products.jsonl").read_text().splitlines()
    ]
    shoe = parse_product(Row(1, next(row for row in saleor if row["id"] == "saleor-127")))
    assert isinstance(shoe, Product)
    assert len(shoe.pictures) == 4
    assert dict(shoe.fields) | {"description": ""} == {
        "id": "saleor-127",
        "title": "White Plimsolls",
        "description": "",
        "brand": "Saleor Loom",
        "category": ["Apparel", "Apparel > Sneakers"],
        "price": 80.0,
        "currency": "USD",
        "stock": 3500,
        "availability": "in_stock",
    }
    first = (shared_data / "grocery/products.jsonl").read_text().partition("\n")[0]
    apple = parse_product(Row(1, json.loads(first)))
    assert isinstance(apple, Product)
    assert apple.fields["category"] == ["Fruit", "Fruit > Apple"]
    assert (apple.fields["price"], apple.fields["currency"]) == (27.9, "SEK")
    assert apple.pictures == ("iconic/grocery-000_Golden-Delicious.jpg",)
