"""Finds the picture between bars: plain or blurred ones, that fill a frame of another shape.

What is between the bars has straight edges from one side of the frame to the other. Goods on a
plain ground have none, so a packshot keeps its ground.
"""

import numpy as np
from numpy.typing import NDArray

from features.base import Box
from features.parts.edges import (
    MIN_PEAK,
    PEAK_REACH,
    WORKING_SIDE,
    Levels,
    Shares,
    detail,
    shifted,
    steps,
    transposed,
)

MIN_BAR, MAX_BAR = 0.04, 0.42
"""Width of one bar, as a share of the frame's side."""

MIN_EDGE = 0.5
"""Share of an edge's length on which the picture differs from the bar."""

END_SHARE, MIN_ENDS = 0.1, 0.3
"""In the corners inside plain bars, a tenth of each edge, this share of the pixels must differ:
goods on a plain ground end before the corners."""

PLAIN_DEVIATION = 6.0
"""Standard deviation in levels along a bar up to which it is plain."""

MAX_BAR_DETAIL, DETAIL_RATIO = 1.5, 0.5
"""Detail of a bar in levels, and as a share of the picture's: a photo's side has more."""

SHIFT = 2
"""Pixels by which the two bars may differ in width, and the edge may be blurred."""


def find_inside(levels: Levels) -> Box | None:
    """Return the part between two bars, at the sides or above and below; None without bars.

    `levels` are the picture's, at most WORKING_SIDE large.
    """
    height, width = levels.shape[:2]
    if min(height, width) < WORKING_SIDE // 8:
        return None
    across = _between(transposed(levels))
    left, right = across or (0, width)
    top, bottom = _between(levels[:, left:right]) or (0, height)
    if (left, right, top, bottom) == (0, width, 0, height):
        return None
    return Box(left / width, top / height, right / width, bottom / height)


def _between(levels: Levels) -> tuple[int, int] | None:
    """Return the first row below the upper bar and the first row of the lower; None without."""
    height = len(levels)
    found = steps(levels)
    edge = found.mean(axis=1)
    # A bar is plain or blurred, so there are no steps outside the edge; inside there may be many.
    is_upper, is_lower = (
        (edge >= MIN_EDGE) & (edge - shifted(edge, reach) >= MIN_PEAK)
        for reach in (PEAK_REACH, -PEAK_REACH)
    )
    first, last = max(2, round(MIN_BAR * height)), round(MAX_BAR * height)
    tops = [row for row in range(first, last) if is_upper[row]]
    if not tops:
        return None
    sharp = detail(levels)
    best: tuple[float, int, int] | None = None
    for top in tops:
        mirrored = height - 1 - top
        rows = [row for row in range(mirrored - SHIFT, mirrored + SHIFT + 1) if row < height - 2]
        bottom = max(rows, key=lambda row: float(edge[row]))
        if not is_lower[bottom] or bottom < top + height // 8:
            continue
        outside = max(_mean(sharp[: top - 1]), _mean(sharp[bottom + 2 :]))
        inside = _mean(sharp[top + 1 : bottom])
        if outside > min(MAX_BAR_DETAIL, DETAIL_RATIO * inside):
            continue
        if _is_plain(levels[: top - 1]) and _corners(found, top, bottom) < MIN_ENDS:
            continue
        score = float(edge[top] + edge[bottom])
        if best is None or score > best[0]:
            best = score, top, bottom
    return None if best is None else (best[1] + 1, best[2])


def _is_plain(bar: Levels) -> bool:
    return len(bar) == 0 or float(bar.mean(axis=0).std(axis=0).max()) <= PLAIN_DEVIATION


def _corners(found: NDArray[np.bool_], top: int, bottom: int) -> float:
    """Return the share of steps in the four corners between the bars."""
    length = max(1, round(END_SHARE * found.shape[1]))
    edges = found[[top, bottom]]
    return float(np.concatenate([edges[:, :length], edges[:, -length:]]).mean())


def _mean(values: Shares) -> float:
    return float(values.mean()) if len(values) else 0.0
