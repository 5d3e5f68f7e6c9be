"""What the search box suggests while somebody types."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.search.popular_queries import PopularQueries
from app.search.suggester import Suggester
from app.search.vocabulary_cache import VocabularyCache
from core.errors import EngineUnavailable
from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import (
    DATA_STREAM,
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    search_event,
)
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def client(word_shop: Shop) -> Iterator[FlaskClient]:
    with word_shop.app() as app:
        yield app.test_client()


def suggest(client: FlaskClient, q: str, **more: Any) -> list[Json]:
    answer = client.get("/api/v1/suggest", query_string={"q": q, **more})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return list(answer.json["suggestions"])


def shown(suggestions: list[Json]) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in suggestions]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("pud", ("brand", "Puddle")),
        ("shelv", ("category", "Shelving")),
        ("rain b", ("product", "Rain boots")),
        ("boots r", ("product", "Rain boots")),
        ("ＢＯＯＫＣ", ("product", "Bookcase, five shelves")),
        ("book c", ("product", "Bookcase, five shelves")),
        ("saucp", ("product", "Saucepan")),
        ("glm.88", ("product", "Desk lamp")),
        ("山猫", ("brand", "山猫堂")),
        ("やまね", ("brand", "山猫堂")),
        ("ｲﾔ", ("product", "防水イヤホン")),
        ("くつし", ("product", "ウールの靴下")),
        ("おりたた", ("product", "折りたたみ椅子")),
        ("椅", ("category", "椅子")),
        ("赤いハン", ("product", "コットンのハンカチ")),
    ],
)
def test_what_goes_on_as_typed_is_suggested(
    client: FlaskClient, typed: str, expected: tuple[str, str]
) -> None:
    assert expected in shown(suggest(client, typed))


def test_each_suggestion_says_what_to_open(client: FlaskClient) -> None:
    category, product, *_ = suggest(client, "sca")
    assert category["filter"] == "category:Fashion > Scarves"
    assert category["parent"] == "Fashion"
    assert category["marks"] == [[0, 3]]
    assert product["kind"] == "product"
    assert product["id"].startswith("scarf-")
    assert product["image"].startswith("/images/")
    with client.get(product["image"]) as picture:
        assert picture.status_code == 200
    (brand,) = (one for one in suggest(client, "merin") if one["kind"] == "brand")
    assert brand["filter"] == "brand:Merin"
    found = client.get("/api/v1/search", query_string={"filter": brand["filter"]}).json
    assert found is not None
    assert found["total"] == 3


def test_title_that_begins_as_typed_comes_before_one_that_holds_it(client: FlaskClient) -> None:
    titles = [text for kind, text in shown(suggest(client, "s")) if kind == "product"]
    assert titles[:2] in (["Saucepan", "Silk scarf"], ["Silk scarf", "Saucepan"])


def test_products_of_one_title_are_suggested_once(client: FlaskClient) -> None:
    assert [one["text"] for one in suggest(client, "saucepan")] == ["Saucepan"]


def test_variants_of_a_product_are_suggested_once(client: FlaskClient) -> None:
    rugs = [one["text"] for one in suggest(client, "round ru") if one["kind"] == "product"]
    assert len(rugs) == 1


def test_typo_is_forgiven_only_where_nothing_begins_so(client: FlaskClient) -> None:
    assert ("product", "Bookcase, five shelves") in shown(suggest(client, "bokca"))
    assert ("brand", "Glimmer") in shown(suggest(client, "glimer"))
    assert suggest(client, "sclf") == []
    assert all("lamp" in text.lower() for _, text in shown(suggest(client, "lamp")))


@pytest.mark.parametrize("typed", ["", "   ", "😀", "!?", '"', "\x00"])
def test_nothing_to_go_on_suggests_nothing(client: FlaskClient, typed: str) -> None:
    assert suggest(client, typed) == []


@pytest.mark.parametrize(
    "typed", ["boots*", "(sca", "title:silk", "a OR b", "sc~2", "[a TO z]", "si*lk", "\\", "a.*"]
)
def test_operators_are_text(client: FlaskClient, typed: str) -> None:
    for one in suggest(client, typed):
        assert one["kind"] in ("product", "category", "brand")


@pytest.mark.parametrize("piece", ["ab ", "赤い靴と", "1234a ", "a-", "あ", "x"])
def test_long_text_is_answered(client: FlaskClient, piece: str) -> None:
    suggest(client, (piece * 1000)[:1000])


def test_stars_match_nothing_by_themselves(client: FlaskClient) -> None:
    assert suggest(client, "b*x") == []


def test_size_bounds_the_answer(client: FlaskClient) -> None:
    assert len(suggest(client, "s", size=2)) == 2
    assert len(suggest(client, "s", size=20)) > 2


@pytest.mark.parametrize(
    ("query", "status"),
    [({"q": "x" * 1001}, 422), ({"size": 0}, 422), ({"size": 21}, 422), ({"query": "x"}, 400)],
)
def test_bad_input_is_a_problem(client: FlaskClient, query: dict[str, str], status: int) -> None:
    answer = client.get("/api/v1/suggest", query_string=query)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_popular_queries_come_first_and_never_what_is_typed_already(word_shop: Shop) -> None:
    log = {
        "aggregations": {
            "queries": {
                "buckets": [
                    {"key": words, "networks": {"value": 5}} for words in ("silk scarf", "silk")
                ]
            }
        }
    }
    with word_shop.services() as services:
        # The local node's one search log is shared by all tests: this is what it would answer.
        popular = PopularQueries(lambda body: log, 3)
        suggester = Suggester(
            services.catalogue, VocabularyCache(services.catalogue, 30).current, popular
        )
        first, *others = suggester.suggest("silk", 8)
        assert (first.kind, first.value, first.spans) == ("query", "silk scarf", ((0, 4),))
        assert {one.kind for one in others} == {"product"}


def test_what_several_networks_asked_is_suggested_from_the_log(
    word_shop: Shop, gateway: Gateway
) -> None:
    asked = [popular_event("qwertz lanterns", f"203.0.{number}.9") for number in range(3)]
    asked += [popular_event("qwertz secrets", "203.0.113.9") for _ in range(9)]
    gateway.bulk_create(DATA_STREAM, [(event["event"]["id"], event) for event in asked])
    gateway.refresh(DATA_STREAM)
    with word_shop.services() as services:
        assert [one.value for one in services.suggester.suggest("qwertz", 8)] == ["qwertz lanterns"]
    with word_shop.services(log_searches=False) as services:
        assert services.suggester.suggest("qwertz", 8) == []


def popular_event(words: str, address: str) -> Json:
    """Return the event of a search from an address that found something."""
    identity = uuid4().hex
    request = RecordedRequest(identity, datetime.now(UTC), 9.0, client_address=address)
    query = RecordedQuery(identity, words, page=1)
    return search_event(SearchRecord(request, query, None, RecordedResults(2)))


def test_log_that_cannot_be_read_costs_the_queries_alone(word_shop: Shop) -> None:
    def unavailable(body: Json) -> Json:
        raise EngineUnavailable("no log")

    with word_shop.services() as services:
        suggester = Suggester(
            services.catalogue,
            VocabularyCache(services.catalogue, 30).current,
            PopularQueries(unavailable, 3),
        )
        assert [one.kind for one in suggester.suggest("silk", 8)] == ["product"]
