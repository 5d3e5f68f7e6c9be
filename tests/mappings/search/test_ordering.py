"""Hits in another order, on the real server: by the price of now, and by age."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from features.base import Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.filters import Filters
from mappings.search.ordering import Order
from mappings.search.plan import Plan
from mappings.search.query import Query

NOW = datetime.now(UTC)


def span(first: int | None, last: int | None) -> Json:
    """Return a sale's time span, in days from now."""
    days = {"gte": first, "lte": last}
    return {
        bound: (NOW + timedelta(days=day)).isoformat()
        for bound, day in days.items()
        if day is not None
    }


@pytest.fixture
def shop(catalogue: Catalogue) -> Catalogue:
    euro = {"currency": "EUR", "images": []}
    refused = catalogue.write(
        [
            {"id": "plain", "title": "plain", "price": 20.0, "updated_at": "2026-01-03", **euro},
            {"id": "sale", "title": "sale", "price": 50.0, "sale_price": 10.0, **euro},
            {
                "id": "over", "title": "over", "price": 30.0, "sale_price": 1.0,
                "sale_price_effective_date": span(-9, -2), "updated_at": "2026-01-05", **euro,
            },
            {
                "id": "on", "title": "on", "price": 90.0, "sale_price": 15.0,
                "sale_price_effective_date": span(-1, None), **euro,
            },
            {"id": "dollar", "title": "dollar", "price": 2.0, "currency": "USD", "images": []},
            {"id": "free", "title": "free", "images": []},
        ],
        refresh=True,
    )  # fmt: skip
    assert refused == {}
    return catalogue


def browse(
    shop: Catalogue, registry: Registry, order: Order, *, size: int, skip: int = 0
) -> results.Results:
    query = Query(
        plan=Plan("browse", 6),
        browse=True,
        order=order,
        filters=Filters(currency="EUR"),
        now_ms=round(1000 * NOW.timestamp()),
        size=size,
        skip=skip,
    )
    return results.read_results(shop.search(queries.build_body(query, registry)), query)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("price_up", ["sale", "on", "plain", "over"]),
        ("price_down", ["over", "plain", "on", "sale"]),
        ("newest", ["over", "plain"]),
    ],
)
def test_hits_come_in_the_order_asked_for(
    shop: Catalogue, registry: Registry, order: Order, expected: Sequence[str]
) -> None:
    pages = [browse(shop, registry, order, size=3, skip=skip) for skip in (0, 3)]
    keys = [hit.id for page in pages for hit in page.hits]
    assert keys[: len(expected)] == expected
    assert sorted(keys) == ["dollar", "free", "on", "over", "plain", "sale"]
    assert (pages[0].skip, pages[0].after) == (3, None)


@pytest.mark.parametrize(
    ("order", "expected"), [("price_up", ["idle", "plain"]), ("price_down", ["plain", "idle"])]
)
def test_a_sale_price_above_the_price_does_not_order_hits(
    catalogue: Catalogue, registry: Registry, order: Order, expected: Sequence[str]
) -> None:
    euro = {"currency": "EUR", "images": []}
    # As it is once a patch has lowered the price.
    idle: Json = {"id": "idle", "title": "idle", "price": 12.0, "sale_price": 25.0, **euro}
    plain: Json = {"id": "plain", "title": "plain", "price": 20.0, **euro}
    assert catalogue.write([idle, plain], refresh=True) == {}
    page = browse(catalogue, registry, order, size=2)
    assert [hit.id for hit in page.hits] == expected
