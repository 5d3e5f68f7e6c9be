"""Trains all layers of a Keras model with the losses of the head. Meant for a GPU."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.atomic_file import make_folder
from features.embedding import efficientnet_lite
from features.embedding.model_choice import DEFAULT, RANGES, ModelChoice
from features.embedding.training.losses import LOSSES
from features.embedding.training.training_pictures import TrainingPictures
from features.errors import ModelUnavailable

TIMED_PICTURES = 4
"""Pictures in the step that is timed."""

EpochCallback = Callable[[int, float], None]


@dataclass(frozen=True)
class FineTuningConfig:
    """How to train. The small learning rate preserves most of what ImageNet taught."""

    loss: str = "contrastive"
    epochs: int = 10
    batch: int = 32
    rate: float = 1e-4
    seed: int = 1


def load_trainable(choice: ModelChoice) -> Any:
    """Return the chosen model as Keras layers, from RGB in 0 … 255 to one vector.

    Raises ModelUnavailable for any model but EfficientNet-Lite0 and Keras files: the others do not
    keep their layers or the range of their pixels.
    """
    own = choice.own_file
    if own is None and choice.model == DEFAULT:
        return efficientnet_lite.build(efficientnet_lite.read_weights())
    if own is None or own.suffix != ".keras":
        raise ModelUnavailable(
            f"{choice.label} cannot be trained: set LOOKALIKE_EMBEDDING_MODEL to {DEFAULT} or to a "
            ".keras file (save a `keras.applications` model with its preprocessing as .keras)"
        )
    try:
        model = keras.models.load_model(own, compile=False)
    # A wrong file makes Keras raise nearly any exception.
    except Exception as error:
        raise ModelUnavailable(f"{own} cannot be loaded by Keras {keras.__version__}") from error
    low, high = RANGES[choice.pixel_range]
    if (low, high) == RANGES["0..255"]:
        return model
    pixels = keras.Input(model.input_shape[1:])
    scaled = keras.layers.Rescaling((high - low) / 255, low)(pixels)
    return keras.Model(pixels, model(scaled))


def has_gpu() -> bool:
    """Tell whether TensorFlow finds a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def estimate_seconds(model: Any, pictures: TrainingPictures, config: FineTuningConfig) -> float:
    """Estimate how long training would take here, in seconds; the model does not change.

    Times one eager step over a few pictures at a learning rate of 0. Tracing a large model first
    would be more exact but take too long.
    """
    trainer = _Trainer(model, replace(config, rate=0.0))
    chance = np.random.default_rng(config.seed)
    # The first step creates the optimiser's variables, the second is timed.
    for _ in range(2):
        began = time.monotonic()
        pixels, labels = next(pictures.batches(TIMED_PICTURES, chance))
        trainer.step(pixels, labels)
    return (time.monotonic() - began) / len(labels) * len(pictures.files) * config.epochs


def fine_tune(
    model: Any,
    pictures: TrainingPictures,
    config: FineTuningConfig,
    on_epoch: EpochCallback = lambda epoch, loss: None,
) -> None:
    """Train the model in place."""
    trainer = _Trainer(model, config)
    chance = np.random.default_rng(config.seed)
    for epoch in range(1, config.epochs + 1):
        losses = [
            float(trainer.traced(pixels, labels))
            for pixels, labels in pictures.batches(config.batch, chance)
        ]
        on_epoch(epoch, float(np.mean(losses)))


def save(model: Any, path: Path) -> None:
    """Write the model as a .keras file for LOOKALIKE_EMBEDDING_MODEL, completely or not at all."""
    make_folder(path.parent)
    unfinished = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        model.save(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class _Trainer:
    """Runs training steps. Batch norm keeps its ImageNet statistics, because batches are small."""

    def __init__(self, model: Any, config: FineTuningConfig) -> None:
        self._model = model
        self._optimizer = keras.optimizers.AdamW(config.rate)
        self._loss = LOSSES[config.loss]
        self.traced = tf.function(self.step, reduce_retracing=True)

    def step(self, pixels: Any, labels: Any) -> Any:
        """Train on one batch and return its loss."""
        with tf.GradientTape() as tape:
            vectors = tf.math.l2_normalize(self._model(pixels, training=False), axis=1)
            loss = self._loss(vectors, labels)
        weights = self._model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss
