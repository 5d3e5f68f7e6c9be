"""A shop that never loaded a feed: its systems alone fill it, over HTTP."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.api.live_shop import WAIT, LiveShop, open_live_shop, picture
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.uploads import form

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def new(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    folder = tmp_path_factory.mktemp("new")
    values = dict(node_environment(folder).values)
    with open_live_shop(
        engine,
        folder,
        values,
        is_prepared=False,
        LOOKALIKE_FEED_CURRENCY="EUR",
        LOOKALIKE_PLACEHOLDER_PRODUCTS="3",
    ) as shop:
        yield shop


def test_the_first_change_makes_the_index(new: LiveShop) -> None:
    assert new.client.get("/readyz").status_code == 503
    # There is nothing to change or delete, and that is said as of any other product.
    answer = new.send("PATCH", "/api/v1/products/first", {"stock": 1})
    assert answer.status_code == 404, answer.text
    assert new.put("first", picture(1), title="Teapot").status_code == 201
    assert new.found("q=teapot") == ["first"]
    assert new.client.get("/readyz").status_code == 200


def test_an_index_that_is_gone_is_made_again_and_takes_every_product(
    engine: Engine, tmp_path: Path
) -> None:
    values = dict(node_environment(tmp_path).values)
    with open_live_shop(engine, tmp_path, values, is_prepared=False) as shop:
        put = shop.put("cup", picture(1), f"{WAIT}&version=3", title="Cup")
        assert put.status_code == 201
        gateway = shop.services.shared.gateway
        gateway.delete_index(f"{shop.environment.text('LOOKALIKE_INDEX')}-000001")
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            again = shop.put("cup", picture(1), f"{WAIT}&version=3", title="Cup")
            if again.status_code == 201:
                break
            time.sleep(0.5)
        assert (again.status_code, again.json["outcome"]) == (201, "created"), again.text
        assert shop.found("q=cup") == ["cup"]


def test_prices_without_a_currency_are_in_the_feeds(new: LiveShop) -> None:
    new.put("bare", picture(2), title="Bare", price="12.50")
    new.put("dollar", picture(3), title="Dollar", price="9 USD")
    new.put("unpriced", picture(4), title="Unpriced")
    for key in ("bare", "dollar", "unpriced"):
        answer = new.send("PATCH", f"/api/v1/products/{key}{WAIT}", {"price": "8.00"})
        assert answer.status_code == 200, answer.text
    products = {key: new.product(key) or {} for key in ("bare", "dollar", "unpriced")}
    assert {key: (one["price"], one["currency"]) for key, one in products.items()} == {
        "bare": (8.0, "EUR"),
        "dollar": (8.0, "USD"),
        "unpriced": (8.0, "EUR"),
    }
    new.send("PATCH", "/api/v1/products/unpriced", {"price": "7", "currency": "GBP"})
    assert (new.product("unpriced") or {})["currency"] == "GBP"


def test_a_file_that_stands_for_no_picture_is_recognised_among_changes(new: LiveShop) -> None:
    grey = picture(77)
    kinds = ("Home", "Toys", "Food")
    for number, kind in enumerate(kinds):
        new.put(f"bare-{number}", grey, title=f"Thing {number}", category=kind)
    assert matches(new, grey)
    new.services.shared.live.start()
    until = time.monotonic() + PATIENCE_S
    while matches(new, grey) and time.monotonic() < until:
        time.sleep(0.5)
    assert not matches(new, grey)
    # The next product with it is known for what it is.
    new.put("bare-4", grey, title="Thing 4", category="Home")
    while matches(new, grey) and time.monotonic() < until:
        time.sleep(0.5)
    assert not matches(new, grey)
    assert (new.product("bare-4") or {})["title"] == "Thing 4"


def matches(shop: LiveShop, data: bytes) -> list[str]:
    """Return the products that a duplicate check of a picture names."""
    answer = shop.client.post("/api/v1/duplicates/check", **form(data)).json
    assert answer is not None
    return [match["id"] for match in answer["matches"]]
