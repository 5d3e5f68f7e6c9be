"""A small convolutional autoencoder, whose encoder can serve as the embedding.

It learns from a shop's own pictures alone, without labels or a pretrained model, and represents
colour and layout rather than objects. docs/benchmarks/learning.md compares it
with the default model.
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
    """Input of `side` pixels, a power of two of at least 16; output of `dims` numbers."""

    side: int = 64
    dims: int = 128
    channels: int = 32
    epochs: int = 60
    batch: int = 64
    rate: float = 1e-3
    seed: int = 1


def train(
    pictures: TrainingPictures,
    config: AutoencoderConfig,
    on_epoch: EpochCallback = lambda epoch, error: None,
) -> tuple[Any, float]:
    """Train and return the encoder, RGB in 0 … 255 to (n, dims), and its last mean squared error.

    The error is of pixels in 0 … 1, over randomly augmented pictures.
    """
    keras.utils.set_random_seed(config.seed)
    encoder, decoder = _encoder(config), _decoder(config)
    weights = [*encoder.trainable_variables, *decoder.trainable_variables]
    optimizer = keras.optimizers.Adam(config.rate)

    def step(pixels: Any) -> Any:
        with tf.GradientTape() as tape:
            decoded = decoder(encoder(pixels, training=True), training=True)
            error = tf.reduce_mean((decoded - pixels / 255) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(error, weights), weights, strict=True))
        return error

    traced = tf.function(step, reduce_retracing=True)
    chance = np.random.default_rng(config.seed)
    error = float("nan")
    for epoch in range(1, config.epochs + 1):
        errors = [float(traced(pixels)) for pixels, _ in pictures.batches(config.batch, chance)]
        error = float(np.mean(errors))
        on_epoch(epoch, error)
    return encoder, error


def _encoder(config: AutoencoderConfig) -> Any:
    pixels = keras.Input((config.side, config.side, 3))
    tensor = keras.layers.Rescaling(1 / 255)(pixels)
    for number in range(_halvings(config)):
        channels = config.channels * 2 ** min(number, 2)
        tensor = keras.layers.Conv2D(channels, 3, 2, padding="same", activation="relu")(tensor)
    code = keras.layers.Dense(config.dims)(keras.layers.Flatten()(tensor))
    return keras.Model(pixels, code, name="encoder")


def _decoder(config: AutoencoderConfig) -> Any:
    code = keras.Input((config.dims,))
    side = config.side >> _halvings(config)
    channels = config.channels * 4
    tensor = keras.layers.Dense(side * side * channels, activation="relu")(code)
    tensor = keras.layers.Reshape((side, side, channels))(tensor)
    for number in reversed(range(_halvings(config))):
        channels = config.channels * 2 ** min(number, 2)
        tensor = keras.layers.UpSampling2D()(tensor)
        tensor = keras.layers.Conv2D(channels, 3, padding="same", activation="relu")(tensor)
    decoded = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid")(tensor)
    return keras.Model(code, decoded, name="decoder")


def _halvings(config: AutoencoderConfig) -> int:
    """Return how often the side is halved to reach 4 pixels."""
    return int(np.log2(config.side // 4))
