"""Cut away uniform borders as `unletterbox` of Thorn's `perception` 0.9.3 does."""

from collections import Counter

import cv2
import numpy as np
from numpy.typing import NDArray

SAME_GREY = 2
CONTENT = 0.1
"""Share of a row or column that must differ from the border for it to belong to the content."""

LEAST_CUT, LEAST_SIDE = 0.02, 50

Pixels = NDArray[np.uint8]


def trim_borders(pixels: Pixels) -> Pixels | None:
    """Return the RGB picture without its border; unchanged if there is no border worth cutting.

    None if less than LEAST_SIDE would be left: the library rejects such pictures.
    """
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    corners = Counter(int(grey[row, column]) for row in (0, -1) for column in (0, -1))
    ground, times = corners.most_common(1)[0]
    if times == 1:
        return pixels
    content = np.abs(grey.astype(np.int16) - ground) > SAME_GREY
    rows = np.flatnonzero(content.sum(axis=1) > CONTENT * width)
    columns = np.flatnonzero(content.sum(axis=0) > CONTENT * height)
    if not len(rows) or not len(columns):
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    least = 1 - LEAST_CUT
    if right - left >= width * least and bottom - top >= height * least:
        return pixels
    if min(right - left, bottom - top) < LEAST_SIDE:
        return None
    return np.ascontiguousarray(pixels[top:bottom, left:right])
