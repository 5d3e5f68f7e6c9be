"""Filters and facets as JSON."""

import pytest

from core.errors import InvalidQuery, UnknownName
from features.registry import Registry
from mappings.search.filters import Filters, build_filters
from mappings.search.sale_query import price_within


def test_values_are_alternatives_and_names_must_all_hold(registry: Registry) -> None:
    filters = build_filters(
        {"brand": ["Acme", "Nord"], "picture_stamp": ["gold"]},
        registry,
        price_min=5.0,
        price_max=None,
    )
    assert filters.clauses() == [
        {"terms": {"brand": ["Acme", "Nord"]}},
        {"nested": {"path": "images", "query": {"terms": {"images.stamp.names": ["gold"]}}}},
        price_within({"gte": 5.0}),
    ]


def test_excluded_values_are_never_those_of_a_hit(registry: Registry) -> None:
    filters = build_filters({}, registry, exclude={"brand": ["Acme", "Nord"], "color": [""]})
    excluded = filters.without_values("brand", ["Oak"])
    assert filters.clauses() == [
        {"bool": {"must_not": [{"terms": {"brand": ["Acme", "Nord"]}}]}},
    ]
    assert excluded.excluded_terms == {"brand": ("Acme", "Nord", "Oak")}


@pytest.mark.parametrize("name", ["picture_stamp", "sale_price"])
def test_exclusion_by_what_is_not_exact_names_what_is(registry: Registry, name: str) -> None:
    with pytest.raises(InvalidQuery, match=rf"exclude takes no '{name}', .*brand"):
        build_filters({}, registry, exclude={name: ["gold"]})


def test_exclusion_by_an_unknown_name_names_the_known_ones(registry: Registry) -> None:
    with pytest.raises(UnknownName, match=r"unknown filter 'colr'; known: .*brand"):
        build_filters({}, registry, exclude={"colr": ["red"]})


def test_unknown_filter_names_the_known_ones(registry: Registry) -> None:
    with pytest.raises(
        UnknownName, match=r"unknown filter 'colr'; known: .*brand.*picture_stamp.*price_max"
    ):
        build_filters({"colr": ["red"]}, registry)


def test_prices_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(InvalidQuery, match="price_min 9 is above price_max 3"):
        Filters(price_min=9, price_max=3)


def test_empty_value_is_no_filter(registry: Registry) -> None:
    assert build_filters({"brand": [""]}, registry).clauses() == []


def test_left_out_products_are_never_hits() -> None:
    assert Filters(excluded_ids=("a",)).clauses() == [
        {"bool": {"must_not": [{"terms": {"id": ["a"]}}]}}
    ]
