"""Counts colours in cells, in one pass over the pixels that names and histogram share."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]

BITS = 5
LEVELS = 1 << BITS
"""Steps a channel, eight of 255 wide: two colours of one cell look the same side by side."""

CELLS = LEVELS**3


def cell_numbers(pixels: Bytes) -> NDArray[np.uint16]:
    """Return the number of each pixel's cell, 0 to CELLS - 1, of shape (height, width).

    `pixels` are RGB, of shape (height, width, 3).
    """
    steps = (pixels >> (8 - BITS)).astype(np.uint16)
    return np.asarray(
        (steps[..., 0] << 2 * BITS) | (steps[..., 1] << BITS) | steps[..., 2], np.uint16
    )


def cell_shares(numbers: NDArray[np.uint16]) -> Floats:
    """Return the share of the pixels whose cells have these numbers that lies in each cell."""
    return np.bincount(numbers.ravel(), minlength=CELLS) / numbers.size


def cell_hsv() -> tuple[Floats, Floats, Floats]:
    """Return hue (degrees, 0 to 360), saturation and value (0 to 1) of each cell's centre."""
    steps = ((np.arange(LEVELS) + 0.5) / LEVELS).astype(np.float32)
    rgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1)
    converted = np.asarray(cv2.cvtColor(rgb.reshape(-1, 1, 3), cv2.COLOR_RGB2HSV), np.float64)
    hue, saturation, value = converted.reshape(-1, 3).T
    return hue, saturation, value


def is_greyish(saturation: Floats, value: Floats) -> NDArray[np.bool_]:
    """Return where the channels differ by less than a tenth: there, hue is camera noise."""
    return saturation * value < 0.1
