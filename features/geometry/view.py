"""A picture prepared for the geometric check: pixels and values derived from them, on demand."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.geometry.border import content_mask
from features.geometry.compact_view import LAYOUT_SIDE, CompactView, GreyLevels, layout_levels
from features.geometry.ground import goods_box, plain_level
from features.geometry.keypoints import Keypoints, detect
from features.geometry.structure import drawn_mask, grey

MAX_SIDE = 480
"""Longest side in pixels at which pictures are compared: that of stored thumbnails."""

DRAWN_SIDE = 320
"""Longest side in pixels at which a picture's drawn area is measured."""

Pixels = NDArray[Any]
"""uint8; OpenCV's type hints are less precise."""
Floats = NDArray[np.float32]


class PictureView:
    """A picture to compare: RGB, at most MAX_SIDE large. Every value is computed on first use.

    `load` returns the pixels, `stored` is the compact view if it was stored before.
    """

    def __init__(self, load: Callable[[], Pixels], stored: CompactView | None = None) -> None:
        self._load = load
        self._stored = stored

    @classmethod
    def of(cls, image: Image.Image) -> "PictureView":
        """Return the view of a picture, reduced to MAX_SIDE if it is larger."""
        pixels = shrink(image)
        return cls(lambda: pixels)

    @cached_property
    def pixels(self) -> Pixels:
        """RGB pixels, H × W × 3."""
        return self._load()

    @cached_property
    def compact(self) -> CompactView:
        """The form in which the picture is stored."""
        return self._stored or CompactView(self.size, self._small, detect(self.pixels))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        if self._stored:
            return self._stored.size
        height, width = self.pixels.shape[:2]
        return width, height

    @property
    def keypoints(self) -> Keypoints:
        """The keypoints of the picture."""
        return self.compact.keypoints

    @cached_property
    def mirrored(self) -> Keypoints:
        """The keypoints of the mirror image, at their positions in it."""
        return self.keypoints.mirrored(self.size[0])

    @cached_property
    def content(self) -> Pixels:
        """The mask of the content: 255, or 0 in a plain border around it (H × W)."""
        return content_mask(self.pixels)

    def warped(self, warp: Callable[[Pixels], Pixels]) -> "PictureView":
        """Return the picture and its content after a warp that keeps its size."""
        pixels, content = warp(self.pixels), warp(self.content)
        view = PictureView(lambda: pixels)
        view.content = content
        return view

    @cached_property
    def ground_level(self) -> float | None:
        """The grey level of plain ground, 0 to 255; None without any. Needs no pixels."""
        return plain_level(self._small)

    @cached_property
    def goods_box(self) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of goods on plain ground, in pixels; None without any."""
        return goods_box(self.pixels)

    @cached_property
    def drawn_area(self) -> float:
        """The drawn area in pixels, at the size at which overlaps are compared."""
        view, step = self, 1
        while max(view.size) > DRAWN_SIDE:
            view, step = view.half, 2 * step
        levels = grey(view.pixels.astype(np.float32))
        inside = view.content > 0
        return step * step * float(drawn_mask(levels, inside).sum())

    @cached_property
    def half(self) -> "PictureView":
        """The picture averaged to half its size, without an odd last row or column.

        Cached because each picture is laid over many others, and halving is the fastest resizing.
        """
        whole, content = self.pixels, self.content
        height, width = (max(1, side // 2) for side in whole.shape[:2])
        smaller = PictureView(lambda: _halve(whole, width, height))
        smaller.content = _halve(content, width, height)
        return smaller

    @cached_property
    def layout(self) -> Floats:
        """The grey miniature (LAYOUT_SIDE × LAYOUT_SIDE) with mean 0 and length one; 0 if blank."""
        levels = self._small.astype(np.float32)
        levels -= levels.mean()
        length = float(np.linalg.norm(levels))
        return levels / length if length > LAYOUT_SIDE else np.zeros_like(levels)

    @cached_property
    def _small(self) -> GreyLevels:
        return self._stored.grey_levels if self._stored else layout_levels(self.pixels)


def _halve(pixels: Pixels, width: int, height: int) -> Pixels:
    even = pixels[: 2 * height, : 2 * width]
    return cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)


def shrink(image: Image.Image) -> Pixels:
    """Return a picture's RGB pixels, reduced to MAX_SIDE if it is larger."""
    small = image.convert("RGB")
    small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(small)
