"""Fit power laws: how a cost grows with size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PowerLaw:
    """cost = factor · size ^ exponent; `residual` is the largest factor a figure is off."""

    factor: float
    exponent: float
    residual: float

    def at(self, size: float) -> float:
        """Return the cost at a size."""
        return float(self.factor * size**self.exponent)


def fit_power_law(points: Sequence[tuple[float, float]]) -> PowerLaw:
    """Return the power law through (size, cost) by least squares of logarithms.

    Raises ValueError for fewer than two sizes.
    """
    if len({size for size, _ in points}) < 2:
        raise ValueError("a power law needs two sizes")
    xs, ys = [math.log(size) for size, _ in points], [math.log(cost) for _, cost in points]
    middle_x, middle_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    above = math.fsum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    exponent = above / math.fsum((x - middle_x) ** 2 for x in xs)
    factor = math.exp(middle_y - exponent * middle_x)
    off = max(abs(y - math.log(factor) - exponent * x) for x, y in zip(xs, ys, strict=True))
    return PowerLaw(factor, exponent, math.exp(off))
