"""From two sets of keypoints to the transform most of their matches agree on."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.keypoints import Keypoints

LOWE_RATIO = 0.85
"""Lowe's ratio test: the best match must be this much nearer than the second best."""

MIN_INLIERS = 4
"""Two matches make a similarity transform; agreement begins with the fourth."""

EXACT_INLIERS = 10
"""Agreeing matches from which three degrees of freedom more are safely fitted."""

MAX_SQUEEZE = 1.35
AFFINE_ROUNDS = 3

TOLERANCE_PX = 4.0
RANSAC_ITERATIONS = 1000
RANSAC_CONFIDENCE = 0.995
MIN_SCALE, MAX_SCALE = 0.1, 10.0
"""At a tenth, 48 pixels are left of a picture's side: four matches agree there by chance."""

Matrix = NDArray[Any]
"""2 × 3, affine, float64; OpenCV's signatures promise less."""

Points = NDArray[Any]
"""N × 2, x and y in pixels."""

PART_SIDE = 60
"""Side of the parts a picture is divided into, in pixels of at most 480."""


@dataclass(frozen=True)
class TransformFit:
    """A transform from the first picture's pixels to the second's, and who voted for it."""

    transform: Matrix
    inliers: int
    matches: int
    residual: float | None = None
    spread: float | None = None

    @property
    def is_exact(self) -> bool:
        """Whether so many keypoints voted that pixels cannot do better."""
        return self.inliers >= EXACT_INLIERS


def fit_transform(first: Keypoints, second: Keypoints) -> TransformFit | None:
    """Return the transform most matches agree on, or None.

    A similarity transform is found by RANSAC; where ENOUGH agree on it, they are given the affine
    freedom of a squeezed copy, by least squares.

    `residual` is by how many pixels the agreeing ones miss each other, at the median: a copy's
    hardly do, while cloth laid out twice, or a camera held elsewhere, bends the picture. `spread`
    is the share of the second picture's keypoint-bearing parts, where the first lies, in which
    some agree.
    """
    pairs = match(first, second)
    if len(pairs) < MIN_INLIERS:
        return None
    transform, voted = cv2.estimateAffinePartial2D(
        first.positions[pairs[:, 0]],
        second.positions[pairs[:, 1]],
        method=cv2.RANSAC,
        ransacReprojThreshold=TOLERANCE_PX,
        maxIters=RANSAC_ITERATIONS,
        confidence=RANSAC_CONFIDENCE,
    )
    if transform is None or not MIN_SCALE < scale_factor(transform) < MAX_SCALE:
        return None
    inliers = int(voted.sum())
    if inliers < MIN_INLIERS:
        return None
    ours, theirs = first.positions[pairs[:, 0]], second.positions[pairs[:, 1]]
    path, agreed = np.asarray(transform, np.float64), voted.ravel().astype(bool)
    if inliers >= EXACT_INLIERS:
        path, agreed = _refine_affine(ours, theirs, path, agreed)
    missed = _residuals(ours[agreed], theirs[agreed], path)
    return TransformFit(
        path,
        int(agreed.sum()),
        len(pairs),
        float(np.median(missed)),
        _spread(first.positions, second.positions, theirs[agreed], path),
    )


def _refine_affine(
    ours: Points, theirs: Points, path: Matrix, agreed: NDArray[np.bool_]
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the affine transform of least squares, and who agrees on it.

    It stays what it was where fewer would agree, or where it would shear what no edit shears.
    """
    best = path, agreed
    for _ in range(AFFINE_ROUNDS):
        chosen = best[1]
        known = np.column_stack([ours[chosen], np.ones(int(chosen.sum()))])
        found = np.linalg.lstsq(known, theirs[chosen], rcond=None)[0].T
        sizes = np.linalg.svd(found[:, :2], compute_uv=False)
        near = _residuals(ours, theirs, found) < TOLERANCE_PX
        if sizes[0] > MAX_SQUEEZE * sizes[1] or near.sum() < best[1].sum():
            break
        best = found, near
    return best


def _residuals(ours: Points, theirs: Points, path: Matrix) -> Points:
    """Return how far each pair is apart, in pixels of the larger of the two pictures' scales."""
    apart: Points = np.linalg.norm(transform_points(ours, path) - theirs, axis=1) / max(
        1.0, scale_factor(path)
    )
    return apart


def _spread(first: Points, second: Points, agreed: Points, path: Matrix) -> float:
    """Return the share of parts, PART pixels wide, that hold keypoints and agree."""
    home = transform_points(second, invert(path))
    low, high = first.min(axis=0), first.max(axis=0)
    inside = ((home >= low) & (home <= high)).all(axis=1)
    bearing = {tuple(part) for part in (second[inside] // PART_SIDE).astype(int).tolist()}
    agreeing = {tuple(part) for part in (agreed // PART_SIDE).astype(int).tolist()}
    return len(bearing & agreeing) / len(bearing) if bearing else 0.0


def transform_points(positions: Points, path: Matrix) -> Points:
    """Return where N × 2 positions lie after a transform."""
    found: Points = positions @ path[:, :2].T + path[:, 2]
    return found


def match(first: Keypoints, second: Keypoints) -> NDArray[np.intp]:
    """Return N × 2 indices of keypoints that are each other's best match by the ratio test."""
    if len(first) < 2 or len(second) < 2:
        return np.zeros((0, 2), np.intp)
    alike = first.descriptors @ second.descriptors.T
    rows = np.arange(len(first))
    best = alike.argmax(axis=1)
    nearest = alike[rows, best]
    alike[rows, best] = -1.0
    following = alike.max(axis=1)
    # Both of length one: the distance is sqrt(2 - 2 cos).
    clear = np.nonzero((2 - 2 * nearest) < LOWE_RATIO**2 * (2 - 2 * following))[0]
    alike[rows, best] = nearest
    # The way back is looked for from the clear ones alone: a few, where pictures are strangers.
    chosen = clear[alike[:, best[clear]].argmax(axis=0) == clear]
    return np.stack([chosen, best[chosen]], axis=1)


def scale_factor(transform: Matrix) -> float:
    """Return the factor by which lengths grow."""
    return float(np.sqrt(abs(np.linalg.det(transform[:, :2]))))


def mirror_transform(width: int) -> Matrix:
    """Return the transform that turns a picture of that width over."""
    return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0]])


def compose(then: Matrix, first: Matrix) -> Matrix:
    """Return the transform that applies `first`, then `then`."""
    both: Matrix = then @ np.vstack([first, [0.0, 0.0, 1.0]])
    return both


def invert(transform: Matrix) -> Matrix:
    """Return the transform back."""
    return np.asarray(cv2.invertAffineTransform(transform), np.float64)
