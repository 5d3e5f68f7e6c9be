"""SIFT keypoints of a picture: detection, mirroring, and their stored form."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_KEYPOINTS = 400
"""Strongest keypoints used per picture.

The cost of matching grows with the product of both counts, and copies share dozens."""

CONTRAST_THRESHOLD = 0.015
"""Below SIFT's usual .04, because plain clothes on a plain background have few strong keypoints."""

FEW_KEYPOINTS, LOW_CONTRAST_THRESHOLD = 120, 0.004
"""With fewer keypoints than this, they are detected again at the lower threshold: a plain shirt
has only folds."""

EDGE_THRESHOLD = 12.0

CELLS, DIRECTIONS = 4, 8
DESCRIPTOR_SIZE = CELLS * CELLS * DIRECTIONS
"""Numbers in a descriptor: 4 × 4 cells around the keypoint with 8 directions each."""

POSITION_STEPS = 32.0
"""Positions are stored in 32nds of a pixel."""


@dataclass(frozen=True)
class Keypoints:
    """`positions` (N × 2, x and y in pixels) and SIFT's histograms (N × 128, 0 to 255)."""

    positions: NDArray[np.float32]
    histograms: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.positions)

    @cached_property
    def descriptors(self) -> NDArray[np.float32]:
        """RootSIFT descriptors (N × 128): unit vectors whose dot product is the Hellinger affinity.

        Arandjelović and Zisserman, "Three things everyone should know to improve object
        retrieval", CVPR 2012.
        """
        counts = self.histograms.astype(np.float32)
        rooted: NDArray[np.float32] = np.sqrt(counts / (counts.sum(axis=1, keepdims=True) + 1e-7))
        return rooted

    def mirrored(self, width: int) -> "Keypoints":
        """Return the keypoints of the mirror image of a picture that is `width` pixels wide.

        Mirroring reverses the order of a descriptor's rows of cells and the sign of its
        directions, so the keypoints need not be detected again.
        """
        cells = self.histograms.reshape(-1, CELLS, CELLS, DIRECTIONS)
        mirrored = cells[:, ::-1][..., -np.arange(DIRECTIONS) % DIRECTIONS]
        positions = np.column_stack([width - 1 - self.positions[:, 0], self.positions[:, 1]])
        return Keypoints(positions.astype(np.float32), mirrored.reshape(-1, DESCRIPTOR_SIZE))

    def to_bytes(self) -> bytes:
        """Return the keypoints as 132 bytes each."""
        steps = np.clip(np.rint(self.positions * POSITION_STEPS), 0, 65_535).astype("<u2")
        return bytes(steps.tobytes() + self.histograms.tobytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Keypoints":
        """Restore what `to_bytes` returned; raises ValueError for anything else."""
        size = 4 + DESCRIPTOR_SIZE
        if len(data) % size:
            raise ValueError(f"{len(data)} bytes are not a whole number of keypoints")
        count = len(data) // size
        positions = np.frombuffer(data, "<u2", 2 * count).reshape(-1, 2) / np.float32(
            POSITION_STEPS
        )
        histograms = np.frombuffer(data, np.uint8, offset=4 * count).reshape(-1, DESCRIPTOR_SIZE)
        return cls(positions.astype(np.float32), histograms)


def detect(pixels: NDArray[np.uint8]) -> Keypoints:
    """Return the strongest keypoints of an RGB picture, fainter ones too if there are few."""
    keypoints = _detect(pixels, CONTRAST_THRESHOLD)
    if len(keypoints) >= FEW_KEYPOINTS:
        return keypoints
    return _detect(pixels, LOW_CONTRAST_THRESHOLD)


def _detect(pixels: NDArray[np.uint8], contrast: float) -> Keypoints:
    sift = cv2.SIFT_create(  # type: ignore[attr-defined]
        nfeatures=MAX_KEYPOINTS, contrastThreshold=contrast, edgeThreshold=EDGE_THRESHOLD
    )
    found, histograms = sift.detectAndCompute(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), None)
    if histograms is None:
        return Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, DESCRIPTOR_SIZE), np.uint8))
    positions = np.array([point.pt for point in found[:MAX_KEYPOINTS]], np.float32)
    return Keypoints(positions, np.rint(histograms[:MAX_KEYPOINTS]).astype(np.uint8))
