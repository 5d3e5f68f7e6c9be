"""Shoppers search in their variant: their answers and their events say so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.experiments.experiment import Experiment, Overrides, Variant
from app.factory import create_app
from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import DATA_STREAM
from mappings.events.ubi_mapping import QUERIES
from tests.bench.experiments.declared import experiment
from tests.support.reviewing import PAGE
from tests.support.shop import Shop

SEARCH = "/api/v1/search?q=juice&explain=true"
NOW = datetime.now(UTC)


def running(**overrides: object) -> Experiment:
    """Return an experiment that runs now, all of whose clients are in the variant."""
    variants = (Variant("control", 1e-9), Variant("v", 1, Overrides(**overrides)))  # type: ignore[arg-type]
    span = timedelta(days=1)
    return experiment(id="running", start=NOW - span, end=NOW + span, variants=variants)


def shopper(app: APIFlask) -> FlaskClient:
    """Return a browser that has been to the shop, and so has a pseudonym."""
    client = app.test_client()
    assert client.get("/", headers=PAGE).status_code == 200
    return client


def answer(client: FlaskClient, address: str = SEARCH) -> dict[str, Any]:
    found = client.get(address)
    assert found.status_code == 200, found.text
    return dict(found.json)


@pytest.fixture(scope="module")
def app(shop: Shop) -> Iterator[APIFlask]:
    with shop.app(experiments=(running(weights={"text": 0.5}, recall=0.9),)) as app:
        yield app


def test_answer_names_experiment_and_variant_the_same_every_time(app: APIFlask) -> None:
    client = shopper(app)
    found = [answer(client) for _ in range(3)]
    assert {(page["experiment"], page["variant"]) for page in found} == {("running", "v")}


def test_program_takes_no_part(app: APIFlask) -> None:
    found = answer(app.test_client())
    assert (found["experiment"], found["variant"]) == (None, None)


def test_browser_that_is_not_to_be_tracked_takes_no_part(app: APIFlask) -> None:
    client = app.test_client()
    client.environ_base["HTTP_SEC_GPC"] = "1"
    client.get("/", headers=PAGE)
    assert answer(client)["variant"] is None


def test_search_cannot_choose_its_variant(app: APIFlask) -> None:
    assert shopper(app).get(f"{SEARCH}&variant=control").status_code in (400, 422)


def test_pages_of_a_search_stay_in_their_variant(app: APIFlask) -> None:
    client = shopper(app)
    first = answer(client, "/api/v1/search?q=juice&size=1")
    following = answer(client, f"/api/v1/search?q=juice&size=1&cursor={first['next_cursor']}")
    assert following["variant"] == "v"


def test_variant_whose_model_is_not_here_takes_no_part(shop: Shop) -> None:
    with shop.app(experiments=(running(model="next"),)) as app:
        assert answer(shopper(app))["variant"] is None


def test_without_visual_only_searches_with_words_take_part(shop: Shop) -> None:
    with shop.app(experiments=(running(has_visual=False),)) as app:
        client = shopper(app)
        assert answer(client)["variant"] == "v"
        key = answer(client)["hits"][0]["id"]
        assert answer(client, f"/api/v1/products/{key}/similar")["variant"] is None


def test_page_of_the_shop_is_recorded_in_its_variant(shop: Shop, gateway: Gateway) -> None:
    with shop.services(experiments=(running(),)) as services:
        client = shopper(create_app(services))
        assert client.get("/search?q=running+variant", headers=PAGE).status_code == 200
        query_id = answer(client)["query_id"]
    assert (
        recorded(gateway, DATA_STREAM, {"lookalike.query.id": query_id})["lookalike"]["query"][
            "variant"
        ]
        == "v"
    )
    pages = {"user_query": "running variant"}
    exposed = recorded(gateway, QUERIES, pages)["query_attributes"]["lookalike"]
    assert (exposed["experiment"], exposed["variant"]) == ("running", "v")


def recorded(gateway: Gateway, stream: str, term: Json) -> Json:
    gateway.refresh(stream)
    found = gateway.search(stream, {"query": {"term": term}})["hits"]["hits"]
    assert found, f"nothing recorded with {term}"
    return found[0]["_source"]
