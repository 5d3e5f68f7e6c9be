"""Frames a picture for an image model: centred squares, reduced to the model's side."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.uint8]

VIEW_COUNTS = (1, 5, 10)
"""How many views of a picture may be averaged: the centre; and the corners; and mirrored."""


@dataclass(frozen=True)
class EmbeddingFraming:
    """How a picture becomes a model's input.

    `crop` is the share of the short side that is kept; 0.875 is what ImageNet models are
    evaluated with, and what retrieval on the grocery set was best with. `corner` is that of each
    of several views.
    """

    side: int
    crop: float = 0.875
    corner: float = 0.75

    def apply(self, image: Image.Image) -> Pixels:
        """Return the RGB image's framed pixels, uint8 of shape (side, side, 3)."""
        width, height = image.size
        kept = self.crop * min(width, height)
        left, top = (width - kept) / 2, (height - kept) / 2
        return self._square(image, left, top, kept)

    def views(self, image: Image.Image, count: int = 1) -> Iterator[Pixels]:
        """Yield one of VIEWS framings: the centre, with its four corners, and all mirrored."""
        if count == 1:
            yield self.apply(image)
            return
        yield from self._corners(image)
        if count == max(VIEW_COUNTS):
            yield from self._corners(ImageOps.mirror(image))

    def _corners(self, image: Image.Image) -> Iterator[Pixels]:
        width, height = image.size
        kept = self.corner * min(width, height)
        across, down = width - kept, height - kept
        yield self._square(image, across / 2, down / 2, kept)
        for top in (0.0, down):
            for left in (0.0, across):
                yield self._square(image, left, top, kept)

    def _square(self, image: Image.Image, left: float, top: float, kept: float) -> Pixels:
        box = (left, top, left + kept, top + kept)
        return np.asarray(image.resize((self.side, self.side), Image.Resampling.BICUBIC, box=box))

    def facts(self) -> dict[str, str | int | float]:
        """Return what two sides must share for their vectors to be comparable."""
        return {
            "side": self.side,
            "crop": self.crop,
            "resample": "bicubic",
            "channels": "RGB",
        }
