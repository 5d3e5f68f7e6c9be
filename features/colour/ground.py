"""Tells the goods of a picture from its ground of any colour: paper, studio, table.

A ground is what the frame shows: its colours are gathered into a few clusters, and whatever is like
them and reaches the frame is ground. It is left out only where a thing is left that stands free of
the frame; a close-up, a pattern or a scene has no ground and counts whole.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from features.colour.cells import Bytes
from features.imaging.frame_colours import Levels, frame_colours, frame_mask, lab_levels

CLUSTERS = 3
"""Colours of a frame: paper and its shadow, or the light and dark of wood."""

FRAME = 0.04
"""Width of the frame, as a share of the shorter side."""

FEWEST = 0.1
"""Share of the frame below which a colour is of the thing, which reaches the edge there."""

LEAST_SPREAD = 5.0
"""Distance in CIELAB that JPEG, noise and soft shadows put between pixels of one colour."""

REACH = 3.0
"""Spreads from a cluster's centre within which a pixel is of its colour."""

LEAST_LEFT = 0.05
"""Where less than this share would be left, the picture is of what the frame shows."""

MOST_AT_FRAME = 0.25
"""Share of the outer tenth of a picture that a free-standing thing may cover."""


SUM_OF_CHANNELS = np.ones((1, 3), np.float32)


def goods_mask(pixels: Bytes) -> NDArray[np.bool_]:
    """Return which pixels belong to the thing shown: of shape (height, width), one True at least.

    `pixels` are RGB, of shape (height, width, 3).
    """
    everything = np.ones(pixels.shape[:2], np.bool_)
    height, width = pixels.shape[:2]
    margin = max(1, round(FRAME * min(height, width)))
    if min(height, width) < 4 * margin:
        return everything
    lab = lab_levels(pixels)
    like_frame = _is_like(lab, lab[frame_mask(height, width, margin)])
    # One more ring joins whatever reaches the frame into one region, that of the corner.
    ringed = cv2.copyMakeBorder(
        like_frame.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1
    )
    _, regions = cv2.connectedComponents(ringed, connectivity=8)
    left = (regions != regions[0, 0])[1:-1, 1:-1].astype(np.uint8)
    # Specks of texture are no thing.
    thing = cv2.morphologyEx(left, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.bool_)
    return thing if _stands_free(thing) else everything


def _is_like(lab: Levels, frame: Levels) -> NDArray[np.bool_]:
    """Return which pixels are of one of the frame's colours."""
    like = np.zeros(lab.shape[:2], np.bool_)
    for colour in frame_colours(frame, CLUSTERS, fewest=FEWEST, least_spread=LEAST_SPREAD):
        # A sixth of numpy's time.
        away = cv2.subtract(lab, np.append(colour.centre, 0).astype(np.float64))
        squares = cv2.transform(cv2.multiply(away, away), SUM_OF_CHANNELS)
        like |= np.asarray(squares <= (REACH * colour.spread) ** 2)
    return like


def _stands_free(thing: NDArray[np.bool_]) -> bool:
    """Return whether enough is left, and little of it at the frame."""
    if thing.mean() < LEAST_LEFT:
        return False
    height, width = thing.shape
    outer = np.ones(thing.shape, np.bool_)
    outer[height // 10 : height - height // 10, width // 10 : width - width // 10] = False
    return bool(thing[outer].mean() <= MOST_AT_FRAME)
