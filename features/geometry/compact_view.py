"""The stored form of a picture for the geometric check: enough to reject most pairs."""

import struct
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.keypoints import Keypoints

LAYOUT_SIDE = 16
"""Side in pixels of the grey miniature that shows whether two layouts are alike."""

SIZE_FORMAT = struct.Struct("<HH")

GreyLevels = NDArray[Any]
"""GLANCE × GLANCE grey levels, uint8; OpenCV's type hints are less precise."""


@dataclass(frozen=True)
class CompactView:
    """A picture's width and height in pixels, its miniature in grey, and its keypoints.

    Most pairs have no alignment, and this is enough to see it without reading any pixels.
    """

    size: tuple[int, int]
    grey_levels: GreyLevels
    keypoints: Keypoints

    def to_bytes(self) -> bytes:
        """Return the view as 260 bytes, plus 132 for each keypoint."""
        return SIZE_FORMAT.pack(*self.size) + self.grey_levels.tobytes() + self.keypoints.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "CompactView":
        """Restore what `to_bytes` returned; raises ValueError for anything else."""
        head = SIZE_FORMAT.size + LAYOUT_SIDE * LAYOUT_SIDE
        if len(data) < head:
            raise ValueError(f"{len(data)} bytes are too few for a compact view")
        width, height = SIZE_FORMAT.unpack_from(data)
        levels = np.frombuffer(data, np.uint8, LAYOUT_SIDE * LAYOUT_SIDE, SIZE_FORMAT.size)
        return cls(
            (width, height),
            levels.reshape(LAYOUT_SIDE, LAYOUT_SIDE),
            Keypoints.from_bytes(data[head:]),
        )


def layout_levels(pixels: NDArray[Any]) -> GreyLevels:
    """Return the grey miniature of an RGB picture."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (LAYOUT_SIDE, LAYOUT_SIDE), interpolation=cv2.INTER_AREA)
