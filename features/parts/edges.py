"""Straight edges and plain lines across a picture: where somebody has put pictures together.

Every function works along the rows; for columns, transpose the pixels.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

WORKING_SIDE = 320
"""Longest side in pixels at which bars and tiles are searched."""

STEP = 8
"""Levels by which two sides of an edge differ at least."""

PLAIN_TOLERANCE = 12
"""Levels by which the pixels of a plain row may differ from its median colour."""

PLAIN_SHARE = 0.97
"""Share of a row's pixels that must be within the tolerance."""

MIN_PEAK, PEAK_REACH = 0.4, 4
"""By how much an edge's share of steps must exceed that of the rows so far away."""

Shares = NDArray[Any]
"""One number per row."""

Levels = NDArray[np.uint8]
"""RGB levels, height × width × 3, 0 to 255."""


@dataclass(frozen=True)
class Band:
    """Plain rows of one colour that follow each other: `start` to `end`, without `end`."""

    start: int
    end: int
    colour: Levels

    def is_like(self, colour: Levels) -> bool:
        """Say whether the band has a colour."""
        return bool(np.abs(self.colour.astype(int) - colour).max() <= PLAIN_TOLERANCE)


def small_levels(image: Image.Image, side: int = WORKING_SIDE) -> Levels:
    """Return the pixels of an RGB picture, reduced to at most `side` pixels each way."""
    scale = min(1.0, side / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = image.resize(size, Image.Resampling.BOX, reducing_gap=1.0)
    return np.asarray(small)


def transposed(levels: Levels) -> Levels:
    """Return the pixels with rows and columns exchanged."""
    # A tenth of the time of numpy's copy.
    return np.asarray(cv2.transpose(levels), np.uint8)


def largest_difference(first: Levels, second: Levels) -> Levels:
    """Return by how many levels two pictures differ, the largest of the channels, H × W."""
    differs = cv2.absdiff(first, second)
    # The maximum over an axis of three takes ten times as long.
    largest: Levels = np.maximum(np.maximum(differs[..., 0], differs[..., 1]), differs[..., 2])
    return largest


def steps(levels: Levels) -> NDArray[np.bool_]:
    """Return where a pixel's upper and lower neighbours differ by STEP; False at both ends."""
    found = np.zeros(levels.shape[:2], np.bool_)
    if len(levels) > 2:
        found[1:-1] = largest_difference(levels[2:], levels[:-2]) > STEP
    return found


def peaks(edge: Shares) -> Shares:
    """Return by how much each row's share exceeds those of the rows PEAK_REACH above and below.

    In cloth or foliage every row has steps; an edge stands out.
    """
    around = np.maximum(shifted(edge, PEAK_REACH), shifted(edge, -PEAK_REACH))
    above: Shares = edge - around
    return above


def shifted(edge: Shares, rows: int) -> Shares:
    """Return the share of the row so many rows above, or below if negative; 0 off the picture."""
    moved: Shares = np.zeros_like(edge)
    if abs(rows) >= len(edge):
        return moved
    if rows > 0:
        moved[rows:] = edge[:-rows]
    else:
        moved[:rows] = edge[-rows:]
    return moved


def detail(levels: Levels) -> NDArray[np.float32]:
    """Return the mean absolute Laplacian of every row: near 0 where it is plain or blurred."""
    grey = cv2.cvtColor(np.ascontiguousarray(levels), cv2.COLOR_RGB2GRAY)
    sharp: NDArray[np.float32] = np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean(axis=1)
    return sharp


def plain_bands(levels: Levels) -> list[Band]:
    """Return the bands of plain rows, from the top down."""
    # Every fourth pixel is enough for a median, and it is most of the work.
    sampled = np.ascontiguousarray(levels[:, ::4].transpose(0, 2, 1))
    middle = sampled.shape[2] // 2
    colours = np.partition(sampled, middle, axis=2)[..., middle]
    size = levels.shape[1::-1]
    lines = np.asarray(
        cv2.resize(colours[:, None], size, interpolation=cv2.INTER_NEAREST), np.uint8
    )
    near = largest_difference(levels, lines) <= PLAIN_TOLERANCE
    plain = near.mean(axis=1) >= PLAIN_SHARE
    bands: list[Band] = []
    for row in np.flatnonzero(plain).tolist():
        last = bands[-1] if bands else None
        if last and last.end == row and last.is_like(colours[row]):
            bands[-1] = Band(last.start, row + 1, last.colour)
        else:
            bands.append(Band(row, row + 1, colours[row]))
    return bands
