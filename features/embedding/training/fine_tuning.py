"""Trains a whole Keras model, all its layers, with the losses of the head. Meant for a GPU."""

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
"""Pictures of the step that is timed."""

EpochCallback = Callable[[int, float], None]


@dataclass(frozen=True)
class FineTuningConfig:
    """How long and how hard to train. A rate this small leaves most of ImageNet in place."""

    loss: str = "contrastive"
    epochs: int = 10
    batch: int = 32
    rate: float = 1e-4
    seed: int = 1


def load_trainable(choice: ModelChoice) -> Any:
    """Return the wanted model as Keras layers: RGB in 0 … 255 in, one vector out.

    Raises ModelUnavailable for a model that cannot be trained: only Keras files and
    EfficientNet-Lite0 keep their layers and say what they take.
    """
    own = choice.own_file
    if own is None and choice.model == DEFAULT:
        return efficientnet_lite.build(efficientnet_lite.read_weights())
    if own is None or own.suffix != ".keras":
        raise ModelUnavailable(
            f"{choice.label} cannot be trained: set LOOKALIKE_EMBEDDING_MODEL to {DEFAULT} or to a "
            ".keras file (`keras.applications` models: save one with its preprocessing as .keras)"
        )
    try:
        model = keras.models.load_model(own, compile=False)
    # Keras raises whatever its reader stumbles over.
    except Exception as error:
        raise ModelUnavailable(f"{own} cannot be loaded by Keras {keras.__version__}") from error
    low, high = RANGES[choice.pixel_range]
    if (low, high) == RANGES["0..255"]:
        return model
    pixels = keras.Input(model.input_shape[1:])
    scaled = keras.layers.Rescaling((high - low) / 255, low)(pixels)
    return keras.Model(pixels, model(scaled))


def has_gpu() -> bool:
    """Say whether TensorFlow sees one."""
    return bool(tf.config.list_physical_devices("GPU"))


def estimate_seconds(model: Any, pictures: TrainingPictures, schedule: FineTuningConfig) -> float:
    """Return about how long training would take here; the model stays as it is.

    From one step over a few pictures, taken at a rate of 0, op by op: tracing a large model to
    make it quicker would take longer than the answer is worth.
    """
    trainer = _Trainer(model, replace(schedule, rate=0.0))
    chance = np.random.default_rng(schedule.seed)
    # Once to make the optimiser's variables, and once for the clock.
    for _ in range(2):
        began = time.monotonic()
        pixels, labels = next(pictures.batches(TIMED_PICTURES, chance))
        trainer.step(pixels, labels)
    return (time.monotonic() - began) / len(labels) * len(pictures.files) * schedule.epochs


def fine_tune(
    model: Any,
    pictures: TrainingPictures,
    schedule: FineTuningConfig,
    told: EpochCallback = lambda epoch, loss: None,
) -> None:
    """Train the model in place, in epochs over all pictures."""
    trainer = _Trainer(model, schedule)
    chance = np.random.default_rng(schedule.seed)
    for epoch in range(1, schedule.epochs + 1):
        losses = [
            float(trainer.traced(pixels, labels))
            for pixels, labels in pictures.batches(schedule.batch, chance)
        ]
        told(epoch, float(np.mean(losses)))


def save(model: Any, path: Path) -> None:
    """Write a .keras file that LOOKALIKE_EMBEDDING_MODEL takes, complete or not at all."""
    make_folder(path.parent)
    unfinished = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        model.save(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class _Trainer:
    """One step at a time. Batch norm keeps its ImageNet statistics: batches here are small."""

    def __init__(self, model: Any, schedule: FineTuningConfig) -> None:
        self._model = model
        self._optimizer = keras.optimizers.AdamW(schedule.rate)
        self._loss = LOSSES[schedule.loss]
        self.traced = tf.function(self.step, reduce_retracing=True)

    def step(self, pixels: Any, labels: Any) -> Any:
        """Train on one batch; return its loss."""
        with tf.GradientTape() as tape:
            vectors = tf.math.l2_normalize(self._model(pixels, training=False), axis=1)
            loss = self._loss(vectors, labels)
        weights = self._model.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss
