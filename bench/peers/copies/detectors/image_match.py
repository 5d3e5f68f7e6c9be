"""Detect copies by the signature of `image-match`.

Wong, Bern and Goldberg, "An image signature for any kind of image", ICIP 2002
(http://www.cs.cmu.edu/~hcwong/Pdfs/icip02.ps).

The library's last release needs scikit-image 0.12, which no longer builds, so the published
algorithm is written out here with the library's settings: a 9 × 9 grid over what lies between the
5th and 95th percentile of the picture's activity, mean grey around each point, and the differences
to the eight neighbours in five levels. Its search uses a limit of .45 on the normalised distance.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.peers.copies.detectors.detector import Distances

POINTS = 9
PERCENTILES = (5, 95)
IDENTICAL = 2 / 255
"""Grey levels (0 to 1) nearer than this count as equal."""

LUMINANCE = (0.2125, 0.7154, 0.0721)
NEIGHBOURS = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1) if down or across]

Levels = NDArray[np.int8]
Grey = NDArray[np.float64]


class ImageMatchDetector:
    """648 differences of grey, each from -2 (much darker) to 2 (much lighter)."""

    name = "image-match"
    usual_limit: float | None = 0.45

    def describe(self, image: Image.Image) -> Levels | None:
        grey = np.asarray(image, np.float64) @ np.array(LUMINANCE) / 255
        means = _means(grey)
        padded = np.pad(means, 1, mode="edge")
        inside = slice(1, POINTS + 1)
        differences = [
            means - np.roll(padded, (down, across), (0, 1))[inside, inside]
            for down, across in NEIGHBOURS
        ]
        levels = _levels(_without_outside(np.dstack(differences)))
        return levels.ravel() if levels.any() else None

    def distance(self, a: Levels, b: Levels) -> float:
        return float(self.distances([a], [b])[0, 0])

    def distances(self, first: Sequence[Levels], second: Sequence[Levels]) -> Distances:
        """Return ‖a - b‖ / (‖a‖ + ‖b‖)."""
        a, b = np.array(first, np.float64), np.array(second, np.float64)
        long_a, long_b = np.linalg.norm(a, axis=1)[:, None], np.linalg.norm(b, axis=1)[None]
        squares = long_a**2 + long_b**2 - 2 * a @ b.T
        result: Distances = np.sqrt(np.maximum(0, squares)) / (long_a + long_b)
        return result

    def size_bytes(self, descriptor: Levels) -> int:
        return descriptor.nbytes


def _means(grey: Grey) -> Grey:
    """Return the mean grey of the squares around the grid's points, 9 × 9."""
    rows = _points(np.abs(np.diff(grey, axis=1)).sum(axis=1), grey.shape[0])
    columns = _points(np.abs(np.diff(grey, axis=0)).sum(axis=0), grey.shape[1])
    side = max(2, int(0.5 + min(grey.shape) / 20))
    tops, lefts = np.maximum(rows - side / 2, 0).astype(int), np.maximum(columns - side / 2, 0)
    return np.array(
        [
            [grey[top : top + side, left : left + side].mean() for left in lefts.astype(int)]
            for top in tops
        ]
    )


def _points(activity: Grey, length: int) -> NDArray[np.int_]:
    """Return nine evenly spaced positions between the percentiles of the summed activity."""
    summed = np.cumsum(activity)
    least, most = np.percentile(summed, PERCENTILES)
    low = int(np.searchsorted(summed, least, side="right"))
    high = int(np.searchsorted(summed, most, side="left"))
    if low > high:
        low, high = (int(share / 100 * length) for share in PERCENTILES)
    return np.linspace(low, high, POINTS + 2, dtype=int)[1:-1]


def _without_outside(differences: Grey) -> Grey:
    """Set the differences to neighbours that lie outside the grid to 0."""
    rows, columns = np.indices((POINTS, POINTS))
    for layer, (down, across) in enumerate(NEIGHBOURS):
        # `roll` by +1 brings the neighbour above (or to the left) here.
        above, beside = rows - down, columns - across
        outside = (above < 0) | (above >= POINTS) | (beside < 0) | (beside >= POINTS)
        differences[outside, layer] = 0
    return differences


def _levels(differences: Grey) -> Levels:
    """Return the sign of each difference, doubled from the median of that sign upwards."""
    differences[np.abs(differences) < IDENTICAL] = 0
    levels = np.sign(differences)
    for sign in (1, -1):
        of_sign = levels == sign
        if of_sign.any():
            large = np.abs(differences) >= np.median(np.abs(differences[of_sign]))
            levels[of_sign & large] = 2 * sign
    return levels.astype(np.int8)
