"""One picture as the geometric check sees it: its sketch and its pixels."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.geometry.compact_view import GLANCE, Sketch, Small, small
from features.geometry.frame import framed
from features.geometry.keypoints import Keypoints, detect

SIDE = 480
"""Pictures are compared at most this large, in pixels: the size thumbnails are kept in."""

Pixels = NDArray[Any]
"""uint8; OpenCV's signatures promise less."""
Floats = NDArray[np.float32]


class View:
    """A picture to compare: RGB, at most SIDE large. What is not needed is not computed.

    `load` gives the pixels, `known` what of them was kept.
    """

    def __init__(self, load: Callable[[], Pixels], known: Sketch | None = None) -> None:
        self._load = load
        self._known = known

    @classmethod
    def of(cls, image: Image.Image) -> "View":
        """Return the view of a picture, shrunk to SIDE where it is larger."""
        pixels = shrunk(image)
        return cls(lambda: pixels)

    @cached_property
    def pixels(self) -> Pixels:
        """H × W × 3, RGB."""
        return self._load()

    @cached_property
    def sketch(self) -> Sketch:
        """What is kept of the picture."""
        return self._known or Sketch(self.size, self._small, detect(self.pixels))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        if self._known:
            return self._known.size
        height, width = self.pixels.shape[:2]
        return width, height

    @property
    def keypoints(self) -> Keypoints:
        """The keypoints of the picture as it is."""
        return self.sketch.keypoints

    @cached_property
    def mirrored(self) -> Keypoints:
        """The keypoints its mirror image has, at their places in that."""
        return self.keypoints.mirrored(self.size[0])

    @cached_property
    def content(self) -> Pixels:
        """Where the picture has content: 255, or 0 in a plain frame around it (H × W)."""
        return framed(self.pixels)

    @cached_property
    def half(self) -> "View":
        """The picture at half its size, averaged; an odd row or column at its end is left out.

        It is kept, because a picture is laid over many, and halves are what is quickly made.
        """
        whole, content = self.pixels, self.content
        height, width = (max(1, side // 2) for side in whole.shape[:2])
        smaller = View(lambda: _halved(whole, width, height))
        smaller.content = _halved(content, width, height)
        return smaller

    @cached_property
    def glance(self) -> Floats:
        """The picture at GLANCE × GLANCE grey levels, of mean 0 and length one; 0 when blank."""
        levels = self._small.astype(np.float32)
        levels -= levels.mean()
        length = float(np.linalg.norm(levels))
        return levels / length if length > GLANCE else np.zeros_like(levels)

    @cached_property
    def _small(self) -> Small:
        return self._known.small if self._known else small(self.pixels)


def _halved(pixels: Pixels, width: int, height: int) -> Pixels:
    even = pixels[: 2 * height, : 2 * width]
    return cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)


def shrunk(image: Image.Image) -> Pixels:
    """Return a picture's pixels, RGB, at most SIDE large."""
    small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(small)
