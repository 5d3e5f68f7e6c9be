"""What looks like a product is found once, and again as soon as any product has changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.search import similar_products
from app.search.search_parameters import SimilarParameters
from app.search.searcher import Searcher
from app.services import Services
from mappings.catalogue.catalogue import Catalogue
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.loaded_feed import loaded_feed
from tests.support.variant_shop import write_feed


@pytest.fixture
def changing(
    engine: Engine, state_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Services, list[str]]]:
    """The services of a shop that a test may change, and the products searched by, in order."""
    monkeypatch.setattr(similar_products, "CHANGE_S", 0.0)
    searched: list[str] = []
    search = Searcher.search

    def counted(self: Searcher, request: Any) -> Any:
        searched.extend(request.parameters.product_id)
        return search(self, request)

    monkeypatch.setattr(Searcher, "search", counted)
    with (
        loaded_feed(engine, node_environment(state_folder), write_feed) as shop,
        shop.services() as services,
    ):
        yield services, searched


def first_product(catalogue: Catalogue) -> Any:
    body = {"size": 1, "sort": ["id"], "query": {"match_all": {}}}
    return catalogue.search(body)["hits"]["hits"][0]["_source"]


def test_similar_products_are_searched_once_until_a_product_changes(
    changing: tuple[Services, list[str]],
) -> None:
    services, searched = changing
    product = first_product(services.catalogue)
    parameters = SimilarParameters(product_id=[product["id"]])
    first = services.similar_products.search(parameters)
    again = services.similar_products.search(parameters)
    assert searched == [product["id"]]
    assert again.results == first.results
    assert again.query_id != first.query_id, "each view is a query of its own"
    stored = services.catalogue.product(product["id"], vectors=True)
    services.catalogue.write([{**stored, "title": "Renamed"}], refresh=True)
    services.similar_products.search(parameters)
    assert searched == [product["id"]] * 2


def test_another_question_is_searched(changing: tuple[Services, list[str]]) -> None:
    services, searched = changing
    product = first_product(services.catalogue)
    for size in (3, 4):
        services.similar_products.search(SimilarParameters(product_id=[product["id"]], size=size))
    assert len(searched) == 2
