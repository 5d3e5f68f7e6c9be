"""The ratio of two sums over clients, and how exact it is.

A click-through rate divides clicks by impressions, but what is assigned to a variant is a client,
and one client's impressions are alike. So the variance is over clients, by the delta method: Deng,
Knoblich and Lu, "Applying the Delta Method in Metric Analytics", KDD 2018, equation 3.
"""

from dataclasses import dataclass

import numpy as np

from app.experiments.statistics.moments import Moments


@dataclass(frozen=True)
class Ratio:
    """A ratio of two quantities, both of them sums over clients."""

    name: str
    numerator: str
    denominator: str


@dataclass(frozen=True)
class Estimate:
    """A ratio as estimated. `variance` is that of the estimate, its squared standard error."""

    value: float
    variance: float


def estimate_ratio(moments: Moments, ratio: Ratio) -> Estimate:
    """Return a ratio with its variance; 0 and 0 where the denominator is 0."""
    below = moments.mean(ratio.denominator)
    if below == 0:
        return Estimate(0.0, 0.0)
    value = moments.mean(ratio.numerator) / below
    covariances = moments.covariances((ratio.numerator, ratio.denominator))
    slope = np.array([1.0, -value]) / below
    return Estimate(value, float(slope @ covariances @ slope) / moments.clients)


def client_variance(moments: Moments, ratio: Ratio) -> float:
    """Return what one client adds to the variance: the estimate's variance times the clients."""
    return estimate_ratio(moments, ratio).variance * moments.clients
