"""Cuts a long page into its panels: at plain gaps, at edges from side to side, else evenly."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.base import Box
from features.parts.edges import Band, Levels, plain_bands, small_levels, steps, transposed

MIN_ASPECT = 2.2
"""Ratio of sides from which a picture is a page."""

WORKING_WIDTH = 120
"""Width in pixels at which a page is cut."""

MOST = 16
"""Panels at most."""

SHORTEST, LONGEST = 0.5, 1.9
"""Height of a panel as a share of the page's width."""

PLAIN_STRENGTH = 0.6
"""Strength of a cut through a plain gap. An edge from side to side has at most 1."""

SHAPE_COST = 0.6
"""Cost of a panel per unit of |ln(height / width)|: panels are rather square than not."""

CUT_COST = 0.3
"""Cost of any cut."""

MAX_TRIM = 0.2
"""Share of a panel's height that is trimmed at each end, if it is plain."""

Span = tuple[int, int]


def is_page(width: int, height: int) -> bool:
    """Say whether a picture of this size is a page, upright or on its side."""
    return max(width, height) >= MIN_ASPECT * min(width, height)


def find_panels(image: Image.Image) -> list[Box]:
    """Return a page's panels from its beginning; [] for a picture that is no page."""
    width, height = image.size
    if not is_page(width, height):
        return []
    side = round(WORKING_WIDTH * max(image.size) / min(image.size))
    levels = small_levels(image, side)
    if width > height:
        return [Box(top, 0, bottom, 1) for top, bottom in _shares(transposed(levels))]
    return [Box(0, top, 1, bottom) for top, bottom in _shares(levels)]


def _shares(levels: Levels) -> list[tuple[float, float]]:
    """Return where each panel begins and ends, as shares of the page's height."""
    height, width = levels.shape[:2]
    return [(top / height, bottom / height) for top, bottom in _panels(levels, width)[:MOST]]


def _panels(levels: Levels, width: int) -> list[Span]:
    """Return the spans of the division whose cuts are strongest and whose panels are squarest."""
    height = len(levels)
    strength = _cut_strength(levels)
    lengths = np.arange(max(1, round(SHORTEST * width)), round(LONGEST * width) + 1)
    shape = SHAPE_COST * np.abs(np.log(lengths / width)) + CUT_COST
    best, before = np.full(height + 1, -np.inf), np.zeros(height + 1, np.intp)
    best[0] = 0.0
    for row in range(int(lengths[0]), height + 1):
        usable = lengths[lengths <= row]
        scores = best[row - usable] - shape[: len(usable)]
        number = int(scores.argmax())
        best[row] = scores[number] + (strength[row] if row < height else 0.0)
        before[row] = row - usable[number]
    if not np.isfinite(best[height]):
        return []
    ends = [height]
    while ends[-1] > 0:
        ends.append(int(before[ends[-1]]))
    ends.reverse()
    bands = plain_bands(levels)
    return [_trim(span, bands) for span in pairwise(ends)]


def _trim(span: Span, bands: Sequence[Band]) -> Span:
    """Return a span without the plain rows at its ends, unless they are much of it."""
    top, bottom = span
    most = MAX_TRIM * (bottom - top)
    for band in bands:
        if band.start <= top < band.end <= top + most:
            top = band.end
        if bottom - most <= band.start < bottom <= band.end:
            bottom = band.start
    return top, bottom


def _cut_strength(levels: Levels) -> NDArray[np.float64]:
    """Return how well the page can be cut above each row, 0 to 1."""
    strength = np.zeros(len(levels) + 1)
    strength[:-1] = steps(levels).mean(axis=1)
    for band in plain_bands(levels):
        middle = (band.start + band.end) // 2
        strength[middle] = max(strength[middle], PLAIN_STRENGTH)
    return strength
