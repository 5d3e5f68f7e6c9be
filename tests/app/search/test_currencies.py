"""A price bound and the price facet belong to one currency, through HTTP and on the pages."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from mappings.search.exchange_rates import ExchangeRates
from tests.support.shop import Shop

EUROS = ["coat-m", "coat-s", "hood-blue", "hood-green", "hood-navy", "hood-red", "mug", "scarf"]


@pytest.fixture(scope="module")
def client(variant_shop: Shop) -> Iterator[FlaskClient]:
    with variant_shop.app() as app:
        yield app.test_client()


@pytest.fixture(scope="module")
def exchanging(variant_shop: Shop) -> Iterator[FlaskClient]:
    """A client of the shop with exchange rates: 20 dollars are 10 euros, 100 yen are one."""
    with variant_shop.app(exchange_rates=ExchangeRates({"USD": 0.5, "JPY": 0.01})) as app:
        yield app.test_client()


def search(client: FlaskClient, **fields: Any) -> Any:
    answer = client.get("/api/v1/search", query_string=fields)
    assert answer.status_code == 200, answer.text
    return answer.json


def ids(answer: Any) -> list[str]:
    return sorted(hit["id"] for hit in answer["hits"])


def test_bound_is_in_the_currency_of_most_products(client: FlaskClient) -> None:
    assert ids(search(client, price_min=900)) == []
    assert ids(search(client, price_min=1)) == EUROS


@pytest.mark.parametrize("code", ["JPY", "jpy", " JPY "])
def test_bound_is_in_the_currency_that_is_asked_for(client: FlaskClient, code: str) -> None:
    assert ids(search(client, price_min=1000, currency=code)) == ["bowl"]


@pytest.mark.parametrize("code", ["yen", "EURO", "€", "123", "ＥＵＲ"])
def test_unknown_currency_is_refused(client: FlaskClient, code: str) -> None:
    answer = client.get("/api/v1/search", query_string={"currency": code})
    assert answer.status_code == 400
    assert answer.json is not None
    assert "no currency of ISO 4217" in answer.json["detail"]


def test_currency_alone_leaves_nothing_out(client: FlaskClient) -> None:
    assert search(client, currency="JPY")["total"] == 11


def test_facet_has_the_range_of_the_shops_currency_and_of_each(client: FlaskClient) -> None:
    price = search(client, facets="price")["facets"]["price"]
    euros = {"currency": "EUR", "min": 9.0, "max": 80.0, "count": 8}
    yen = {"currency": "JPY", "min": 980.0, "max": 1200.0, "count": 2}
    dollars = {"currency": "USD", "min": 30.0, "max": 30.0, "count": 1}
    assert price == {**euros, "ranges": [euros, yen, dollars]}


def test_facet_has_the_range_of_the_currency_that_is_asked_for(client: FlaskClient) -> None:
    price = search(client, facets="price", currency="JPY")["facets"]["price"]
    assert (price["currency"], price["min"], price["max"]) == ("JPY", 980.0, 1200.0)
    none = search(client, facets="price", currency="CHF")["facets"]["price"]
    assert (none["currency"], none["min"], none["count"]) == ("CHF", None, 0)


def test_price_among_the_words_names_its_own_currency(client: FlaskClient) -> None:
    assert ids(search(client, q="tea under 1000 yen")) == ["plate"]
    assert ids(search(client, q="tea under 50", currency="USD")) == ["tray"]
    assert ids(search(client, q="tea under 1000 yen", price_max=50, currency="USD")) == ["tray"]


def test_cheaper_compares_in_the_currency_of_the_product(client: FlaskClient) -> None:
    answer = search(client, q="cheaper", product_id="bowl")
    assert ids(answer) == ["plate"]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"price_min": "11"}, ["bowl", *EUROS[:6], "scarf", "tray"]),
        ({"price_max": "10"}, ["mug", "plate"]),
        ({"price_max": "20", "currency": "USD"}, ["mug", "plate"]),
        ({"price_min": "1100", "price_max": "1900", "currency": "JPY"}, ["bowl", "scarf", "tray"]),
        # No rate: only products in that currency could be compared.
        ({"price_max": "1000", "currency": "CHF"}, []),
    ],
)
def test_exchange_rates_carry_a_bound_over_to_other_currencies(
    exchanging: FlaskClient, bounds: dict[str, str], expected: list[str]
) -> None:
    assert ids(search(exchanging, **bounds)) == expected


def test_facets_count_under_a_bound_in_all_its_currencies(exchanging: FlaskClient) -> None:
    answer = search(exchanging, q="tea", price_max=10, facets="price", size=1)
    assert ids(answer) == ["plate"]
    assert [entry["count"] for entry in answer["facets"]["price"]["ranges"]] == [2, 1]


def test_page_shows_the_currency_of_the_price_filter(client: FlaskClient) -> None:
    html = client.get("/search?q=hoodie&price_min=1&lang=en").text
    assert "<legend>Price (€)</legend>" in html
    assert "from €1.00" in html
    assert 'name="currency"' not in html, "there are no other currencies to choose among"


def test_page_offers_the_currencies_of_what_was_found(client: FlaskClient) -> None:
    html = client.get("/search?lang=ja&currency=JPY&price_max=1000").text
    (select,) = re.findall(r'<select id="currency".*?</select>', html, re.DOTALL)
    assert re.findall(r'<option value="(\w*)"( selected)?>', select) == [
        ("", ""), ("JPY", " selected"), ("USD", ""),
    ]  # fmt: skip
    assert "<legend>価格 (￥)</legend>" in html
    assert "￥1,000以下" in html
