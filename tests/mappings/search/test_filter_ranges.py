"""Filters of fields that hold amounts, numbers and dates."""

import pytest

from core.errors import InvalidQuery
from features.base import Json
from features.registry import Registry
from mappings.search.filters import build_filters


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("sale_price", "15", {"gte": 15.0, "lte": 15.0}),
        ("sale_price", "10..20", {"gte": 10.0, "lte": 20.0}),
        ("sale_price", "10..", {"gte": 10.0}),
        ("sale_price", "..20", {"lte": 20.0}),
        ("sale_price_effective_date", "2026-11-30", {"gte": "2026-11-30", "lte": "2026-11-30"}),
        (
            "sale_price_effective_date",
            "2026-11-30T09:00+0100..",
            {"gte": "2026-11-30T09:00:00+01:00"},
        ),
    ],
)
def test_value_is_a_range(name: str, value: str, bounds: Json) -> None:
    filters = build_filters({name: [value]}, Registry([]))
    assert filters.clauses() == [{"range": {name: bounds}}]


def test_ranges_of_one_filter_are_alternatives() -> None:
    filters = build_filters({"sale_price": ["..5", "100.."]}, Registry([]))
    either = [{"range": {"sale_price": {"lte": 5.0}}}, {"range": {"sale_price": {"gte": 100.0}}}]
    assert filters.clauses() == [{"bool": {"should": either}}]


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("sale_price", "cheap", "'cheap' is not a number; write 15 or 10..20"),
        ("sale_price", "nan", "'nan' is not a number"),
        ("sale_price", "..", "has no bound"),
        ("sale_price_effective_date", "soon", "'soon' is not an ISO 8601 date; write 2026-11-30"),
    ],
)
def test_value_of_another_sort_is_refused(name: str, value: str, detail: str) -> None:
    with pytest.raises(InvalidQuery, match=f"filter {name}: .*{detail}"):
        build_filters({name: [value]}, Registry([]))
