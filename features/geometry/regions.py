"""Finds pictures inside a picture: within plain borders, or in a screenshot of a page."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.base import Box

WORKING_SIDE = 240
"""Longest side in pixels at which regions are searched."""

PLAIN_TOLERANCE = 12.0
"""Levels by which pixels of a border or page may differ from its colour."""

MIN_SHARE = 0.04
"""Least share of the picture's area; anything smaller is an icon."""

MAX_SHARE = 0.95
MIN_FILL = 0.55
"""Share of its box that a region must fill: a picture does, a column of text does not."""

MAX_ASPECT = 4.0
"""Ratio of sides beyond which a box is a banner or a line of text."""


def find_content(image: Image.Image) -> Box | None:
    """Return the part inside plain borders, or None if there are hardly any.

    A border reaches inwards as long as nearly all pixels of a row or column have the colour of the
    outermost one.
    """
    pixels = _shrink(image)
    height, width = pixels.shape[:2]
    top, bottom = _count_plain_rows(pixels), height - _count_plain_rows(pixels[::-1])
    if bottom - top < 0.2 * height:
        return None
    columns = pixels[top:bottom].transpose(1, 0, 2)
    left, right = _count_plain_rows(columns), width - _count_plain_rows(columns[::-1])
    if right - left < 0.2 * width:
        return None
    share = (right - left) * (bottom - top) / (width * height)
    if share > MAX_SHARE:
        return None
    return Box(left / width, top / height, right / width, bottom / height)


def _count_plain_rows(pixels: NDArray[np.int16]) -> int:
    """Return how many rows from the top have the first row's median colour almost everywhere."""
    colour = np.median(pixels[0], axis=0)
    for number, row in enumerate(pixels):  # most pictures have no border, so this ends early
        if (np.abs(row - colour).max(axis=1) > PLAIN_TOLERANCE).mean() > 0.02:
            return number
    return len(pixels)


def find_pictures(image: Image.Image, most: int = 2) -> list[Box]:
    """Return at most `most` picture-like regions of a plain page, largest first; [] otherwise.

    A page is plain if most of its edge has one colour. A solid piece of another colour with the
    proportions of a picture counts as one.
    """
    pixels = _shrink(image)
    height, width = pixels.shape[:2]
    edge = np.concatenate([pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = np.median(edge, axis=0)
    if (np.abs(edge - ground).max(axis=1) <= PLAIN_TOLERANCE).mean() < 0.6:
        return []
    stands_out = (np.abs(pixels - ground).max(axis=2) > PLAIN_TOLERANCE / 2).astype(np.uint8)
    solid = cv2.morphologyEx(stands_out, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=4)
    regions = []
    for left, top, across, down, area in stats[1:count].tolist():
        share = across * down / (width * height)
        if not MIN_SHARE <= share <= MAX_SHARE or area < MIN_FILL * across * down:
            continue
        if max(across / down, down / across) > MAX_ASPECT:
            continue
        box = Box(left / width, top / height, (left + across) / width, (top + down) / height)
        regions.append((area, box))
    regions.sort(key=lambda region: -region[0])
    return [box for _, box in regions[:most]]


def _shrink(image: Image.Image) -> NDArray[np.int16]:
    small = image.convert("RGB")
    small.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small).astype(np.int16)
