"""Compute the field's standard figures from rankings and timings."""

import math
from collections.abc import Collection, Sequence


def average_precision(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Return the mean, over all relevant items, of the precision where each is found; 0 to 1.

    An item missing from the ranking counts as 0. With one relevant item this is the reciprocal of
    its rank. Raises ValueError without relevant items.
    """
    if not relevant:
        raise ValueError("average precision needs at least one relevant item")
    matches, total = 0, 0.0
    for rank, item in enumerate(ranking, start=1):
        if item in relevant:
            matches += 1
            total += matches / rank
    return total / len(relevant)


def is_within(ranking: Sequence[str], item: str, k: int) -> bool:
    """Return whether the item is among the first k: recall@k of a query with one relevant item."""
    return item in ranking[:k]


def mean(values: Collection[float]) -> float:
    """Return the arithmetic mean; raises ValueError for no values."""
    if not values:
        raise ValueError("mean needs at least one value")
    return math.fsum(values) / len(values)


def percentile(values: Collection[float], percent: float) -> float:
    """Return the smallest value that `percent` (over 0, to 100) of all values do not exceed.

    The nearest-rank definition, so always a measured value. Raises ValueError for no values.
    """
    if not values or not 0 < percent <= 100:
        raise ValueError(f"cannot take percentile {percent} of {len(values)} values")
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]
