"""Products go together where more visits have both than chance brings."""

import pytest

from mappings.events.co_occurrence import log_likelihood_ratio, related_products


def test_ratio_is_that_of_the_literature() -> None:
    # Dunning 1993, table 2: "the swiss" in 110, 2,442, 111 and 29,114 places.
    assert log_likelihood_ratio(110, 2442, 111, 29114) == pytest.approx(270.72, abs=0.01)


def test_independent_products_have_no_ratio() -> None:
    assert log_likelihood_ratio(10, 90, 90, 810) == pytest.approx(0, abs=1e-9)


def test_what_everybody_looks_at_goes_with_nothing() -> None:
    found = related_products(
        100, {"popular": 50, "companion": 40}, {"popular": 5000, "companion": 60}, 10_000
    )
    assert [product.id for product in found] == ["companion"]


def test_products_seen_together_less_than_by_chance_are_left_out() -> None:
    assert related_products(1000, {"rival": 3}, {"rival": 5000}, 10_000) == []


def test_two_visits_are_too_few() -> None:
    assert related_products(2, {"b": 2}, {"b": 2}, 100_000) == []


def test_approximate_counts_break_nothing() -> None:
    assert related_products(10, {"b": 10}, {"b": 9}, 9) == []
