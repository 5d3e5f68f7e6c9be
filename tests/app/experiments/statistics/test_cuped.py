"""The time before takes variance away and moves no estimate systematically."""

import numpy as np
import pytest

from app.experiments.statistics.cuped import adjust
from app.experiments.statistics.moments import Moments
from app.experiments.statistics.ratio import Ratio, estimate_ratio
from tests.app.experiments.statistics.clients import CTR, moments

SPEND = Ratio("spend", "revenue", "sessions")
NAMES = ("revenue", "sessions", "before_revenue", "before_sessions")


def spending(clients: int, correlation: float, seed: int, lift: float = 0.0) -> Moments:
    """Return clients with a session each, whose revenue correlates with that of before."""
    random = np.random.default_rng(seed)
    before = random.normal(20, 5, clients)
    noise = random.normal(0, 5, clients)
    after = 20 + correlation * (before - 20) + np.sqrt(1 - correlation**2) * noise + lift
    ones = np.ones(clients)
    return Moments.from_rows(NAMES, np.column_stack([after, ones, before, ones]))


@pytest.mark.parametrize("correlation", [0.6, 0.8])
def test_reduction_is_the_square_of_the_correlation(correlation: float) -> None:
    variants = [spending(20_000, correlation, seed) for seed in (1, 2)]
    adjusted = adjust(variants, SPEND)
    assert adjusted.variance_reduction == pytest.approx(correlation**2, abs=0.02)
    for moments_of_variant, estimate in zip(variants, adjusted.estimates, strict=True):
        plain = estimate_ratio(moments_of_variant, SPEND)
        assert estimate.variance == pytest.approx(plain.variance * (1 - correlation**2), rel=0.05)


def test_an_effect_stays_whole() -> None:
    adjusted = adjust([spending(20_000, 0.8, 3), spending(20_000, 0.8, 4, lift=1.0)], SPEND)
    control, variant = adjusted.estimates
    assert variant.value - control.value == pytest.approx(1.0, abs=0.1)


def test_adjusted_differences_scatter_less_around_nothing() -> None:
    plain, adjusted = [], []
    for seed in range(200):
        pair = [spending(300, 0.8, 2 * seed), spending(300, 0.8, 2 * seed + 1)]
        values = [estimate_ratio(sums, SPEND).value for sums in pair]
        estimates = adjust(pair, SPEND).estimates
        plain.append(values[1] - values[0])
        adjusted.append(estimates[1].value - estimates[0].value)
    assert np.std(adjusted) < 0.7 * np.std(plain)
    assert abs(np.mean(adjusted)) < 3 * np.std(adjusted) / np.sqrt(200)


def test_without_a_time_before_estimates_are_the_plain_ones() -> None:
    variants = [moments(500, 0.1, 5), moments(500, 0.1, 6)]
    adjusted = adjust(variants, CTR)
    assert adjusted.variance_reduction == 0
    assert adjusted.estimates == tuple(estimate_ratio(sums, CTR) for sums in variants)


def test_a_rate_is_adjusted_by_the_rate_of_before() -> None:
    variants = [moments(20_000, 0.2, seed, before=True) for seed in (7, 8)]
    assert adjust(variants, CTR).variance_reduction > 0.1
