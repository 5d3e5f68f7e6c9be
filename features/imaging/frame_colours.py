"""The colours of a picture's frame: what the ground behind a thing is made of."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]


@dataclass(frozen=True)
class FrameColour:
    """A colour in CIELAB, of shape (3,), and how far its pixels are from it on average."""

    centre: Levels
    spread: float


def lab_levels(pixels: NDArray[np.uint8]) -> Levels:
    """Return RGB pixels, of shape (height, width, 3), in CIELAB."""
    unit = pixels.astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab), np.float32)


def frame_mask(height: int, width: int, margin: int) -> NDArray[np.bool_]:
    """Return which pixels lie within `margin` of an edge, of shape (height, width)."""
    frame = np.ones((height, width), np.bool_)
    frame[margin:-margin, margin:-margin] = False
    return frame


def frame_colours(
    frame: Levels, most: int, *, fewest: float, least_spread: float
) -> list[FrameColour]:
    """Return at most `most` colours of pixels in CIELAB, of shape (n, 3).

    A colour that less than the share `fewest` of them has is of a thing that reaches the edge.
    `least_spread` is the distance that JPEG, noise and soft shadows put between pixels of one
    colour.
    """
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    # The first centres are chosen by luck; the same picture must give the same colours.
    cv2.setRNGSeed(1)
    none = np.empty(0, np.int32)
    count = min(most, len(frame))
    _, labels, centres = cv2.kmeans(frame, count, none, stop, 2, cv2.KMEANS_PP_CENTERS)
    found = []
    for index, centre in enumerate(np.asarray(centres, np.float32)):
        own = frame[labels.ravel() == index]
        if len(own) >= fewest * len(frame):
            spread = float(np.linalg.norm(own - centre, axis=1).mean())
            found.append(FrameColour(centre, max(least_spread, spread)))
    return found
