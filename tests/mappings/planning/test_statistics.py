"""What is known of a filtered set before anything is asked."""

import pytest

from mappings.planning.statistics import COUNTED_VALUES, Bounds, IndexStatistics, count_body
from mappings.search.filters import Filters
from mappings.search.sale_query import price_within

CENSUS = IndexStatistics(
    products=1_000_000,
    pictures=2_000_000,
    counts={"brand": {"acme": 30_000, "nord": 5}, "category": {"home": 980_000}},
)


@pytest.mark.parametrize(
    ("filters", "low", "high"),
    [
        (Filters(), 1_000_000, 1_000_000),
        (Filters(terms={"brand": ("Acme",)}), 30_000, 30_000),
        (Filters(terms={"brand": ("Acme", "Nord")}), 30_000, 30_005),
        (Filters(terms={"brand": ("Acme",), "category": ("Home",)}), 10_000, 30_000),
        (Filters(terms={"brand": ("Nord",), "category": ("Home",)}), 0, 5),
        (Filters(terms={"brand": ("Nobody",)}), 0, 0),
        (Filters(terms={"photo_group": ("a",)}), 0, 1_000_000),
        (Filters(price_min=5.0), 0, 1_000_000),
        (Filters(terms={"brand": ("Acme",)}, price_max=5.0), 0, 30_000),
        (Filters(picture_terms={"images.colour.names": ("red",)}), 0, 1_000_000),
        (Filters(excluded_ids=("a", "b")), 999_998, 1_000_000),
    ],
)
def test_bounds_hold_whatever_the_conditions_have_in_common(
    filters: Filters, low: int, high: int
) -> None:
    assert CENSUS.bounds(filters) == Bounds(low, high)


def test_value_beyond_the_counted_ones_is_bounded_by_the_rarest_counted() -> None:
    counts = {"brand": {str(n): 10 for n in range(COUNTED_VALUES)}}
    census = IndexStatistics(products=100_000, pictures=100_000, counts=counts)
    assert census.bounds(Filters(terms={"brand": ("unheard of",)})) == Bounds(0, 10)


def test_count_asks_for_nothing_but_the_number() -> None:
    assert count_body(Filters(terms={"brand": ("Acme",)}, price_max=9.0)) == {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": [{"terms": {"brand": ["Acme"]}}, price_within({"lte": 9.0})]}},
    }
