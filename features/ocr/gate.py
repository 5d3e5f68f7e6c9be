"""Says in milliseconds whether a picture may contain text, to save a second of reading it.

Text is a row of strokes: edges close together that fill a box longer than it is high, crossed by
many rises from dark to light. The gate prefers a false yes to a false no; stripes and lace pass,
folds, faces and plain objects mostly do not.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST_SIDE = 400
"""Pixels. Words legible in a shop picture are still rows of strokes at this size."""

EDGE = 24
"""Grey levels between neighbours below which an edge is JPEG noise or cloth; Otsu may raise it."""

RISE = EDGE // 2
"""The same edge, spread by the camera over two pixels."""

GAPS = (9, 15)
"""Pixels between strokes of one row, each tried: a word space in small letters, which keeps a row
apart from a pattern beside it, and one in large letters or between spaced ones."""

FILL = 0.3
"""Share of a row's box that is edge or lies between edges; katakana has few strokes."""

RISES = 0.6
"""Rises from dark to light that a row of pixels meets for each height of width. A letter is about
half as wide as its row is high and has a stroke or two: two rises or more; blur halves them, and
katakana like ラーメン has fewer."""

MIN_HEIGHT = 5
"""Pixels; smaller letters are illegible."""

MAX_HEIGHT = 0.3
"""Of the longest side; larger rows of strokes are furniture."""


def may_contain_text(picture: Image.Image) -> bool:
    """Return whether there is at least one row of strokes, level or upright."""
    grey = np.asarray(picture.convert("L"))
    shrink = LONGEST_SIDE / max(grey.shape)
    if shrink < 1:
        size = [max(1, round(side * shrink)) for side in picture.size]
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    gradient = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    otsu, _ = cv2.threshold(gradient, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    edges = (gradient >= max(EDGE, otsu)).astype(np.uint8)
    upright = np.ascontiguousarray(grey.T), np.ascontiguousarray(edges.T)
    return any(_has_row(grey, edges, gap) or _has_row(*upright, gap) for gap in GAPS)


def _has_row(grey: NDArray[np.uint8], edges: NDArray[np.uint8], gap: int) -> bool:
    joined = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    left, top, width, height, area = stats[1:].T  # the first is everything that is no edge
    boxes = (
        (height >= MIN_HEIGHT)
        & (height <= MAX_HEIGHT * LONGEST_SIDE)
        & (width >= 1.5 * height)
        & (area >= FILL * width * height)
    )
    left, top, right, bottom = (side[boxes] for side in (left, top, left + width, top + height))
    steep = np.diff(grey.astype(np.int16), axis=1, prepend=0) >= RISE
    rises = cv2.integral((steep & ~np.roll(steep, 1, axis=1)).astype(np.uint8))
    inside = rises[bottom, right] - rises[top, right] - rises[bottom, left] + rises[top, left]
    each_row = inside / (bottom - top)
    return bool((each_row >= RISES * (right - left) / (bottom - top)).any())
