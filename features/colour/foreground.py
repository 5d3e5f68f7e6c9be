"""The white ground of a catalogue picture, which says nothing about the thing on it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from features.colour.cells import Bytes

NEAR_WHITE = 240
"""Of 255, in every channel: JPEG and soft shadows keep studio paper from being quite 255."""

MIN_FOREGROUND = 0.05
"""Where less than this share would be left, the picture is of something white."""


def foreground_mask(pixels: Bytes) -> NDArray[np.bool_]:
    """Say which pixels belong to the thing shown: of shape (height, width), at least one True.

    The ground is the near-white that reaches the frame, and only where it fills half of the
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
    thing = np.asarray(regions != regions[0, 0], np.bool_)[1:-1, 1:-1]
    return thing if thing.mean() >= MIN_FOREGROUND else everything
