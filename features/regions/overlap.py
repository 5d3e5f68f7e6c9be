"""Measures how much boxes overlap, and drops regions that show the same thing."""

import math
from collections.abc import Iterable

from features.base import Box, Region

OVERLAP_THRESHOLD = 0.5
"""Intersection over union from which two boxes show one thing; the usual threshold in detection."""


def intersection_over_union(a: Box, b: Box) -> float:
    """Return the intersection over the union of two boxes, 0 to 1."""
    across = max(0.0, min(a.right, b.right) - max(a.left, b.left))
    down = max(0.0, min(a.bottom, b.bottom) - max(a.top, b.top))
    shared = across * down
    return shared / (area(a) + area(b) - shared)


def middle_distance(a: Box, b: Box) -> float:
    """Return how far apart the middles of two boxes are, in shares of the picture's sides."""
    across = (a.left + a.right - b.left - b.right) / 2
    down = (a.top + a.bottom - b.top - b.bottom) / 2
    return math.hypot(across, down)


def area(box: Box) -> float:
    """Return a box's share of the picture, above 0 and up to 1."""
    return (box.right - box.left) * (box.bottom - box.top)


def suppress_overlaps(
    regions: Iterable[Region], limit: int, threshold: float = OVERLAP_THRESHOLD
) -> list[Region]:
    """Return at most `limit` regions, in order, without those that overlap an earlier one.

    Greedy non-maximum suppression: the better of two comes first.
    """
    distinct: list[Region] = []
    for region in regions:
        if len(distinct) == limit:
            break
        if all(intersection_over_union(region.box, other.box) < threshold for other in distinct):
            distinct.append(region)
    return distinct
