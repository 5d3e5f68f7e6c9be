"""Intervals, power, the sample ratio and Holm, beside what others compute."""

import math

import numpy as np
import pytest
from scipy import stats

from app.experiments.statistics.always_valid import always_valid_interval, always_valid_p
from app.experiments.statistics.comparison import (
    Difference,
    fixed_interval,
    fixed_p,
    relative_change,
    subtract,
)
from app.experiments.statistics.holm import holm
from app.experiments.statistics.power import detectable_effect
from app.experiments.statistics.ratio import Estimate, estimate_ratio
from app.experiments.statistics.sample_ratio import is_mismatch, sample_ratio_p
from tests.app.experiments.statistics.clients import CTR, moments


def test_a_client_with_a_session_each_gives_welch_s_test() -> None:
    random = np.random.default_rng(1)
    first, second = random.normal(10, 2, 4_000), random.normal(10.1, 3, 5_000)
    estimates = [Estimate(float(v.mean()), float(v.var(ddof=1) / len(v))) for v in (first, second)]
    difference = subtract(estimates[1], estimates[0])
    welch = stats.ttest_ind(second, first, equal_var=False)
    assert fixed_p(difference) == pytest.approx(welch.pvalue, rel=1e-2)
    interval, theirs = fixed_interval(difference), welch.confidence_interval()
    assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), rel=1e-2)


def test_change_is_a_share_of_the_control() -> None:
    change = relative_change(Estimate(0.0076, 1e-9), Estimate(0.0051, 1e-9))
    assert change is not None
    assert change.value == pytest.approx(0.49, abs=0.001)
    assert relative_change(Estimate(1.0, 0.1), Estimate(0.0, 0.0)) is None


def test_always_valid_interval_is_wider_than_that_of_one_look() -> None:
    difference = Difference(0.1, 0.01)
    fixed, always = fixed_interval(difference), always_valid_interval(difference, 5_000)
    assert always.high - always.low > 1.2 * (fixed.high - fixed.low)


@pytest.mark.parametrize("z", [0.5, 2.0, 2.9, 3.1, 4.0])
@pytest.mark.parametrize("clients", [200, 5_000, 80_000])
def test_always_valid_p_agrees_with_its_interval(z: float, clients: int) -> None:
    difference = Difference(z, 1.0)
    interval = always_valid_interval(difference, clients)
    assert (interval.low > 0) == (always_valid_p(difference, clients) < 0.05)


def test_always_valid_interval_is_narrowest_beside_the_fixed_where_planned() -> None:
    widths = [
        always_valid_interval(Difference(0, 1.0), clients, planned=5_000).high
        for clients in (500, 5_000, 50_000)
    ]
    assert min(widths) == widths[1]


def test_nothing_measured_is_no_finding() -> None:
    assert always_valid_p(Difference(0.0, 0.0), 0) == 1
    assert always_valid_interval(Difference(0.0, 0.0), 0).high == math.inf
    assert fixed_p(Difference(0.0, 0.0)) == 1


def test_peeking_raises_few_alarms_where_the_fixed_test_raises_many() -> None:
    random = np.random.default_rng(2)
    fixed = always = 0
    for _ in range(1_000):
        values = random.normal(0, 1, (14, 200))
        totals = np.cumsum(values.sum(axis=1))
        looks = [
            (Difference(float(total / (200 * day)), 1 / (200 * day)), 200 * day)
            for day, total in enumerate(totals, start=1)
        ]
        fixed += any(fixed_p(difference) < 0.05 for difference, _ in looks)
        always += any(always_valid_p(difference, n, 2_800) < 0.05 for difference, n in looks)
    assert fixed > 150
    assert always <= 50


def test_sample_ratio_is_scipy_s_chi_square() -> None:
    p = sample_ratio_p([5_200, 4_800], [1, 1])
    assert p == pytest.approx(stats.chisquare([5_200, 4_800]).pvalue)
    assert is_mismatch(p)
    assert not is_mismatch(sample_ratio_p([5_050, 4_950], [1, 1]))
    assert not is_mismatch(sample_ratio_p([3_000, 1_000], [3, 1]))


def test_few_clients_have_no_sample_ratio() -> None:
    assert sample_ratio_p([9, 1], [1, 1]) is None
    assert not is_mismatch(None)


def test_detectable_effect_is_found_as_often_as_it_says() -> None:
    random, clients = np.random.default_rng(3), 400
    effect = detectable_effect(4.0, clients, clients)
    found = 0
    for _ in range(2_000):
        first, second = random.normal(0, 2, clients), random.normal(effect, 2, clients)
        found += stats.ttest_ind(second, first).pvalue < 0.05
    assert found / 2_000 == pytest.approx(0.8, abs=0.03)
    assert detectable_effect(4.0, 0, 10) == math.inf


def test_holm_is_that_of_the_textbook() -> None:
    # Wright, "Adjusted P-Values for Simultaneous Inference", Biometrics 1992: each smallest
    # p-value times the number of those left, never below the one before it.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.4, 0.5]) == pytest.approx([0.8, 0.8])
    assert holm([]) == []


def test_equal_rates_seldom_differ() -> None:
    alarms = 0
    for seed in range(400):
        pair = [estimate_ratio(moments(500, 0.1, 2 * seed + k), CTR) for k in (0, 1)]
        alarms += fixed_p(subtract(pair[1], pair[0])) < 0.05
    assert 8 <= alarms <= 34
