"""What goes with a product comes from the visits of shoppers, on the real server."""

from collections.abc import Iterator
from secrets import token_hex

import pytest
from flask.testing import FlaskClient

from features.base import Json
from mappings.events.ubi_mapping import EVENTS
from tests.support.shop import Shop
from tests.support.ubi import click, stored

A, B, C, POPULAR, SEEN = "saleor-126", "saleor-127", "saleor-128", "saleor-129", "saleor-130"


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[FlaskClient]:
    """A shop with sixty visits: A, B and SEEN together in twelve, POPULAR in every one."""
    with shop.app() as app:
        client = app.test_client(use_cookies=False)
        label = token_hex(6)
        for number in range(60):
            session = f"{label}-{number}"
            ids = [POPULAR, *([A, B, SEEN] if number < 12 else [C] if number < 40 else [])]
            events = [{**act(key, "view"), "session_id": session} for key in ids]
            if number < 12:
                events += [{**act(key, "purchase"), "session_id": session} for key in (A, B)]
            elif number < 40:
                events += [{**act(C, "purchase"), "session_id": session}]
            events = [{**event, "message": label} for event in events]
            answer = client.post("/api/v1/events", json=events)
            assert answer.json is not None
            assert answer.json["accepted"] == len(events)
        number_of_events = 60 + 12 * 5 + 28 * 2
        stored(shop.environment, EVENTS, {"match": {"message": label}}, number_of_events)
        yield client


def act(key: str, action: str) -> Json:
    return {**click(key), "action_name": action}


def test_products_of_the_same_visits_are_related(client: FlaskClient) -> None:
    related = client.get(f"/api/v1/products/{A}/related").json
    assert related is not None
    viewed = {product["id"]: product for product in related["also_viewed"]}
    assert viewed.keys() == {B, SEEN}
    (bought,) = related["bought_with"]
    assert bought["id"] == B
    assert viewed[B]["sessions"] == 12
    assert viewed[B]["score"] > 10.83
    assert viewed[B]["product"]["title"]


def test_product_of_its_own_visits_alone_has_none(client: FlaskClient) -> None:
    related = client.get(f"/api/v1/products/{C}/related").json
    assert related == {"also_viewed": [], "bought_with": []}


def test_unknown_product_is_not_found(client: FlaskClient) -> None:
    assert client.get("/api/v1/products/no-such/related").status_code == 404


def test_size_is_limited(client: FlaskClient) -> None:
    assert client.get(f"/api/v1/products/{A}/related?size=100").status_code == 422


def test_product_page_shows_them_in_both_languages(client: FlaskClient) -> None:
    page = client.get(f"/products/{A}", headers={"Accept": "text/html"}).text
    assert "Often bought together" in page
    assert "Shoppers also viewed" in page
    assert "application/ld+json" in page
    # What was bought together is not shown again as viewed.
    related = page.split("Similar products")[0]
    assert related.count(f'href="/products/{B}"') == 1
    assert related.count(f'href="/products/{SEEN}"') == 1
    page = client.get(f"/products/{A}?lang=ja", headers={"Accept": "text/html"}).text
    assert "よく一緒に購入されている商品" in page
    page = client.get(f"/products/{C}", headers={"Accept": "text/html"}).text
    assert "Often bought together" not in page


def test_shop_without_events_shows_none(shop: Shop) -> None:
    with shop.app(shop_events=False) as app:
        answer = app.test_client().get(f"/api/v1/products/{A}/related")
    assert answer.json == {"also_viewed": [], "bought_with": []}
