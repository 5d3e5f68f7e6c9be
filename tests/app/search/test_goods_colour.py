"""The colour that shoppers filter by is the goods' own, one of eleven."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.shop import Shop


@pytest.fixture(scope="module")
def client(word_shop: Shop) -> Iterator[FlaskClient]:
    with word_shop.app() as app:
        yield app.test_client()


def search(client: FlaskClient, **query: str) -> Any:
    return client.get("/api/v1/search", query_string={"size": "50", **query}).json


def test_feed_words_in_two_languages_are_one_colour(client: FlaskClient) -> None:
    blue = {hit["id"] for hit in search(client, filter="colour:blue")["hits"]}
    assert {"boot-1", "scarf-3", "布-2"} <= blue
    assert not blue & {"boot-2", "bowl-1", "布-1"}


def test_facet_counts_what_the_filter_finds(client: FlaskClient) -> None:
    counted = search(client, facets="colour", q="scarf")["facets"]["colour"]
    colours = {entry["value"]: entry["count"] for entry in counted}
    assert colours == {"red": 1, "white": 1, "blue": 1}


def test_page_offers_it_with_its_swatch(client: FlaskClient) -> None:
    page = client.get("/search?q=scarf").get_data(as_text=True)
    assert "colour:red" in page
    assert "swatch-red" in page
    assert "picture_colour" not in page
