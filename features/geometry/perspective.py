"""Aligns a picture that was photographed at an angle, and lays it flat.

A homography has two degrees of freedom more than an affine transform. It is used only where it
explains more keypoints, and only within what a photo of a screen or a sheet of paper shows.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Homography = NDArray[Any]
"""3 × 3, float64, the last number 1."""

Points = NDArray[Any]
"""N × 2, x and y in pixels."""

TOLERANCE_PX = 4.0
MIN_MATCHES, MORE_INLIERS, MORE_SHARE = 14, 5, 1.12
"""Least matches; a homography must add this many inliers, and this share of them."""

MAX_PERSPECTIVE = 0.45
"""Most that the depth may change over a picture: corners moved by 12 % change it by a third."""

MAX_GROWTH = 3.0
"""Most by which area may grow from one corner to another."""

ITERATIONS, CONFIDENCE = 1000, 0.995


def fit_homography(
    sources: Points, targets: Points, size: tuple[float, float], inliers: int
) -> tuple[Homography, NDArray[np.bool_]] | None:
    """Return a plausible homography and its inliers, if it has clearly more than `inliers`.

    `size` is the extent of the first picture (width and height).
    """
    if len(sources) < MIN_MATCHES:
        return None
    found, mask = cv2.findHomography(
        sources, targets, cv2.RANSAC, TOLERANCE_PX, maxIters=ITERATIONS, confidence=CONFIDENCE
    )
    if found is None or not is_plausible(found, size):
        return None
    is_inlier = mask.ravel().astype(bool)
    if is_inlier.sum() < max(inliers + MORE_INLIERS, MORE_SHARE * inliers):
        return None
    return np.asarray(found / found[2, 2], np.float64), is_inlier


def is_plausible(homography: Homography, size: tuple[float, float]) -> bool:
    """Say whether a sheet seen at an angle looks so: never folded over, no corner far nearer."""
    corners = _corners(size)
    if abs(homography[2, 2]) < 1e-9:
        return False
    scaled = homography / homography[2, 2]
    depths = corners @ scaled[2, :2] + 1
    if depths.min() <= 0 or depths.max() / depths.min() > 1 + MAX_PERSPECTIVE:
        return False
    areas = np.linalg.det(scaled) / depths**3
    return bool(areas.min() * areas.max() > 0 and abs(areas).max() < MAX_GROWTH * abs(areas).min())


def flatten(
    homography: Homography, size: tuple[int, int]
) -> tuple[NDArray[Any], Callable[[NDArray[Any]], NDArray[Any]]]:
    """Split a homography into an affine transform (2 × 3) and a warp of the first picture before.

    The affine transform agrees with the homography in the middle of the first picture, whose size
    (width, height) the warp keeps. The warp takes pixels or a mask.
    """
    x, y = (side / 2 for side in size)
    top = homography[:2] @ (x, y, 1)
    depth = float(homography[2] @ (x, y, 1))
    slopes = (homography[:2, :2] - np.outer(top / depth, homography[2, :2])) / depth
    affine = np.column_stack([slopes, top / depth - slopes @ (x, y)])
    before = np.linalg.inv(np.vstack([affine, [0, 0, 1]])) @ homography

    def warp(picture: NDArray[Any]) -> NDArray[Any]:
        return cv2.warpPerspective(picture, before, size, flags=cv2.INTER_LINEAR)

    return affine, warp


def transform_points(points: Points, homography: Homography) -> Points:
    """Return the transformed points, N × 2."""
    moved = np.column_stack([points, np.ones(len(points))]) @ homography.T
    flat: Points = moved[:, :2] / moved[:, 2:]
    return flat


def _corners(size: tuple[float, float]) -> Points:
    width, height = size
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
