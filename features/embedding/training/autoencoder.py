"""A small convolutional autoencoder, whose encoder is one more embedding.

It learns without labels and without a pretrained model, from a shop's own pictures alone, and sees
colour and layout rather than things (docs/BENCHMARKS.md says how far that is from the default).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from features.embedding.training.training_pictures import TrainingPictures

EpochCallback = Callable[[int, float], None]


@dataclass(frozen=True)
class AutoencoderConfig:
    """`side` pixels in, a power of two and at least 16; `dims` numbers out."""

    side: int = 64
    dims: int = 128
    channels: int = 32
    epochs: int = 60
    batch: int = 64
    rate: float = 1e-3
    seed: int = 1


def train(
    pictures: TrainingPictures,
    shape: AutoencoderConfig,
    told: EpochCallback = lambda epoch, error: None,
) -> tuple[Any, float]:
    """Return the encoder, RGB in 0 … 255 to (n, dims), and its last mean squared error.

    The error is of pixels in 0 … 1, over pictures altered at random.
    """
    keras.utils.set_random_seed(shape.seed)
    encoder, decoder = _encoder(shape), _decoder(shape)
    weights = [*encoder.trainable_variables, *decoder.trainable_variables]
    optimizer = keras.optimizers.Adam(shape.rate)

    def step(pixels: Any) -> Any:
        with tf.GradientTape() as tape:
            drawn = decoder(encoder(pixels, training=True), training=True)
            error = tf.reduce_mean((drawn - pixels / 255) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(error, weights), weights, strict=True))
        return error

    traced = tf.function(step, reduce_retracing=True)
    chance = np.random.default_rng(shape.seed)
    error = float("nan")
    for epoch in range(1, shape.epochs + 1):
        errors = [float(traced(pixels)) for pixels, _ in pictures.batches(shape.batch, chance)]
        error = float(np.mean(errors))
        told(epoch, error)
    return encoder, error


def _encoder(shape: AutoencoderConfig) -> Any:
    pixels = keras.Input((shape.side, shape.side, 3))
    tensor = keras.layers.Rescaling(1 / 255)(pixels)
    for number in range(_halvings(shape)):
        channels = shape.channels * 2 ** min(number, 2)
        tensor = keras.layers.Conv2D(channels, 3, 2, padding="same", activation="relu")(tensor)
    code = keras.layers.Dense(shape.dims)(keras.layers.Flatten()(tensor))
    return keras.Model(pixels, code, name="encoder")


def _decoder(shape: AutoencoderConfig) -> Any:
    code = keras.Input((shape.dims,))
    side = shape.side >> _halvings(shape)
    channels = shape.channels * 4
    tensor = keras.layers.Dense(side * side * channels, activation="relu")(code)
    tensor = keras.layers.Reshape((side, side, channels))(tensor)
    for number in reversed(range(_halvings(shape))):
        channels = shape.channels * 2 ** min(number, 2)
        tensor = keras.layers.UpSampling2D()(tensor)
        tensor = keras.layers.Conv2D(channels, 3, padding="same", activation="relu")(tensor)
    drawn = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid")(tensor)
    return keras.Model(code, drawn, name="decoder")


def _halvings(shape: AutoencoderConfig) -> int:
    """Return how often the side is halved, down to 4 pixels."""
    return int(np.log2(shape.side // 4))
