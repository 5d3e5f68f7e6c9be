"""A sale starts and ends by itself."""

from datetime import UTC, datetime

import pytest

from features.base import Json
from mappings.catalogue.sale import current_price, is_on_sale, sale_fields

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
PRODUCT: dict[str, Json] = {"price": 25.0, "sale_price": 19.0}


@pytest.mark.parametrize(
    ("period", "price"),
    [
        (None, 19.0),
        ({"gte": "2026-11-30T00:00:00", "lte": "2026-11-30T23:59:59"}, 19.0),
        ({"gte": "2026-11-30T13:00:00"}, 25.0),
        ({"gte": "2026-11-30T13:00:00+02:00"}, 19.0),
        ({"lte": "2026-11-30T11:59:59"}, 25.0),
        ({"lte": "2026-11-30T12:00:00"}, 19.0),
    ],
)
def test_price_of_now_follows_the_time_span(period: Json, price: float) -> None:
    product = {**PRODUCT, "sale_price_effective_date": period}
    assert current_price(product, NOON) == price


def test_without_a_sale_price_nothing_is_on_sale() -> None:
    product = {"price": 25.0, "sale_price_effective_date": {"lte": "2036-01-01"}}
    assert not is_on_sale(product, NOON)
    assert current_price(product, NOON) == 25.0
    assert current_price({}, NOON) is None


@pytest.mark.parametrize(
    ("price", "now", "is_idle"), [(15.0, 15.0, True), (19.0, 19.0, True), (19.5, 19.0, False)]
)
def test_a_sale_price_that_lowers_nothing_is_no_sale(
    price: float, now: float, *, is_idle: bool
) -> None:
    product = {**PRODUCT, "price": price}
    assert is_on_sale(product, NOON) is not is_idle
    assert current_price(product, NOON) == now
    assert sale_fields(product) == ({"idle_sale": True} if is_idle else {})


def test_a_sale_price_without_a_price_counts() -> None:
    assert current_price({"sale_price": 19.0}, NOON) == 19.0
    assert sale_fields({"sale_price": 19.0}) == {}
