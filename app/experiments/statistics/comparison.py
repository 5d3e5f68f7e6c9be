"""Two variants compared: the difference, what it may be by chance, and the change in per cent."""

import math
from dataclasses import dataclass

from scipy.stats import norm

from app.experiments.statistics.ratio import Estimate

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A range with both ends in it; the ends may be infinite."""

    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """A variant's value minus the control's. `z` counts standard errors; 0 without a variance."""

    value: float
    variance: float

    @property
    def z(self) -> float:
        """How many standard errors the difference is from 0."""
        return self.value / math.sqrt(self.variance) if self.variance > 0 else 0.0


def subtract(variant: Estimate, control: Estimate) -> Difference:
    """Return the difference of two estimates from different clients."""
    return Difference(variant.value - control.value, variant.variance + control.variance)


def fixed_interval(difference: Difference, confidence: float = CONFIDENCE) -> Interval:
    """Return the interval for one look, at an end that was named before the start."""
    half = float(norm.ppf((1 + confidence) / 2)) * math.sqrt(difference.variance)
    return Interval(difference.value - half, difference.value + half)


def fixed_p(difference: Difference) -> float:
    """Return the two-sided p-value of the z-test, for one look; 1 without a variance."""
    return float(2 * norm.sf(abs(difference.z)))


def relative_change(variant: Estimate, control: Estimate) -> Difference | None:
    """Return the change as a share of the control's value; None where that is 0.

    The variance is by the delta method, of the ratio of two independent estimates.
    """
    if control.value == 0:
        return None
    quotient = variant.value / control.value
    variance = (variant.variance + quotient**2 * control.variance) / control.value**2
    return Difference(quotient - 1, variance)
