"""Runs the embedding model in TensorFlow, on a GPU where there is one: many pictures at once.

Only `features.embedding.device` imports this module, because TensorFlow takes seconds and half a
gigabyte to load.
"""

import logging

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from features.embedding import backbone
from features.embedding.framing import Pixels
from features.embedding.litert import LiteRTModel, Vector
from features.embedding.model_choice import ModelChoice
from features.errors import ModelUnavailable

MIN_COSINE = 0.99999
"""To the converted model's output, so that the values of both can lie in one index."""

AT_ONCE = 64

log = logging.getLogger(__name__)


class TensorFlowModel:
    """The chosen model in TensorFlow. Thread-safe.

    `converted` is the same model as LiteRT runs it. Raises ModelUnavailable where the outputs of
    both differ, or the model cannot be built.
    """

    def __init__(self, choice: ModelChoice, converted: LiteRTModel) -> None:
        built = backbone.build(choice)
        self._owner = built.owner
        self.side, self.dims = converted.side, converted.dims
        shape = (None, self.side, self.side, 3)
        self._serve = tf.function(
            lambda pixels: _pool(built.embed(tf.cast(pixels, tf.float32))),
            input_signature=[tf.TensorSpec(shape, tf.uint8)],
        )
        probe = np.random.default_rng(1).integers(0, 256, (2, self.side, self.side, 3), np.uint8)
        for pixels, vector in zip(probe, self.run_many(probe), strict=True):
            reference = converted.run(pixels)
            lengths = np.linalg.norm(vector) * np.linalg.norm(reference)
            cosine = float(vector @ reference / lengths)
            if not cosine >= MIN_COSINE:
                raise ModelUnavailable(
                    f"{choice.label} gives other values in TensorFlow (cosine {cosine:.6f}): set "
                    "LOOKALIKE_EMBEDDING_DEVICE=cpu"
                )

    def run(self, pixels: Pixels) -> Vector:
        """Return the model's output for uint8 RGB of shape (side, side, 3)."""
        vector: Vector = self.run_many(pixels[np.newaxis])[0]
        return vector

    def run_many(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the model's outputs (n, d) for uint8 RGB of shape (n, side, side, 3)."""
        parts = [
            self._serve(pixels[start : start + AT_ONCE]).numpy()
            for start in range(0, len(pixels), AT_ONCE)
        ]
        return np.concatenate(parts)


def _pool(output: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(output, axis=(1, 2)) if output.shape.rank == 4 else output


def has_gpu() -> bool:
    """Return whether TensorFlow finds a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))
