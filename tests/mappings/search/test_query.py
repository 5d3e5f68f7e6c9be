"""Whole request bodies against literals, then the same bodies on the real server."""

from dataclasses import replace

import pytest

from core.errors import UnknownName
from features.base import ApproximateSearch, ClauseContext, Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.fields import PRODUCT_FIELDS
from mappings.planning.planner import graph_features
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.filters import Filters
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from mappings.search.word_clauses import WordQuery, field_weights
from mappings.words.lexicon import Lexicon
from mappings.words.reading import read
from tests.support.plain_features import Arrow, Pointer, Stamp

EXACT = Plan("exact", 3)
RED = Filters(terms={"brand": ("Acme",)})


def product(key: str, arrow: list[float], **more: Json) -> Json:
    image = {"image_id": f"{key}-0", "width": 1, "height": 1, "source": "catalogue", "arrow": arrow}
    stamp = more.pop("stamp", None)
    if stamp:
        image["stamp"] = {"names": [stamp]}
    return {"id": key, "title": f"{key} mug", "images": [image], **more}


ARROW = ClauseContext("images.arrow")
EXPIRED = {"range": {"images.expires_at": {"lte": "now"}}}


def living(clause: Json) -> Json:
    """Return a clause as it is asked of a picture whose time is not over."""
    return {"bool": {"must": [clause], "must_not": [EXPIRED]}}


@pytest.fixture
def shop(catalogue: Catalogue) -> Catalogue:
    refused = catalogue.write(
        [
            product("east", [1.0, 0.0], brand="Acme", price=10.0, stamp="gold"),
            product("north", [0.0, 1.0], brand="Acme", price=20.0),
            product("west", [-1.0, 0.0], brand="Nord", price=30.0, title="青い 花瓶"),
        ],
        refresh=True,
    )
    assert refused == {}
    return catalogue


def ask(shop: Catalogue, query: Query, registry: Registry) -> results.Results:
    return results.read_results(shop.search(queries.build_body(query, registry)), query)


def test_body_holds_filter_pictures_and_words_in_one_request(registry: Registry) -> None:
    query = Query(
        plan=EXACT,
        signals=(Signal(Arrow(), [1.0, 0.0], 3.0),),
        words="red mug",
        words_weight=1.0,
        filters=RED,
        size=5,
        min_score=0.2,
        after=(0.5, "b"),
    )
    assert queries.build_body(query, registry) == {
        "query": {
            "bool": {
                "filter": [{"terms": {"brand": ["Acme"]}}],
                "should": [
                    {
                        "function_score": {
                            "query": {
                                "nested": {
                                    "path": "images",
                                    "score_mode": "max",
                                    "query": living(Arrow().clause([1.0, 0.0], ARROW)),
                                    "inner_hits": {
                                        "name": "arrow:0",
                                        "size": 1,
                                        "_source": False,
                                        "docvalue_fields": ["images.image_id", "images.box"],
                                    },
                                }
                            },
                            "weight": 0.75,
                            "_name": "arrow:0",
                        }
                    },
                    {
                        "script_score": {
                            "query": WordQuery(field_weights(PRODUCT_FIELDS.word_weights)).body(
                                read("red mug", Lexicon())
                            ),
                            "script": {
                                "source": "_score / (_score + params.half)",
                                "params": {"half": 4.0},
                            },
                            "_name": "text:words",
                            "boost": 0.25,
                        }
                    },
                ],
                "minimum_should_match": 1,
            }
        },
        "size": 5,
        "track_total_hits": True,
        "track_scores": True,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": {"excludes": ["images.arrow", "images.stamp", "terms", "codes"]},
        "min_score": 0.2,
        "search_after": [0.5, "b"],
    }


def test_filters_travel_inside_an_approximate_clause(registry: Registry) -> None:
    filters = Filters(terms={"brand": ("Acme",)}, picture_terms={"images.stamp.names": ("gold",)})
    plan = Plan("approximate", 9, ApproximateSearch(k=4, num_candidates=40))
    query = Query(plan=plan, signals=(Signal(Arrow(), [1.0, 0.0], 1.0),), filters=filters)
    should = queries.build_body(query, registry)["query"]["bool"]["should"]
    (chosen,), (compared,) = should[0]["bool"]["filter"], should[0]["bool"]["must"]
    (knn,) = chosen["nested"]["query"]["bool"]["must"]
    assert knn["knn"]["filter"] == [
        {"terms": {"brand": ["Acme"]}},
        {"terms": {"images.stamp.names": ["gold"]}},
    ]
    # What is named runs once more for the hits: it must not choose again.
    nested = compared["function_score"]["query"]["nested"]
    assert compared["function_score"]["_name"] == "arrow:0"
    (exact,) = nested["query"]["bool"]["must"]
    assert "script_score" in exact


def test_nothing_asked_matches_nothing(registry: Registry) -> None:
    assert queries.build_body(Query(plan=EXACT), registry)["query"] == {"match_none": {}}


def test_nearest_picture_comes_first_with_its_evidence(shop: Catalogue, registry: Registry) -> None:
    query = Query(plan=EXACT, signals=(Signal(Arrow(), [1.0, 0.1], 1.0),))
    page = ask(shop, query, registry)
    assert [hit.id for hit in page.hits] == ["east", "north", "west"]
    assert page.hits[0].signals["arrow"]["cosine"] == pytest.approx(0.995, abs=1e-3)
    assert page.hits[0].image_id == "east-0"
    assert "arrow" not in page.hits[0].product["images"][0]


