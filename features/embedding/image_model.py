"""What the embedding needs of whatever runs its model."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from features.embedding.framing import Pixels
from features.embedding.litert import Vector


class ImageModel(Protocol):
    """A model from one picture to one vector. Thread-safe.

    `side` is that of its input in pixels, `dims` the length of its vectors.
    """

    side: int
    dims: int

    def run(self, pixels: Pixels) -> Vector:
        """Return the vector for uint8 RGB of shape (side, side, 3)."""
        ...


@runtime_checkable
class BatchModel(Protocol):
    """A model that is quicker with many pictures at once."""

    def run_many(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the vectors (n, d) for uint8 RGB of shape (n, side, side, 3)."""
        ...
