"""Finds the plain border around a picture: a frame, letterbox bars, the wedges of a rotation.

A border that an edit added is not part of the picture. Laid over another picture it would cover
what was cropped away, and must not count as a difference.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

MARGIN = 0.16
"""Share of the side, inwards from each edge, that may be border."""

TOLERANCE = 10
"""Levels by which a border's pixels may differ from the pixel where the fill started."""

MIN_SIDE = 8
"""In pixels; smaller pictures are all content."""


def content_mask(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return 255 where an RGB picture has content and 0 in its plain border, H × W, uint8.

    The border is filled from the corners and the middles of the edges over pixels of one colour,
    no deeper than MARGIN. A product photo on a plain background loses some background, where there
    is nothing to compare.
    """
    height, width = pixels.shape[:2]
    content = np.full((height, width), 255, np.uint8)
    if min(height, width) < MIN_SIDE:
        return content
    reached = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8)
    for x in (0, width // 2, width - 1):
        for y in (0, height // 2, height - 1):
            inside = x == width // 2 and y == height // 2
            if not inside and not reached[y + 1, x + 1]:
                slack = (TOLERANCE,) * 3
                cv2.floodFill(pixels.copy(), reached, (x, y), (0, 0, 0), slack, slack, flags)
    across, down = round(width * MARGIN), round(height * MARGIN)
    reached[1 + down : 1 + height - down, 1 + across : 1 + width - across] = 0
    content[reached[1:-1, 1:-1] > 0] = 0
    return content
