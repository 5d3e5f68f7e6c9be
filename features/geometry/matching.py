"""Matches two sets of keypoints and fits the transform that most matches agree on."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry import perspective
from features.geometry.keypoints import Keypoints

LOWE_RATIO = 0.85
"""Lowe's ratio test: the best match must be nearer than this share of the second best."""

MIN_INLIERS = 4
"""Two matches define a similarity transform, so at least two more must confirm it."""

EXACT_INLIERS = 10
"""Inliers from which the two further degrees of freedom of an affine transform are fitted."""

FLAT_INLIERS = 6
"""Inliers of a flat transform from which a homography is tried: a picture at an angle has them in
one part, and unrelated pictures seldom do."""

MAX_SQUEEZE = 1.35
AFFINE_ROUNDS = 3

TOLERANCE_PX = 4.0
RANSAC_ITERATIONS = 1000
RANSAC_CONFIDENCE = 0.995
MIN_SCALE, MAX_SCALE = 0.1, 10.0
"""At a tenth of the size a side has 48 pixels, and four matches agree by chance."""

Matrix = NDArray[Any]
"""2 × 3, affine, float64; OpenCV's type hints are less precise."""

Points = NDArray[Any]
"""N × 2, x and y in pixels."""

PART_SIDE = 60
"""Side in pixels of the squares over which the spread of inliers is counted."""


@dataclass(frozen=True)
class TransformFit:
    """A transform from the first picture's pixels to the second's, and its support.

    `residual` is the median distance in pixels by which inliers miss each other. A copy's hardly
    do, while cloth that was laid out twice, or another camera position, bends the picture.
    `spread` (0 to 1) is the share of squares with keypoints of the second picture, within the
    first picture's area, that contain inliers. Both are None for a transform not made of
    keypoints. `homography` (3 × 3) replaces the transform where the picture was photographed at an
    angle; `transform` is then its affine part about the middle of the first picture's keypoints.
    """

    transform: Matrix
    inliers: int
    matches: int
    residual: float | None = None
    spread: float | None = None
    homography: NDArray[Any] | None = None

    @property
    def is_exact(self) -> bool:
        """Whether there are so many inliers that the pixels cannot refine the transform."""
        return self.inliers >= EXACT_INLIERS


def fit_transform(first: Keypoints, second: Keypoints) -> TransformFit | None:
    """Return the transform that most matches agree on, or None if too few do.

    RANSAC finds a similarity transform. If it has EXACT_INLIERS, an affine transform is fitted to
    them by least squares, because a copy may be squeezed. A homography replaces it where it
    explains clearly more matches.
    """
    pairs = match(first, second)
    if len(pairs) < MIN_INLIERS:
        return None
    sources, targets = first.positions[pairs[:, 0]], second.positions[pairs[:, 1]]
    flat = _fit_flat(first, second, sources, targets)
    if flat is None or flat.inliers < FLAT_INLIERS:
        return flat
    reach = first.positions.max(axis=0)
    angled = perspective.fit_homography(
        sources, targets, (float(reach[0]), float(reach[1])), flat.inliers
    )
    if angled is None:
        return flat
    homography, is_inlier = angled
    middle = (round(float(reach[0])), round(float(reach[1])))
    transform, _ = perspective.flatten(homography, middle)
    if not MIN_SCALE < scale_factor(transform) < MAX_SCALE:
        return flat
    missed = perspective.transform_points(sources[is_inlier], homography) - targets[is_inlier]
    residuals = np.linalg.norm(missed, axis=1) / max(1.0, scale_factor(transform))
    return TransformFit(
        transform,
        int(is_inlier.sum()),
        len(pairs),
        float(np.median(residuals)),
        _spread(first.positions, second.positions, targets[is_inlier], transform),
        homography,
    )