@pytest.mark.parametrize(
    "filters", [Filters(), RED, Filters(picture_terms={"images.stamp.names": ("gold",)})]
)
def test_exact_and_approximate_agree(shop: Catalogue, registry: Registry, filters: Filters) -> None:
    exact = Query(plan=EXACT, signals=(Signal(Arrow(), [0.6, 0.8], 1.0),), filters=filters)
    graph = replace(exact, plan=Plan("approximate", 3, ApproximateSearch(3, 30)))
    exact_page, graph_page = ask(shop, exact, registry), ask(shop, graph, registry)
    assert [h.id for h in exact_page.hits] == [h.id for h in graph_page.hits]
    assert [h.score for h in exact_page.hits] == pytest.approx(
        [h.score for h in graph_page.hits], abs=1e-4
    )


def test_filter_is_applied_before_neighbours_are_chosen(
    shop: Catalogue, registry: Registry
) -> None:
    plan = Plan("approximate", 1, ApproximateSearch(k=1, num_candidates=1))
    filters = Filters(terms={"brand": ("Nord",)})
    query = Query(plan=plan, signals=(Signal(Arrow(), [1.0, 0.0], 1.0),), filters=filters)
    assert [hit.id for hit in ask(shop, query, registry).hits] == ["west"]


def test_score_is_the_weighted_mean_of_the_signals(shop: Catalogue, registry: Registry) -> None:
    query = Query(
        plan=EXACT,
        signals=(Signal(Arrow(), [1.0, 0.0], 3.0), Signal(Stamp(), "gold", 1.0)),
    )
    first, second, _ = ask(shop, query, registry).hits
    assert (first.id, first.score) == ("east", pytest.approx(1.0, abs=1e-5))
    assert (second.id, second.score) == ("north", pytest.approx(0.75 * 0.5, abs=1e-5))


def test_small_weight_does_not_push_a_clause_below_its_own_threshold(
    shop: Catalogue, registry: Registry
) -> None:
    class Near(Arrow):
        """Matches only from a cosine of 0.8 on, as a hash does within its radius."""

        def clause(self, value: Json, context: ClauseContext) -> Json:
            clause = super().clause(value, context)
            clause["script_score"]["min_score"] = 0.9
            return clause

    signals = (Signal(Near(), [1.0, 0.0], 0.01, "1"), Signal(Stamp(), "gold", 1.0))
    (hit,) = ask(shop, Query(plan=EXACT, signals=signals), registry).hits
    assert hit.signals["arrow"]["score"] == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("mugs", {"east", "north"}), ("花瓶", {"west"}), ("* OR title:x", set())],
)
def test_words_match_both_languages_literally(
    shop: Catalogue, registry: Registry, words: str, expected: set[str]
) -> None:
    page = ask(shop, Query(plan=EXACT, words=words), registry)
    assert {hit.id for hit in page.hits} == expected
    assert all(0 < hit.score < 1 for hit in page.hits)


def test_facet_is_counted_under_every_filter_but_its_own(
    shop: Catalogue, registry: Registry
) -> None:
    query = Query(
        plan=EXACT,
        signals=(Signal(Arrow(), [1.0, 0.0], 1.0),),
        filters=Filters(terms={"brand": ("Nord",)}),
        facets=("brand", "price", "picture_stamp"),
    )
    facets = ask(shop, query, registry).facets
    assert facets["brand"] == [{"value": "acme", "count": 2}, {"value": "nord", "count": 1}]
    assert facets["price"]["ranges"] == [{"currency": None, "min": 30.0, "max": 30.0, "count": 1}]
    assert facets["picture_stamp"] == []


def test_facets_of_a_word_search_count_only_what_the_words_match(
    shop: Catalogue, registry: Registry
) -> None:
    query = Query(plan=EXACT, words="花瓶", facets=("brand",))
    assert ask(shop, query, registry).facets["brand"] == [{"value": "nord", "count": 1}]


def test_unknown_facet_names_the_known_ones(registry: Registry) -> None:
    with pytest.raises(UnknownName, match=r"unknown facet 'colr'; known: .*brand.*stamp"):
        queries.build_body(Query(plan=EXACT, words="x", facets=("colr",)), registry)


def test_pages_neither_overlap_nor_skip(shop: Catalogue, registry: Registry) -> None:
    query = Query(plan=EXACT, signals=(Signal(Arrow(), [0.0, 1.0], 1.0),), size=1)
    seen = []
    for _ in range(3):
        page = ask(shop, query, registry)
        seen += [hit.id for hit in page.hits]
        query = replace(query, after=page.after)
    assert sorted(seen) == ["east", "north", "west"]
    assert ask(shop, query, registry).after is None


def test_browsing_needs_no_signal(shop: Catalogue, registry: Registry) -> None:
    page = ask(shop, Query(plan=EXACT, filters=RED, browse=True), registry)
    assert (page.total, [hit.score for hit in page.hits]) == (2, [0.0, 0.0])


def test_words_that_point_are_asked_of_the_graph_as_pictures_are() -> None:
    pointing, found = (
        Signal(feature, feature.query_from_text("mug"), 1.0, "words")
        for feature in (Pointer(), Stamp())
    )
    assert (pointing.is_near, found.is_near) == (True, False)
    asked = [(s.feature, s.value, s.measure) for s in (pointing, found)]
    assert graph_features(asked) == ["pointer"]
