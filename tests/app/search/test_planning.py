"""A search is planned by what was measured of its index, and says so when asked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.factory import create_app
from app.search.cursor import decode_cursor
from app.search.explanation import shorten
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.services import Services
from features.base import ApproximateSearch
from mappings.catalogue.recall import RECALL_KEY, RecallFigure, RecallTable
from mappings.engine.connection import connect
from tests.support.shop import Shop
from tests.support.uploads import form

SHOE = "saleor-white-plimsolls-1.png"
EMBEDDING = SearchParameters(features=["embedding"])
GRAPH = ApproximateSearch(200, 400)
"""Far more than the shop has, so that the graph loses nothing."""


@pytest.fixture
def services(shop: Shop) -> Iterator[Services]:
    """The shop, measured: a graph that is quick and finds everything, exact comparison is slow."""
    with shop.services() as services:
        held = services.catalogue.summary()
        figures = (
            RecallFigure(1.0, None, 1.0, 0.999, 80, 90),
            RecallFigure(1.0, GRAPH, 1.0, 0.995, 2, 3),
        )
        table = RecallTable(
            "2026-11-21T18:00:00+00:00",
            held["products"],
            held["pictures"],
            200,
            {"embedding": figures},
        )
        services.catalogue.store_recall_table(table)
        try:
            yield services
        finally:
            connect(services.settings.engine).update_meta(
                services.catalogue.alias, lambda meta: {**meta, RECALL_KEY: {}}
            )


def test_measured_graph_answers_as_exact_comparison_does(services: Services, shop: Shop) -> None:
    wanted = SearchRequest(EMBEDDING, (shop.picture(SHOE),))
    with shop.services(promised_recall=1.0) as certain:
        exact = certain.searcher.search(wanted)
    planned = services.searcher.search(wanted)
    assert (exact.plan.kind, exact.plan.approximate) == ("exact", None)
    assert (planned.plan.kind, planned.plan.approximate) == ("approximate", GRAPH)
    assert [hit.id for hit in planned.results.hits] == [hit.id for hit in exact.results.hits]


def test_search_for_hashes_alone_walks_no_graph(services: Services, shop: Shop) -> None:
    hashes = SearchParameters(features=["pdq", "checksum"])
    wanted = SearchRequest(hashes, (shop.picture(SHOE),))
    assert services.searcher.search(wanted).plan.kind == "exact"


def test_measure_that_has_no_graph_is_exact(services: Services, shop: Shop) -> None:
    measured = SearchParameters(features=["embedding"], similarity={"embedding": "l2"})
    wanted = SearchRequest(measured, (shop.picture(SHOE),))
    assert services.searcher.search(wanted).plan.kind == "exact"


def test_page_cut_by_the_candidate_limit_says_so(services: Services, shop: Shop) -> None:
    few = ApproximateSearch(4, 4)
    held = services.catalogue.summary()
    figures = (
        RecallFigure(1.0, None, 1.0, 0.999, 80, 90),
        RecallFigure(1.0, few, 1.0, 0.995, 2, 3),
    )
    table = RecallTable("now", held["products"], held["pictures"], 200, {"embedding": figures})
    services.catalogue.store_recall_table(table)
    picture = shop.picture(SHOE)
    asked = SearchRequest(EMBEDDING.model_copy(update={"size": 3}), (picture,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mappings.planning.planner.MIN_K", 1)
        patch.setattr("mappings.planning.planner.K_PER_HIT", 1)
        first = services.searcher.search(asked)
        assert first.plan.approximate == few
        assert not first.is_truncated
        assert first.next_cursor is not None
        cursor = decode_cursor(first.next_cursor)
        changes = {"size": 3, "picture": first.picture, "cursor": cursor}
        following = SearchRequest(EMBEDDING.model_copy(update=changes))
        last = services.searcher.search(following)
    assert (len(last.results.hits), last.next_cursor, last.is_truncated) == (1, None, True)


def explained(services: Services, shop: Shop, **fields: Any) -> Any:
    client = create_app(services).test_client()
    answer = client.post("/api/v1/search", **form(shop.picture(SHOE), **fields))
    assert answer.status_code == 200, answer.text
    return answer.json["explanation"]


def test_explanation_tells_plan_request_and_times(services: Services, shop: Shop) -> None:
    told = explained(services, shop, explain="true", filter=["brand:Saleor Loom"])
    assert told["plan"] == {
        "kind": "approximate",
        "estimated_products": told["plan"]["estimated_products"],
        "k": 200,
        "num_candidates": 400,
        "oversample": None,
        "promised_recall": 0.99,
        "measured_recall": 1.0,
        "recall_at_least": 0.995,
        "measured_p95_ms": 3.0,
        "why": "the cheapest measured method to find 0.99 of the nearest or more: "
        "0.995 at least, p95 3 ms",
    }
    assert 0 < told["plan"]["estimated_products"] < 20
    assert set(told["stages_ms"]) == {"decode", "features", "plan", "engine", "took"}
    request = json.dumps(told["request"])
    assert '"query_vector": "1280 numbers"' in request
    assert '"terms": {"brand": ["Saleor Loom"]}' in request
    assert len(request) < 20_000


def test_decoding_an_upload_is_timed(services: Services, shop: Shop) -> None:
    told = explained(services, shop, explain="true", crop="0.01,0.01,0.99,0.99")
    assert told["stages_ms"]["decode"] > 0.1


def test_nobody_who_did_not_ask_gets_an_explanation(services: Services, shop: Shop) -> None:
    assert explained(services, shop) is None


def test_shortened_request_keeps_its_shape() -> None:
    bands = [f"{n:x}" for n in range(272)]
    assert shorten({"v": [0.5] * 1280, "t": {"bands": bands}, "sort": [1, 2], "s": "x" * 5}) == {
        "v": "1280 numbers",
        "t": {"bands": [*bands[:8], "and 264 more"]},
        "sort": [1, 2],
        "s": "xxxxx",
    }
    assert len(shorten("y" * 10_000)) < 250
