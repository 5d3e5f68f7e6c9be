"""Facets: counted in the query's own scope, each under every filter but its own."""

from dataclasses import replace

import pytest

from features.base import ApproximateSearch, Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.filter_ranges import Range
from mappings.search.filters import Filters
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from tests.support.plain_features import Arrow, Stamp

WORDS, BROWSE, EXACT = Plan("words", 4), Plan("browse", 4), Plan("exact", 4)
FACETS = ("brand", "color", "price", "picture_stamp")


def product(key: str, title: str, brand: str, color: str, price: float, stamp: str) -> Json:
    picture = {"image_id": f"{key}-0", "width": 1, "height": 1, "source": "catalogue",
               "arrow": [1.0, 0.0], "stamp": {"names": [stamp]}}  # fmt: skip
    return {"id": key, "title": title, "brand": brand, "color": color, "price": price,
            "images": [picture]}  # fmt: skip


@pytest.fixture
def shop(catalogue: Catalogue) -> Catalogue:
    catalogue.write(
        [
            product("1", "mug", "Acme", "red", 10.0, "gold"),
            product("2", "mug", "Acme", "blue", 20.0, "gold"),
            product("3", "mug with a very long name of many words", "Nord", "red", 30.0, "tin"),
            product("4", "plate", "Nord", "red", 40.0, "tin"),
        ],
        refresh=True,
    )
    return catalogue


def ask(shop: Catalogue, query: Query, registry: Registry) -> results.Results:
    return results.read_results(shop.search(queries.build_body(query, registry)), query)


def counts(page: results.Results, name: str) -> dict[str, int]:
    return {entry["value"]: entry["count"] for entry in page.facets[name]}


@pytest.mark.parametrize("facets", [FACETS, ("brand",)])
def test_hits_are_under_all_filters_whichever_facets_are_asked(
    shop: Catalogue, registry: Registry, facets: tuple[str, ...]
) -> None:
    filters = Filters(
        {"brand": ("Acme",)},
        {"images.stamp.names": ("gold",)},
        ranges={"price": (Range(15, None),)},
    )
    page = ask(shop, Query(WORDS, words="mug", filters=filters, facets=facets), registry)
    assert ([hit.id for hit in page.hits], page.total) == (["2"], 1)


def test_word_search_counts_what_the_words_match_under_the_other_filters(
    shop: Catalogue, registry: Registry
) -> None:
    filters = Filters({"brand": ("Acme",), "color": ("red",)})
    page = ask(shop, Query(WORDS, words="mug", filters=filters, facets=FACETS), registry)
    assert counts(page, "brand") == {"acme": 1, "nord": 1}
    assert counts(page, "color") == {"red": 1, "blue": 1}
    assert counts(page, "picture_stamp") == {"gold": 1}
    assert page.facets["price"]["ranges"] == [
        {"currency": None, "min": 10.0, "max": 10.0, "count": 1}
    ]


def test_bound_on_the_price_does_not_narrow_the_price_facet(
    shop: Catalogue, registry: Registry
) -> None:
    query = Query(WORDS, words="mug", filters=Filters(price_max=15.0), facets=FACETS)
    page = ask(shop, query, registry)
    assert page.facets["price"]["ranges"] == [
        {"currency": None, "min": 10.0, "max": 30.0, "count": 3}
    ]
    assert counts(page, "brand") == {"acme": 1}


def test_browsing_counts_the_catalogue(shop: Catalogue, registry: Registry) -> None:
    filters = Filters({"brand": ("Nord",)})
    query = Query(BROWSE, browse=True, filters=filters, facets=("brand", "color"))
    page = ask(shop, query, registry)
    assert (counts(page, "brand"), counts(page, "color")) == ({"acme": 2, "nord": 2}, {"red": 2})


def test_nearest_neighbours_are_not_counted_but_all_products_under_the_filters(
    shop: Catalogue, registry: Registry
) -> None:
    near = Query(
        EXACT,
        signals=(Signal(Arrow(), [1.0, 0.0], 1.0),),
        filters=Filters({"brand": ("Nord",)}),
        facets=FACETS,
        size=1,
    )
    page = ask(shop, near, registry)
    assert (counts(page, "brand"), counts(page, "color")) == ({"acme": 2, "nord": 2}, {"red": 2})


