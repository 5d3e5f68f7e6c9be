"""Converts a TensorFlow model to LiteRT float32 and compares their outputs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.atomic_file import write
from features.embedding import backbone
from features.embedding.framing import Pixels
from features.embedding.litert import LiteRTModel
from features.embedding.model_choice import ModelChoice, facts_file
from features.errors import ModelUnavailable

MIN_COSINE = 0.9999


def convert(choice: ModelChoice, target: Path) -> None:
    """Write the chosen model to `target` and its facts beside it, completely or not at all.

    The converted model takes uint8 RGB of shape (1, side, side, 3) and returns float32 (1, d). If
    the model has a feature map, it also returns the strength of each cell, (1, h, w).
    Raises ModelUnavailable if the model cannot be built or its output changes.
    """
    model = backbone.build(choice)

    shape = (1, model.side, model.side, 3)
    serve = tf.function(
        lambda pixels: _pool(model.embed(tf.cast(pixels, tf.float32))),
        input_signature=[tf.TensorSpec(shape, tf.uint8, name="pixels")],
    )
    try:
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [serve.get_concrete_function()], model.owner
        )
        converted = bytes(converter.convert())
        cosine = _smallest_cosine(serve, LiteRTModel(converted), model.side)
    except ModelUnavailable:
        raise
    # TensorFlow's tracing and conversion raise nearly anything, with messages of many pages.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0][:300]
        raise ModelUnavailable(f"{choice.label} cannot be converted: {reason}") from error
    if not cosine >= MIN_COSINE:
        raise ModelUnavailable(
            f"{choice.label} changed in conversion: cosine {cosine:.6f} to TensorFlow's output, "
            f"less than {MIN_COSINE}"
        )
    facts = {
        "model": choice.label,
        "weights_sha256": model.weights_sha256,
        "runtime": "litert",
        "precision": "float32",
        "pixels": model.pixels,
    }
    # The model is written last, so that a model on disk always has its facts.
    write(facts_file(target), json.dumps(facts, indent=2).encode())
    write(target, converted)


def synthetic_pictures(side: int) -> list[Pixels]:
    """Return three pictures that are the same on every machine: smooth, striped and noisy."""
    down, across = np.mgrid[0:side, 0:side]
    ramp = np.stack([across, down, side - 1 - across], axis=-1) * (255 / (side - 1))
    stripes = np.stack([(across // 8 % 2), (down // 16 % 2), (across + down) // 24 % 2], -1) * 255
    noise = np.random.default_rng(1).integers(0, 256, (side, side, 3))
    return [picture.astype(np.uint8) for picture in (ramp, stripes, noise)]


def _pool(output: Any) -> Any:
    """Return the vector (1, d); for a feature map, its mean and its cells' lengths (1, h, w)."""
    if isinstance(output, dict | list | tuple):
        raise ModelUnavailable("the model has several outputs: export it with one")
    if output.shape.rank == 4:
        return tf.reduce_mean(output, axis=(1, 2)), tf.norm(output, axis=3)
    if output.shape.rank != 2:
        raise ModelUnavailable(f"the model's output has shape {output.shape}, not (n, d)")
    return (output,)


def _smallest_cosine(serve: Any, converted: LiteRTModel, side: int) -> float:
    return min(
        _cosine(serve(picture[np.newaxis])[0].numpy()[0], converted.run(picture))
        for picture in synthetic_pictures(side)
    )


def _cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
