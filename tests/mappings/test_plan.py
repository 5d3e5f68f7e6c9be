"""The planner's choice, held against literals."""

import pytest

from features.base import Approximate
from mappings.filters import Filters
from mappings.plan import CENSUS_VALUES, Census, Plan, choose

CENSUS = Census(
    products=1_000_000,
    pictures=2_000_000,
    counts={"brand": {"Acme": 30_000, "Nord": 5}, "category": {"Home": 700_000}},
)


@pytest.mark.parametrize(
    ("filters", "bound"),
    [
        (Filters(), 1_000_000),
        (Filters(terms={"brand": ("Acme",)}), 30_000),
        (Filters(terms={"brand": ("Acme", "Nord")}), 30_005),
        (Filters(terms={"brand": ("Acme",), "category": ("Home",)}), 30_000),
        (Filters(terms={"brand": ("Nobody",)}), 0),
        (Filters(price_min=5.0), 1_000_000),
    ],
)
def test_estimate_is_the_tightest_filter(filters: Filters, bound: int) -> None:
    assert CENSUS.estimate(filters) == bound


def test_value_beyond_the_counted_ones_is_bounded_by_the_rarest_counted() -> None:
    counts = {"brand": {str(n): 10 for n in range(CENSUS_VALUES)}}
    census = Census(products=100_000, pictures=100_000, counts=counts)
    assert census.estimate(Filters(terms={"brand": ("unheard of",)})) == 10


def test_small_filtered_set_is_compared_exactly() -> None:
    plan = choose(CENSUS, Filters(terms={"brand": ("Acme",)}), size=20, exact_limit=100_000)
    assert plan == Plan("exact", 30_000)


def test_large_set_walks_the_graph_with_many_candidates() -> None:
    plan = choose(CENSUS, Filters(), size=20, exact_limit=100_000)
    assert plan == Plan("approximate", 1_000_000, Approximate(k=200, num_candidates=800))


def test_long_pages_ask_for_more_candidates() -> None:
    plan = choose(CENSUS, Filters(), size=200, exact_limit=0)
    assert plan.approximate == Approximate(k=800, num_candidates=3200)


def test_empty_index_is_exact() -> None:
    assert choose(Census(), Filters(), size=20).kind == "exact"
