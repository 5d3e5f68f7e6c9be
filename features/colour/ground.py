"""Tells the goods of a picture from its ground of any colour: paper, studio, table.

A ground is what the frame shows: its colours are gathered into a few clusters, and whatever is like
them and reaches the frame is ground. It is left out only where a thing is left that stands free of
the frame; a close-up, a pattern or a scene has no ground and counts whole.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from features.colour.cells import Bytes

CLUSTERS = 3
"""Colours of a frame: paper and its shadow, or the light and dark of wood."""

FRAME = 0.04
"""Width of the frame, as a share of the shorter side."""

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
    unit = pixels.astype(np.float32) / 255
    lab = np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2Lab), np.float32)
    frame = everything.copy()
    frame[margin:-margin, margin:-margin] = False
    like_frame = _is_like(lab, lab[frame])
    # One more ring joins whatever reaches the frame into one region, that of the corner.
    ringed = cv2.copyMakeBorder(
        like_frame.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1
    )
    _, regions = cv2.connectedComponents(ringed, connectivity=8)
    left = (regions != regions[0, 0])[1:-1, 1:-1].astype(np.uint8)
    # Specks of texture are no thing.
    thing = cv2.morphologyEx(left, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.bool_)
    return thing if _stands_free(thing) else everything


def _is_like(lab: NDArray[np.float32], frame: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which pixels are of one of the frame's colours."""
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    count = min(CLUSTERS, len(frame))
    # The first centres are chosen by luck; the same picture must give the same colours.
    cv2.setRNGSeed(1)
    none = np.empty(0, np.int32)
    _, labels, centres = cv2.kmeans(frame, count, none, stop, 2, cv2.KMEANS_PP_CENTERS)
    like = np.zeros(lab.shape[:2], np.bool_)
    for index, centre in enumerate(centres):
        own = frame[labels.ravel() == index]
        # A colour that only a corner of the frame has is of the thing, which reaches it there.
        if len(own) < len(frame) / 10:
            continue
        spread = max(LEAST_SPREAD, float(np.linalg.norm(own - centre, axis=1).mean()))
        # A sixth of numpy's time.
        away = cv2.subtract(lab, np.append(centre, 0).astype(np.float64))
        squares = cv2.transform(cv2.multiply(away, away), SUM_OF_CHANNELS)
        like |= np.asarray(squares <= (REACH * spread) ** 2)
    return like


def _stands_free(thing: NDArray[np.bool_]) -> bool:
    """Return whether enough is left, and little of it at the frame."""
    if thing.mean() < LEAST_LEFT:
        return False
    height, width = thing.shape
    outer = np.ones(thing.shape, np.bool_)
    outer[height // 10 : height - height // 10, width // 10 : width - width // 10] = False
    return bool(thing[outer].mean() <= MOST_AT_FRAME)
