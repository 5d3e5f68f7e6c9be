"""One picture as the geometric check sees it: its sketch and its pixels."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.geometry.border import content_mask
from features.geometry.compact_view import LAYOUT_SIDE, CompactView, GreyLevels, layout_levels
from features.geometry.keypoints import Keypoints, detect

MAX_SIDE = 480
"""Pictures are compared at most this large, in pixels: the size thumbnails are kept in."""

Pixels = NDArray[Any]
"""uint8; OpenCV's signatures promise less."""
Floats = NDArray[np.float32]


class PictureView:
    """A picture to compare: RGB, at most SIDE large. What is not needed is not computed.

    `load` gives the pixels, `known` what of them was kept.
    """

    def __init__(self, load: Callable[[], Pixels], known: CompactView | None = None) -> None:
        self._load = load
        self._known = known

    @classmethod
    def of(cls, image: Image.Image) -> "PictureView":
        """Return the view of a picture, shrunk to SIDE where it is larger."""
        pixels = shrink(image)
        return cls(lambda: pixels)

    @cached_property
    def pixels(self) -> Pixels:
        """H × W × 3, RGB."""
        return self._load()

    @cached_property
    def compact(self) -> CompactView:
        """What is kept of the picture."""
        return self._known or CompactView(self.size, self._small, detect(self.pixels))

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
        return self.compact.keypoints

    @cached_property
    def mirrored(self) -> Keypoints:
        """The keypoints its mirror image has, at their places in that."""
        return self.keypoints.mirrored(self.size[0])

    @cached_property
    def content(self) -> Pixels:
        """Where the picture has content: 255, or 0 in a plain frame around it (H × W)."""
        return content_mask(self.pixels)

    @cached_property
    def half(self) -> "PictureView":
        """The picture at half its size, averaged; an odd row or column at its end is left out.

        It is kept, because a picture is laid over many, and halves are what is quickly made.
        """
        whole, content = self.pixels, self.content
        height, width = (max(1, side // 2) for side in whole.shape[:2])
        smaller = PictureView(lambda: _halve(whole, width, height))
        smaller.content = _halve(content, width, height)
        return smaller

    @cached_property
    def layout(self) -> Floats:
        """The picture at GLANCE × GLANCE grey levels, of mean 0 and length one; 0 when blank."""
        levels = self._small.astype(np.float32)
        levels -= levels.mean()
        length = float(np.linalg.norm(levels))
        return levels / length if length > LAYOUT_SIDE else np.zeros_like(levels)

    @cached_property
    def _small(self) -> GreyLevels:
        return self._known.grey_levels if self._known else layout_levels(self.pixels)


def _halve(pixels: Pixels, width: int, height: int) -> Pixels:
    even = pixels[: 2 * height, : 2 * width]
    return cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)


def shrink(image: Image.Image) -> Pixels:
    """Return a picture's pixels, RGB, at most SIDE large."""
    small = image.convert("RGB")
    small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(small)
