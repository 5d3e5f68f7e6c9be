"""Detect copies by the embedding alone: cosine distance of the product's own model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.peers.copies.detectors.detector import Distances
from core.environment import Environment
from features.base import Picture
from features.embedding import feature

Vector = NDArray[np.float32]


class EmbeddingDetector:
    """1 - cos of two vectors. No limit is published: the run chooses the best."""

    name = "embedding"
    usual_limit: float | None = None

    def __init__(self, environment: Environment) -> None:
        """Raises ModelUnavailable."""
        self._feature = feature.create(environment)

    def describe(self, image: Image.Image) -> Vector | None:
        value = self._feature.extract([Picture(image, *image.size)])[0]
        return None if value is None else np.asarray(value, np.float32)

    def distance(self, a: Vector, b: Vector) -> float:
        return 1 - float(a @ b)

    def distances(self, first: Sequence[Vector], second: Sequence[Vector]) -> Distances:
        result: Distances = 1 - (np.array(first) @ np.array(second).T).astype(np.float64)
        return result

    def size_bytes(self, descriptor: Vector) -> int:
        return descriptor.nbytes
