"""Says whether goods agree inside their outline, where a picture was laid on another ground.

Two shirts of one cut have one outline, and on the same plain ground that is most of the picture.
What tells them apart is inside: folds, weave, print.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.alignment import Alignment
from features.geometry.overlap import align_pair
from features.geometry.view import PictureView

GROUND_TOLERANCE = 18.0
"""Levels within which a pixel has the colour of the picture's corners: ground."""

EDGE_PX = 9
"""Side of the square by which the goods are shrunk, so that their outline does not count."""

MIN_PIXELS = 250
"""Pixels of the goods' inside below which nothing can be said."""

MIN_DEVIATION = 2.0
"""Standard deviation of grey levels below which the inside is flat and says nothing."""


def goods_agreement(first: PictureView, second: PictureView, alignment: Alignment) -> float | None:
    """Return the correlation of the grey levels inside the goods, −1 to 1.

    None where the pictures don't overlap, the goods are too small, or both are flat inside.
    """
    pair = align_pair(first, second, np.reshape(alignment.transform, (2, 3)))
    shared = pair.refined().overlap() if pair else None
    if shared is None:
        return None
    goods = shared.shared & _goods(shared.first) & _goods(shared.second)
    inside = cv2.erode(goods.astype(np.uint8), np.ones((EDGE_PX, EDGE_PX), np.uint8)) > 0
    if int(inside.sum()) < MIN_PIXELS:
        return None
    levels = [
        cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)[inside]
        for pixels in (shared.first, shared.second)
    ]
    deviations = [float(one.std()) for one in levels]
    if max(deviations) < MIN_DEVIATION:
        return None
    centred = [one - one.mean() for one in levels]
    return float((centred[0] * centred[1]).mean()) / max(1e-6, deviations[0] * deviations[1])


def _goods(pixels: NDArray[np.float32]) -> NDArray[np.bool_]:
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    away = np.abs(pixels - np.median(corners, axis=0)).max(axis=2)
    goods: NDArray[np.bool_] = away > GROUND_TOLERANCE
    return goods
