"""A search answers with the price of now, through HTTP and on the pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import node_environment
from tests.support import sale_shop
from tests.support.engine import Engine
from tests.support.loaded_feed import loaded_feed


@pytest.fixture(scope="module")
def client(engine: Engine, state_folder: Path) -> Iterator[FlaskClient]:
    settings = node_environment(state_folder)
    with loaded_feed(engine, settings, sale_shop.write_feed) as shop, shop.app() as app:
        yield app.test_client()


def search(client: FlaskClient, **fields: Any) -> Any:
    answer = client.get("/api/v1/search", query_string={"size": 50, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"price_max": 25}, {"plain", "always", "now"}),
        ({"price_max": 16}, {"now"}),
        ({"price_min": 24, "price_max": 25}, {"always"}),
        ({"price_min": 30}, {"ended", "coming"}),
        ({"price_min": 36}, set()),
    ],
)
@pytest.mark.parametrize("words", ["", "cup"])
def test_bound_holds_for_the_price_of_now(
    client: FlaskClient, bounds: dict[str, float], found: set[str], words: str
) -> None:
    answer = search(client, **bounds, **({"q": words} if words else {}))
    assert {hit["id"] for hit in answer["hits"]} == found


def test_bound_holds_for_the_price_of_now_beside_a_picture(client: FlaskClient) -> None:
    answer = client.get("/api/v1/products/plain/similar?price_max=25&size=50").json
    assert answer is not None
    assert {hit["id"] for hit in answer["hits"]} == {"always", "now"}


def test_hit_has_the_price_of_now_and_the_regular_one(client: FlaskClient) -> None:
    hits = {hit["id"]: hit["product"] for hit in search(client)["hits"]}
    prices = {key: (hit["price"], hit.get("regular_price")) for key, hit in hits.items()}
    assert prices == {
        "plain": (20.0, None),
        "always": (24.95, 47.0),
        "now": (15.0, 40.0),
        "ended": (30.0, None),
        "coming": (35.0, None),
    }


def test_facet_ranges_over_the_prices_of_now(client: FlaskClient) -> None:
    price = search(client, facets="price")["facets"]["price"]
    assert (price["min"], price["max"], price["count"]) == (15.0, 35.0, 5)


def test_page_shows_both_prices_during_a_sale_alone(client: FlaskClient) -> None:
    on_sale, ended = (client.get(f"/products/{key}").text for key in ("now", "ended"))
    assert "€15.00" in on_sale
    assert "<s>€40.00</s>" in on_sale
    assert "€30.00" in ended
    assert "<s>€30" not in ended
