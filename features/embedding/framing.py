"""Crops a picture to squares and resizes them to an image model's input."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.uint8]

VIEW_COUNTS = (1, 5, 10)
"""Allowed numbers of views: the centre; with the four corners; all of those mirrored too."""


@dataclass(frozen=True)
class EmbeddingFraming:
    """How a picture becomes a model's input, a square of `side` pixels.

    `crop` is the square's share of the short side for a single view: 0.875, with which ImageNet
    models are evaluated, and which found most on the grocery set. `corner` is the share for each
    of several views.
    """

    side: int
    crop: float = 0.875
    corner: float = 0.75

    def apply(self, image: Image.Image) -> Pixels:
        """Return the central square of an RGB image, uint8 of shape (side, side, 3)."""
        width, height = image.size
        extent = self.crop * min(width, height)
        left, top = (width - extent) / 2, (height - extent) / 2
        return self._square(image, left, top, extent)

    def views(self, image: Image.Image, count: int = 1) -> Iterator[Pixels]:
        """Yield `count` views, one of VIEW_COUNTS."""
        if count == 1:
            yield self.apply(image)
            return
        yield from self._corners(image)
        if count == max(VIEW_COUNTS):
            yield from self._corners(ImageOps.mirror(image))

    def _corners(self, image: Image.Image) -> Iterator[Pixels]:
        width, height = image.size
        extent = self.corner * min(width, height)
        across, down = width - extent, height - extent
        yield self._square(image, across / 2, down / 2, extent)
        for top in (0.0, down):
            for left in (0.0, across):
                yield self._square(image, left, top, extent)

    def _square(self, image: Image.Image, left: float, top: float, extent: float) -> Pixels:
        box = (left, top, left + extent, top + extent)
        return np.asarray(image.resize((self.side, self.side), Image.Resampling.BICUBIC, box=box))

    def facts(self) -> dict[str, str | int | float]:
        """Return the settings that two vectors must share to be comparable, for the identity."""
        return {
            "side": self.side,
            "crop": self.crop,
            "resample": "bicubic",
            "channels": "RGB",
        }
