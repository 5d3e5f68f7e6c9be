"""Puts the parts of a picture in reading order: row by row, each from left to right."""

from collections.abc import Sequence

from features.base import Region

SAME_ROW = 0.5
"""Share of the height of a row's first part above which the others of the row begin."""


def in_reading_order(regions: Sequence[Region]) -> list[Region]:
    """Return the regions row by row. A row is begun by the highest region that is left."""
    left = sorted(regions, key=lambda region: region.box.top)
    ordered: list[Region] = []
    while left:
        first = left[0].box
        reach = first.top + SAME_ROW * (first.bottom - first.top)
        row = [region for region in left if region.box.top <= reach]
        ordered += sorted(row, key=lambda region: region.box.left)
        left = [region for region in left if region not in row]
    return ordered
