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
