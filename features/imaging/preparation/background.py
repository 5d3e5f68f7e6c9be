"""Replaces the background of a photo with white."""

import cv2
import numpy as np
from PIL import Image

SIDE = 160
"""Longest side at which the outline is computed, in pixels; the cost grows with its square."""

EDGE = 0.05
"""Share of each side that is taken for background at first."""

ROUNDS = 5
MIN_SHARE, MAX_SHARE = 0.05, 0.95
"""Share of the picture that an object can have; outside these, the outline is wrong."""


def remove_background(image: Image.Image) -> Image.Image:
    """Return the RGB image with white around its object, unchanged where none is found.

    GrabCut: Rother, Kolmogorov and Blake, 2004, in OpenCV.
    """
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    width, height = small.size
    inset = round(EDGE * width), round(EDGE * height)
    frame = (*inset, width - 2 * inset[0], height - 2 * inset[1])
    if min(width, height) < 1 / EDGE:
        return image
    mask = np.zeros((height, width), np.uint8)
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(
            np.ascontiguousarray(np.asarray(small)[..., ::-1]), mask, frame,
            np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_RECT,
        )  # fmt: skip
    except cv2.error:
        return image  # one plain colour: nothing to separate
    object_ = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    if not MIN_SHARE <= object_.mean() <= MAX_SHARE:
        return image
    outline = Image.fromarray(object_.astype(np.uint8) * 255).resize(image.size)
    return Image.composite(image, Image.new("RGB", image.size, "white"), outline)
