"""Tells the object of a catalogue picture from its white background."""

import cv2
import numpy as np
from numpy.typing import NDArray

from features.colour.cells import Bytes

NEAR_WHITE = 240
"""Of 255, in every channel: JPEG and soft shadows darken studio paper a little."""

MIN_FOREGROUND = 0.05
"""Share of the picture below which the object is taken to be white itself."""


def foreground_mask(pixels: Bytes) -> NDArray[np.bool_]:
    """Return which pixels belong to the object: of shape (height, width), at least one True.

    The background is the near-white that reaches the frame, and only where it fills half of the
    frame: the sky of a photo, or a white dress cut off by the edge, is part of the picture.
    """
    white = np.asarray(cv2.inRange(pixels, (NEAR_WHITE,) * 3, (255,) * 3), np.uint8) & 1
    everything = np.ones(white.shape, np.bool_)
    frame = np.concatenate([white[0], white[-1], white[:, 0], white[:, -1]])
    if frame.mean() < 0.5:
        return everything
    # One more ring of white joins whatever reaches the frame into one region, that of the corner.
    ringed = cv2.copyMakeBorder(white, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, regions = cv2.connectedComponents(ringed, connectivity=8)
    foreground = np.asarray(regions != regions[0, 0], np.bool_)[1:-1, 1:-1]
    return foreground if foreground.mean() >= MIN_FOREGROUND else everything
