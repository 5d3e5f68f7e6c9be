"""The plain frame around a picture: a border, letterbox bars, the wedges that a turn leaves.

What an edit put around a picture is not part of it: laid over another picture, a frame covers what
was cropped away, and that is no disagreement.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

MARGIN = 0.16
"""Share of the side, from each edge inwards, that may be frame."""

TOLERANCE = 10
"""Levels by which a frame's pixels may differ from where it was entered."""

MIN_SIDE = 8
"""Pixels: smaller pictures have no frame to speak of."""


def content_mask(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return 255 where an RGB picture has content and 0 in its plain frame, H × W, uint8.

    The frame is what can be reached from the corners and the middles of the edges over pixels of
    one colour, as far as MARGIN. A photo of a thing on a plain ground loses some ground: there is
    nothing to compare there.
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
