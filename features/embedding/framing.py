"""Frames a picture for an image model: a centred square, reduced to the model's side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Framing:
    """How a picture becomes a model's input.

    `crop` is the share of the short side that is kept; 0.875 is what ImageNet models are
    evaluated with, and what retrieval on the grocery set was best with.
    """

    side: int
    crop: float = 0.875

    def apply(self, image: Image.Image) -> Pixels:
        """Return the RGB image's framed pixels, uint8 of shape (side, side, 3)."""
        width, height = image.size
        kept = self.crop * min(width, height)
        left, top = (width - kept) / 2, (height - kept) / 2
        framed = image.resize(
            (self.side, self.side),
            Image.Resampling.BICUBIC,
            box=(left, top, left + kept, top + kept),
        )
        return np.asarray(framed)

    def facts(self) -> dict[str, str | int | float]:
        """Return what two sides must share for their vectors to be comparable."""
        return {
            "side": self.side,
            "crop": self.crop,
            "resample": "bicubic",
            "channels": "RGB",
        }
