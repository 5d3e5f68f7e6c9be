"""Typos are corrected, and words without one cost no request more."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient

from app.search.query_runner import QueryRunner
from app.search.synonym_file import SynonymFile
from app.search.word_reader import WordReader
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from mappings.search.plan import Plan
from mappings.search.query import Query
from tests.support.plain_features import Stamp
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def client(word_shop: Shop) -> Iterator[FlaskClient]:
    with word_shop.app() as app:
        yield app.test_client()


def found(client: FlaskClient, words: str) -> tuple[list[str], dict[str, str]]:
    answer = client.get("/api/v1/search", query_string={"q": words}).json
    assert answer is not None
    return [hit["product"]["title"] for hit in answer["hits"]], answer["reading"]["corrections"]


def requests(client: FlaskClient, words: str) -> int:
    """Return how many requests to Elasticsearch a search takes once the vocabulary is read."""
    found(client, words)
    search = Catalogue.search
    with patch.object(Catalogue, "search", autospec=True, side_effect=search) as searching:
        found(client, words)
    return searching.call_count


@pytest.mark.parametrize("words", ["saucpan", "rain bots", "desk lmap"])
def test_word_that_no_product_has_is_corrected(client: FlaskClient, words: str) -> None:
    titles, corrections = found(client, words)
    assert list(corrections) == [words.rsplit(maxsplit=1)[-1]]
    assert titles[0] in ("Saucepan", "Rain boots", "Desk lamp")


def test_word_that_only_a_description_has_is_no_typo(gateway: Gateway, alias: str) -> None:
    registry = Registry([Stamp()])
    catalogue = Catalogue(gateway, registry, alias)
    catalogue.prepare()
    poster = {"id": "1", "title": "Handel poster", "images": []}
    pan = {"id": "2", "title": "Pan", "description": "With a handle", "images": []}
    catalogue.write([poster, pan], refresh=True)
    runner = QueryRunner(catalogue, registry, WordReader(catalogue, 0, SynonymFile(None)))
    query = Query(Plan("words", 2), words="handle")
    run = runner.run(query, is_literal=False)
    assert ([hit.id for hit in run.page.hits], run.query.corrections) == (["2"], {})


@pytest.mark.parametrize("words", ["saucepan", "rain boots", "xqzwv", "靴下"])
def test_words_without_a_typo_take_one_request(client: FlaskClient, words: str) -> None:
    assert requests(client, words) == 1