def _fit_flat(
    first: Keypoints, second: Keypoints, sources: Points, targets: Points
) -> TransformFit | None:
    """Return the similarity or affine transform that most matches agree on."""
    similarity, mask = cv2.estimateAffinePartial2D(
        sources,
        targets,
        method=cv2.RANSAC,
        ransacReprojThreshold=TOLERANCE_PX,
        maxIters=RANSAC_ITERATIONS,
        confidence=RANSAC_CONFIDENCE,
    )
    if similarity is None or not MIN_SCALE < scale_factor(similarity) < MAX_SCALE:
        return None
    inliers = int(mask.sum())
    if inliers < MIN_INLIERS:
        return None
    transform, is_inlier = np.asarray(similarity, np.float64), mask.ravel().astype(bool)
    if inliers >= EXACT_INLIERS:
        transform, is_inlier = _refine_affine(sources, targets, transform, is_inlier)
    residuals = _residuals(sources[is_inlier], targets[is_inlier], transform)
    return TransformFit(
        transform,
        int(is_inlier.sum()),
        len(sources),
        float(np.median(residuals)),
        _spread(first.positions, second.positions, targets[is_inlier], transform),
    )


def _refine_affine(
    sources: Points, targets: Points, transform: Matrix, is_inlier: NDArray[np.bool_]
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the least-squares affine transform and its inliers.

    The given ones are returned if it has fewer inliers, or shears more than any edit does.
    """
    best = transform, is_inlier
    for _ in range(AFFINE_ROUNDS):
        used = best[1]
        known = np.column_stack([sources[used], np.ones(int(used.sum()))])
        affine = np.linalg.lstsq(known, targets[used], rcond=None)[0].T
        sizes = np.linalg.svd(affine[:, :2], compute_uv=False)
        near = _residuals(sources, targets, affine) < TOLERANCE_PX
        if sizes[0] > MAX_SQUEEZE * sizes[1] or near.sum() < best[1].sum():
            break
        best = affine, near
    return best


def _residuals(sources: Points, targets: Points, transform: Matrix) -> Points:
    """Return how far each pair is apart, in pixels of the picture with the larger scale."""
    distances = np.linalg.norm(transform_points(sources, transform) - targets, axis=1)
    residuals: Points = distances / max(1.0, scale_factor(transform))
    return residuals


def _spread(first: Points, second: Points, inliers: Points, transform: Matrix) -> float:
    """Return the share of squares, PART_SIDE pixels wide, with keypoints that hold inliers."""
    in_first = transform_points(second, invert(transform))
    low, high = first.min(axis=0), first.max(axis=0)
    inside = ((in_first >= low) & (in_first <= high)).all(axis=1)
    occupied = {tuple(part) for part in (second[inside] // PART_SIDE).astype(int).tolist()}
    agreeing = {tuple(part) for part in (inliers // PART_SIDE).astype(int).tolist()}
    return len(occupied & agreeing) / len(occupied) if occupied else 0.0


def transform_points(points: Points, transform: Matrix) -> Points:
    """Return the transformed points, N × 2."""
    transformed: Points = points @ transform[:, :2].T + transform[:, 2]
    return transformed


def match(first: Keypoints, second: Keypoints) -> NDArray[np.intp]:
    """Return N × 2 indices of keypoints that are mutual best matches and pass the ratio test."""
    if len(first) < 2 or len(second) < 2:
        return np.zeros((0, 2), np.intp)
    cosines = first.descriptors @ second.descriptors.T
    rows = np.arange(len(first))
    best = cosines.argmax(axis=1)
    nearest = cosines[rows, best]
    cosines[rows, best] = -1.0
    second_nearest = cosines.max(axis=1)
    # The distance of unit vectors is sqrt(2 - 2 cos).
    clear = np.nonzero((2 - 2 * nearest) < LOWE_RATIO**2 * (2 - 2 * second_nearest))[0]
    cosines[rows, best] = nearest
    # Only clear matches are checked in the other direction; unrelated pictures have few.
    mutual = clear[cosines[:, best[clear]].argmax(axis=0) == clear]
    return np.stack([mutual, best[mutual]], axis=1)


def scale_factor(transform: Matrix) -> float:
    """Return the factor by which lengths grow, the geometric mean of both axes."""
    return float(np.sqrt(abs(np.linalg.det(transform[:, :2]))))


def mirror_transform(width: int) -> Matrix:
    """Return the transform that mirrors a picture of this width left to right."""
    return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0]])


def compose(second: Matrix, first: Matrix) -> Matrix:
    """Return the transform that applies `first`, then `second`."""
    composed: Matrix = second @ np.vstack([first, [0.0, 0.0, 1.0]])
    return composed


def invert(transform: Matrix) -> Matrix:
    """Return the inverse transform."""
    return np.asarray(cv2.invertAffineTransform(transform), np.float64)
