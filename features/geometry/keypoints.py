"""SIFT keypoints of a picture, as compact as they are kept and as they are compared."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_KEYPOINTS = 400
"""The strongest per picture: matching costs their product, and copies agree on dozens."""

CONTRAST_THRESHOLD = 0.015
"""Below SIFT's customary .04, because plain clothes on a plain ground have little else."""

FEW_KEYPOINTS, LOW_CONTRAST_THRESHOLD = 120, 0.004
"""With fewer keypoints than that, the threshold is this: a plain shirt has nothing but folds."""

EDGE_THRESHOLD = 12.0

CELLS, DIRECTIONS = 4, 8
DESCRIPTOR_SIZE = CELLS * CELLS * DIRECTIONS
"""A descriptor: 4 × 4 cells around the keypoint, 8 directions in each."""

POSITION_STEPS = 32.0
"""Places are kept in 32nds of a pixel."""


@dataclass(frozen=True)
class Keypoints:
    """`positions` (N × 2, x and y in pixels) and SIFT's histograms (N × 128, 0 to 255)."""

    positions: NDArray[np.float32]
    histograms: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.positions)

    @cached_property
    def descriptors(self) -> NDArray[np.float32]:
        """RootSIFT: vectors of length one whose product is the histograms' Hellinger affinity.

        Arandjelović and Zisserman, "Three things everyone should know to improve object
        retrieval", CVPR 2012.
        """
        counts = self.histograms.astype(np.float32)
        rooted: NDArray[np.float32] = np.sqrt(counts / (counts.sum(axis=1, keepdims=True) + 1e-7))
        return rooted

    def mirrored(self, width: int) -> "Keypoints":
        """Return what the mirror image of a picture `width` pixels wide would have.

        A mirror turns a keypoint's frame over: rows of cells swap positions and directions change
        sign. So nothing need be detected anew.
        """
        cells = self.histograms.reshape(-1, CELLS, CELLS, DIRECTIONS)
        turned = cells[:, ::-1][..., -np.arange(DIRECTIONS) % DIRECTIONS]
        positions = np.column_stack([width - 1 - self.positions[:, 0], self.positions[:, 1]])
        return Keypoints(positions.astype(np.float32), turned.reshape(-1, DESCRIPTOR_SIZE))

    def to_bytes(self) -> bytes:
        """Return them as bytes: 132 per keypoint."""
        steps = np.clip(np.rint(self.positions * POSITION_STEPS), 0, 65_535).astype("<u2")
        return bytes(steps.tobytes() + self.histograms.tobytes())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Keypoints":
        """Return what `to_bytes` gave; raises ValueError for anything else."""
        each = 4 + DESCRIPTOR_SIZE
        if len(data) % each:
            raise ValueError(f"{len(data)} bytes are no whole number of keypoints")
        count = len(data) // each
        positions = np.frombuffer(data, "<u2", 2 * count).reshape(-1, 2) / np.float32(
            POSITION_STEPS
        )
        histograms = np.frombuffer(data, np.uint8, offset=4 * count).reshape(-1, DESCRIPTOR_SIZE)
        return cls(positions.astype(np.float32), histograms)


def detect(pixels: NDArray[np.uint8]) -> Keypoints:
    """Return the strongest keypoints of an RGB picture; there may be none.

    Where there are few, fainter ones are taken as well.
    """
    found = _detect(pixels, CONTRAST_THRESHOLD)
    return found if len(found) >= FEW_KEYPOINTS else _detect(pixels, LOW_CONTRAST_THRESHOLD)


def _detect(pixels: NDArray[np.uint8], contrast: float) -> Keypoints:
    sift = cv2.SIFT_create(  # type: ignore[attr-defined]
        nfeatures=MAX_KEYPOINTS, contrastThreshold=contrast, edgeThreshold=EDGE_THRESHOLD
    )
    found, histograms = sift.detectAndCompute(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), None)
    if histograms is None:
        return Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, DESCRIPTOR_SIZE), np.uint8))
    positions = np.array([point.pt for point in found[:MAX_KEYPOINTS]], np.float32)
    return Keypoints(positions, np.rint(histograms[:MAX_KEYPOINTS]).astype(np.uint8))
