"""Detect copies by local descriptors, as Thorn's `perception` 0.9.3 does.

https://github.com/thorn-oss/perception/blob/master/perception/local_descriptor_deduplication.py

The package cannot be installed beside this project: it needs OpenCV below 5 and rich below 14. So
its steps are written out here, with its defaults: uniform borders are cut, at most 256 SIFT
keypoints at 256 pixels; a pair is a candidate when 1 % of both sides' descriptors lie within 100
of each other, and a match when 40 % of both sides pass the ratio test, what matched covers 60 % of
either side's keypoints, a homography has five inliers, and 60 % of either frame maps onto the
other. The library finds candidates and matches with faiss; here every descriptor is compared with
every other, which finds all that faiss's exact index does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.peers.copies.detectors.borders import trim_borders
from bench.peers.copies.detectors.detector import Distances

SIDE = 256
FEATURES, FEWEST = 256, 10
NEAR, OVERLAP = 100.0, 0.01
RATIO = 0.5
"""Of squared distances, as faiss returns them: .71 of the distances themselves."""

MATCHED, COVERED, INLIERS = 0.4, 0.6, 5
LEAST_MATCHED = 4
"""Fewest matches that a homography can be fitted to."""

AT_ONCE = 64
"""Number of pictures compared at a time: their table of products takes 16 MB."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class KeypointSet:
    """Keypoints (N × 2), their SIFT descriptors (N × 128, integers up to 255), the frame size."""

    places: Floats
    descriptors: NDArray[np.uint8]
    size: tuple[int, int]


class PerceptionDetector:
    """1 - the share of matching keypoints; infinite for a pair that another test rejects.

    The usual limit decides as the library does; a tighter one requires more matches.
    """

    name = "perception"
    usual_limit: float | None = 1 - MATCHED

    def describe(self, image: Image.Image) -> KeypointSet | None:
        pixels = trim_borders(np.asarray(image))
        if pixels is None:
            return None
        height, width = pixels.shape[:2]
        if max(height, width) > SIDE:
            scale = SIDE / max(height, width)
            small = cv2.resize(pixels, (int(width * scale), int(height * scale)))
            pixels = np.asarray(small, np.uint8)
        sift = cv2.SIFT_create(nfeatures=FEATURES)  # type: ignore[attr-defined]
        keypoints, descriptors = sift.detectAndCompute(pixels, None)
        if descriptors is None or len(descriptors) < FEWEST:
            return None
        places = np.array([point.pt for point in keypoints], np.float32)
        return KeypointSet(places, descriptors.astype(np.uint8), (pixels.shape[1], pixels.shape[0]))

    def distance(self, a: KeypointSet, b: KeypointSet) -> float:
        return _matched(a, b) if KeypointBlock([b]).candidates(a)[0] else math.inf

    def distances(self, first: Sequence[KeypointSet], second: Sequence[KeypointSet]) -> Distances:
        """Return the distances; only the few candidate pairs are expensive."""
        result = np.full((len(first), len(second)), math.inf)
        for start in range(0, len(second), AT_ONCE):
            block = KeypointBlock(second[start : start + AT_ONCE])
            for row, keypoint_set in enumerate(first):
                for column in map(int, np.flatnonzero(block.candidates(keypoint_set))):
                    result[row, start + column] = _matched(keypoint_set, block.pictures[column])
        return result

    def size_bytes(self, descriptor: KeypointSet) -> int:
        return descriptor.places.nbytes + descriptor.descriptors.nbytes


class KeypointBlock:
    """Keypoints of several pictures, prepared for comparison with one picture at a time."""

    def __init__(self, pictures: Sequence[KeypointSet]) -> None:
        self.pictures = pictures
        counts = [len(one.places) for one in pictures]
        self._counts = np.array(counts)
        self._starts = np.cumsum([0, *counts[:-1]])
        descriptors = np.concatenate([one.descriptors for one in pictures]).astype(np.float32)
        self._descriptors = np.ascontiguousarray(descriptors.T)
        self._half_squares = (descriptors**2).sum(axis=1) / 2

    def candidates(self, keypoint_set: KeypointSet) -> NDArray[np.bool_]:
        """Return which pictures have enough descriptors near those of this one."""
        left = keypoint_set.descriptors.astype(np.float32)
        # |a - b|² < NEAR², written so that the large table is allocated once.
        products = left @ self._descriptors
        products -= self._half_squares
        near = products > ((left**2).sum(axis=1) / 2 - NEAR**2 / 2)[:, None]
        share_here = np.logical_or.reduceat(near, self._starts, axis=1).mean(axis=0)
        share_there = np.add.reduceat(near.any(axis=0).astype(float), self._starts) / self._counts
        is_candidate: NDArray[np.bool_] = np.minimum(share_here, share_there) >= OVERLAP
        return is_candidate


def _matched(a: KeypointSet, b: KeypointSet) -> float:
    # The side with more keypoints comes first, as in the library.
    first, second = (b, a) if len(a.places) < len(b.places) else (a, b)
    distances = _squared(first.descriptors, second.descriptors)
    there, back = _clear(distances), _clear(distances.T)
    partners = distances.argmin(axis=1)[there]
    if len(partners) < LEAST_MATCHED or not _lie_together(first, second, there, partners):
        return math.inf
    return 1 - float(min(there.mean(), back.mean()))


def _squared(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> Floats:
    left, right = a.astype(np.float32), b.astype(np.float32)
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None]
    distances: Floats = squares - 2 * left @ right.T
    return distances


def _clear(distances: Floats) -> NDArray[np.bool_]:
    """Return for each row whether its best match is clearly better than the second."""
    best = np.partition(distances, 1, axis=1)
    is_clear: NDArray[np.bool_] = best[:, 0] < best[:, 1] * RATIO
    return is_clear


def _lie_together(
    first: KeypointSet,
    second: KeypointSet,
    is_matched: NDArray[np.bool_],
    partners: NDArray[np.intp],
) -> bool:
    here, there = first.places[is_matched], second.places[partners]
    if min(_spread(here, first.places), _spread(there, second.places)) < COVERED:
        return False
    matrix, voted = cv2.findHomography(
        here.reshape(-1, 1, 2),
        there.reshape(-1, 1, 2),
        cv2.RANSAC,
        1.0,
        maxIters=50_000,
        confidence=0.9999,
    )
    if matrix is None or voted.sum() < INLIERS or abs(np.linalg.det(matrix)) < 1e-12:
        return False
    onto = _onto(np.asarray(matrix, np.float64), first.size, second.size)
    back = _onto(np.asarray(np.linalg.inv(matrix), np.float64), second.size, first.size)
    return min(onto, back) >= COVERED


def _spread(matched: Floats, places: Floats) -> float:
    """Return the area of the box around some keypoints as a share of the box around all."""
    return float(np.prod(np.ptp(matched, axis=0)) / max(1e-9, np.prod(np.ptp(places, axis=0))))


def _onto(matrix: NDArray[np.float64], frame: tuple[int, int], other: tuple[int, int]) -> float:
    """Return the share of the other frame covered by this frame's two mapped corners."""
    corners = np.array([[[0, 0]], [list(frame)]], np.float32)
    moved = cv2.perspectiveTransform(corners, matrix).reshape(-1, 2).clip(0, other)
    return float(abs(np.prod(moved[1] - moved[0]) / np.prod(other)))
