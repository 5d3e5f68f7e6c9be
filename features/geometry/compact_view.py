"""What a picture can be told apart by without its pixels, as compactly as it is kept."""

import struct
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.keypoints import Keypoints

GLANCE = 16
"""Side of the small picture by which two are known to be laid out alike."""

SIZE = struct.Struct("<HH")

Small = NDArray[Any]
"""GLANCE × GLANCE grey levels, uint8; OpenCV's signatures promise less."""


@dataclass(frozen=True)
class Sketch:
    """A picture's width and height in pixels, its grey levels at a glance, and its keypoints.

    Most pictures that are compared cannot be laid over each other, which this much tells: their
    pixels need not be read.
    """

    size: tuple[int, int]
    small: Small
    keypoints: Keypoints

    def packed(self) -> bytes:
        """Return it as bytes: 260, and 132 per keypoint."""
        return SIZE.pack(*self.size) + self.small.tobytes() + self.keypoints.packed()

    @classmethod
    def unpacked(cls, data: bytes) -> "Sketch":
        """Return what `packed` gave; raises ValueError for anything else."""
        head = SIZE.size + GLANCE * GLANCE
        if len(data) < head:
            raise ValueError(f"{len(data)} bytes are no sketch of a picture")
        width, height = SIZE.unpack_from(data)
        small = np.frombuffer(data, np.uint8, GLANCE * GLANCE, SIZE.size)
        return cls((width, height), small.reshape(GLANCE, GLANCE), Keypoints.unpacked(data[head:]))


def small(pixels: NDArray[Any]) -> Small:
    """Return the grey levels of an RGB picture at a glance."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (GLANCE, GLANCE), interpolation=cv2.INTER_AREA)
