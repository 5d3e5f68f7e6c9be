"""A ratio's variance is that over clients: checked against resampling and numpy."""

import numpy as np
import pytest

from app.experiments.statistics.moments import Moments
from app.experiments.statistics.ratio import Estimate, estimate_ratio
from tests.app.experiments.statistics.clients import CTR, NAMES, moments, rows


def test_covariances_are_those_of_numpy() -> None:
    values = rows(400, 0.1, 1)
    found = Moments.from_rows(NAMES, values).covariances(NAMES)
    assert found == pytest.approx(np.cov(values, rowvar=False))


def test_sums_of_two_groups_are_those_of_all() -> None:
    values = rows(50, 0.1, 2)
    added = Moments.from_rows(NAMES, values[:20]) + Moments.from_rows(NAMES, values[20:])
    whole = Moments.from_rows(NAMES, values)
    assert added.clients == whole.clients == 50
    assert added.products == pytest.approx(whole.products)


def test_sums_of_other_quantities_are_not_added() -> None:
    with pytest.raises(ValueError, match="cannot be added"):
        Moments.empty(NAMES) + Moments.empty(("clicks",))


def test_variance_is_that_of_resampled_clients() -> None:
    values = rows(2_000, 0.05, 3)
    random = np.random.default_rng(4)
    ratios = []
    for _ in range(2_000):
        sample = values[random.integers(0, len(values), len(values))]
        ratios.append(sample[:, 0].sum() / sample[:, 1].sum())
    estimate = estimate_ratio(Moments.from_rows(NAMES, values), CTR)
    assert estimate.value == pytest.approx(values[:, 0].sum() / values[:, 1].sum())
    assert estimate.variance == pytest.approx(np.var(ratios), rel=0.1)


def test_variance_over_clients_exceeds_that_of_independent_impressions() -> None:
    sums = moments(2_000, 0.2, 5)
    estimate = estimate_ratio(sums, CTR)
    naive = estimate.value * (1 - estimate.value) / sums.total("impressions")
    assert estimate.variance > 1.3 * naive


def test_ratio_without_a_denominator_is_nothing() -> None:
    assert estimate_ratio(Moments.empty(NAMES), CTR) == Estimate(0.0, 0.0)
