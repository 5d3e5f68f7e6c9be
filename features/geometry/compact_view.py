"""What a picture can be told apart by without its pixels, as compactly as it is kept."""

import struct
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.keypoints import Keypoints

LAYOUT_SIDE = 16
"""Side of the small picture by which two are known to be laid out alike."""

SIZE_FORMAT = struct.Struct("<HH")

GreyLevels = NDArray[Any]
"""GLANCE × GLANCE grey levels, uint8; OpenCV's signatures promise less."""


@dataclass(frozen=True)
class CompactView:
    """A picture's width and height in pixels, its grey levels at a glance, and its keypoints.

    Most pictures that are compared cannot be laid over each other, which this much tells: their
    pixels need not be read.
    """

    size: tuple[int, int]
    grey_levels: GreyLevels
    keypoints: Keypoints

    def to_bytes(self) -> bytes:
        """Return it as bytes: 260, and 132 per keypoint."""
        return SIZE_FORMAT.pack(*self.size) + self.grey_levels.tobytes() + self.keypoints.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "CompactView":
        """Return what `to_bytes` gave; raises ValueError for anything else."""
        head = SIZE_FORMAT.size + LAYOUT_SIDE * LAYOUT_SIDE
        if len(data) < head:
            raise ValueError(f"{len(data)} bytes are no sketch of a picture")
        width, height = SIZE_FORMAT.unpack_from(data)
        levels = np.frombuffer(data, np.uint8, LAYOUT_SIDE * LAYOUT_SIDE, SIZE_FORMAT.size)
        return cls(
            (width, height),
            levels.reshape(LAYOUT_SIDE, LAYOUT_SIDE),
            Keypoints.from_bytes(data[head:]),
        )


def layout_levels(pixels: NDArray[Any]) -> GreyLevels:
    """Return the grey levels of an RGB picture at a glance."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (LAYOUT_SIDE, LAYOUT_SIDE), interpolation=cv2.INTER_AREA)