@pytest.mark.parametrize("plan", [EXACT, Plan("approximate", 4, ApproximateSearch(4, 4))])
def test_neighbours_that_end_at_a_score_are_counted_but_where_the_facet_has_a_filter(
    catalogue: Catalogue, registry: Registry, plan: Plan
) -> None:
    away = product("5", "plate", "Acme", "green", 50.0, "tin")
    away["images"][0]["arrow"] = [-1.0, 0.1]
    near = [product("1", "mug", "Acme", "red", 10.0, "gold"),
            product("2", "mug", "Nord", "blue", 20.0, "gold")]  # fmt: skip
    catalogue.write([*near, away], refresh=True)
    ended = Query(
        plan,
        signals=(Signal(Arrow(), [1.0, 0.0], 1.0),),
        facets=FACETS,
        min_score=0.9,
    )
    page = ask(catalogue, ended, registry)
    assert (page.total, counts(page, "brand")) == (2, {"acme": 1, "nord": 1})
    assert counts(page, "color") == {"red": 1, "blue": 1}
    filtered = replace(ended, filters=Filters({"brand": ("Acme",)}))
    page = ask(catalogue, filtered, registry)
    assert (page.total, counts(page, "brand")) == (1, {"acme": 2, "nord": 1})
    assert counts(page, "color") == {"red": 1}


def test_variants_shown_as_one_of_the_hits_that_end_count_once(
    catalogue: Catalogue, registry: Registry
) -> None:
    red, blue = [
        {**product(key, "mug", "Acme", color, 10.0, "gold"), "item_group_id": "mugs"}
        for key, color in (("1", "red"), ("2", "blue"))
    ]
    alone = product("3", "mug", "Acme", "red", 20.0, "gold")
    others = [product(str(n), "cup", "Nord", "grey", 20.0, "tin") for n in (4, 5)]
    catalogue.write([red, blue, alone, *others], refresh=True)
    ended = Query(
        EXACT,
        signals=(Signal(Arrow(), [1.0, 0.0], 1.0),),
        facets=FACETS,
        min_score=0.9,
        collapse="group",
    )
    page = ask(catalogue, ended, registry)
    assert page.total == 4
    assert counts(page, "brand") == {"acme": 2, "nord": 2}
    assert counts(page, "color") == {"red": 2, "blue": 1, "grey": 2}
    assert counts(page, "picture_stamp") == {"gold": 2, "tin": 2}
    one_by_one = ask(catalogue, replace(ended, collapse="none"), registry)
    assert one_by_one.total == 5
    assert counts(one_by_one, "brand") == {"acme": 3, "nord": 2}


def test_words_in_pictures_count_as_words_do(shop: Catalogue, registry: Registry) -> None:
    signals = (Signal(Stamp(), "tin", 1.0, "words"),)
    query = Query(WORDS, signals=signals, words="mug", facets=("brand",))
    assert counts(ask(shop, query, registry), "brand") == {"acme": 2, "nord": 2}


def test_facets_leave_out_what_the_lowest_score_leaves_out(
    shop: Catalogue, registry: Registry
) -> None:
    query = Query(WORDS, words="mug", facets=("brand",))
    best = ask(shop, query, registry).hits[0].score
    page = ask(shop, replace(query, min_score=best - 1e-4), registry)
    assert page.total == 2
    assert counts(page, "brand") == {"acme": 2}


def test_only_filters_on_counted_fields_follow_the_query(registry: Registry) -> None:
    filters = Filters({"brand": ("Acme",), "size": ("M",)})
    body = queries.build_body(Query(WORDS, words="mug", filters=filters, facets=FACETS), registry)
    assert body["query"]["bool"]["filter"] == [{"terms": {"size": ["M"]}}]
    assert body["post_filter"] == {"bool": {"filter": [{"terms": {"brand": ["Acme"]}}]}}


def test_facets_under_the_same_filters_share_one_aggregation(registry: Registry) -> None:
    filters = Filters({"brand": ("Acme",)})
    near = Query(EXACT, signals=(Signal(Arrow(), [1.0, 0.0], 1.0),), filters=filters, facets=FACETS)
    body = queries.build_body(near, registry)
    (counted,) = body["aggs"].values()
    under = {"bool": {"filter": [{"terms": {"brand": ["Acme"]}}]}}
    (shared,) = [one for one in counted["aggs"].values() if "filter" in one]
    assert (shared["filter"], set(shared["aggs"])) == (under, {"color", "price", "picture_stamp"})
    assert counted["aggs"]["brand"] == {"terms": {"field": "brand", "size": 50}}
    assert "post_filter" not in body
