"""Refines a transform by the pixels themselves: enhanced correlation.

Evangelidis and Psarakis, "Parametric image alignment using enhanced correlation coefficient
maximization", 2008. A transform from few keypoints is off by some pixels, and one from keypoints
in the middle is off at the edges of a picture that was photographed at an angle.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry import perspective

SIDE = 160
"""Longest side in pixels at which pictures are correlated."""

FLAT_ITERATIONS, ANGLED_ITERATIONS = 12, 30
EPSILON = 1e-3
BLUR = 3

MAX_SHIFT, MAX_BEND = 0.1, 0.15
"""Most that refining may move a transform, as shares of the frame's side and of the scale."""

Matrix = NDArray[Any]
Pixels = NDArray[Any]


def refine_flat(source: Pixels, frame: Pixels, transform: Matrix) -> Matrix:
    """Return the affine transform (2 × 3) refined.

    It is returned unchanged if refining does not improve the correlation, or moves or bends it
    implausibly.
    """
    found = _correlate(source, frame, _square(transform), cv2.MOTION_AFFINE, FLAT_ITERATIONS, None)
    if found is None:
        return transform
    refined = found[:2]
    scale = max(float(np.sqrt(abs(np.linalg.det(transform[:, :2])))), 1e-6)
    moved = float(np.abs(refined - transform)[:, 2].max()) / max(frame.shape[:2])
    bent = float(np.abs(refined - transform)[:, :2].max() / scale)
    return refined if moved < MAX_SHIFT and bent < MAX_BEND else transform


def refine_angled(
    source: Pixels, frame: Pixels, transform: Matrix, content: Pixels
) -> Matrix | None:
    """Return a homography (3 × 3) that correlates better than the transform (2 × 3), or None.

    `content` (0 to 255) is where the frame has content.
    """
    start = _square(transform)
    found = _correlate(source, frame, start, cv2.MOTION_HOMOGRAPHY, ANGLED_ITERATIONS, content)
    height, width = source.shape[:2]
    if found is None or not perspective.is_plausible(found, (width, height)):
        return None
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    moved = perspective.transform_points(corners, found) - perspective.transform_points(
        corners, start
    )
    inside = float(np.median(np.linalg.norm(moved, axis=1)))
    return found if inside < MAX_SHIFT * max(frame.shape[:2]) else None


def _correlate(
    source: Pixels,
    frame: Pixels,
    transform: Matrix,
    motion: int,
    iterations: int,
    content: Pixels | None,
) -> Matrix | None:
    """Return the transform (3 × 3) that correlates better than the given one, or None."""
    share = min(1.0, SIDE / max(frame.shape[:2]))
    still, to_still = _shrunk(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), share)
    moving, to_moving = _shrunk(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), share)
    mask: Any = None
    if content is not None:
        small = cv2.resize(content, still.shape[::-1], interpolation=cv2.INTER_AREA)
        mask = (small > 250).astype(np.uint8)
    there = to_still @ transform @ np.linalg.inv(to_moving)
    back = np.linalg.inv(there)
    back = (back / back[2, 2]).astype(np.float32)
    if motion == cv2.MOTION_AFFINE:
        back = back[:2]
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, iterations, EPSILON)
    try:
        before = cv2.computeECC(still, _warp(moving, there, still.shape))
        better, back = cv2.findTransformECC(  # type: ignore[assignment]
            still, moving, back, motion, ends, mask, BLUR
        )
    except cv2.error:  # raised if the pictures do not correlate at all
        return None
    if better <= before:
        return None
    refined = np.linalg.inv(to_still) @ np.linalg.inv(_square(back)) @ to_moving
    return np.asarray(refined / refined[2, 2], np.float64)


def _square(transform: Matrix) -> Matrix:
    """Return the transform as 3 × 3, float64."""
    if transform.shape[0] == 3:
        return np.asarray(transform, np.float64)
    return np.vstack([transform, [0.0, 0.0, 1.0]])


def _shrunk(pixels: Pixels, share: float) -> tuple[Pixels, Matrix]:
    """Return the picture averaged to `share` of its size, and the transform to it (3 × 3)."""
    height, width = pixels.shape[:2]
    across, down = max(4, round(width * share)), max(4, round(height * share))
    shrunk = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA)
    x, y = across / width, down / height
    # Coordinates are those of pixel centres, half a pixel in, before and after.
    return shrunk, np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2], [0.0, 0.0, 1.0]])


def _warp(picture: Pixels, transform: Matrix, shape: tuple[int, ...]) -> Pixels:
    return cv2.warpPerspective(picture, transform, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
