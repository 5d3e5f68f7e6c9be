"""Builds the chosen model in TensorFlow, as one function from pixels to a vector.

Only the converter imports this module, because TensorFlow takes seconds and half a gigabyte to
load.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from features.embedding import efficientnet_lite
from features.embedding.model_choice import DEFAULT, RANGES, ModelChoice, digest
from features.errors import ModelUnavailable

DEFAULT_SIDE = 224


@dataclass(frozen=True)
class TensorFlowBackbone:
    """A model ready for conversion.

    `embed` takes float RGB of shape (1, side, side, 3) in 0 … 255 and returns a vector (1, d) or a
    feature map (1, h, w, d). `pixels` describes how the model scales pixels. `owner` is the
    TensorFlow object that tracks the variables used by `embed`.
    """

    embed: Callable[[Any], Any]
    side: int
    pixels: str
    weights_sha256: str
    owner: Any


def build(choice: ModelChoice) -> TensorFlowBackbone:
    """Build the chosen model. Raises ModelUnavailable, naming what is missing."""
    own = choice.own_file
    if own is None:
        return _efficientnet_lite(choice) if choice.model == DEFAULT else _keras_application(choice)
    return _keras_file(own, choice) if own.suffix == ".keras" else _saved_model(own, choice)


def _efficientnet_lite(choice: ModelChoice) -> TensorFlowBackbone:
    if choice.side not in (None, efficientnet_lite.SIDE) or choice.weights:
        raise ModelUnavailable(
            f"{DEFAULT} has a fixed side of {efficientnet_lite.SIDE} px and its own weights: unset "
            "LOOKALIKE_EMBEDDING_SIDE and LOOKALIKE_EMBEDDING_WEIGHTS"
        )
    pooled = efficientnet_lite.build(efficientnet_lite.read_weights())
    # The last layer is average pooling, which the conversion adds itself.
    model = keras.Model(pooled.inputs, pooled.layers[-1].input)
    return TensorFlowBackbone(
        model, efficientnet_lite.SIDE, "(x - 127) / 128", efficientnet_lite.SHA256, _owner(model)
    )


def _keras_application(choice: ModelChoice) -> TensorFlowBackbone:
    known = sorted(name for name in dir(keras.applications) if name[:1].isupper())
    if choice.model not in known:
        raise ModelUnavailable(
            f"LOOKALIKE_EMBEDDING_MODEL={choice.model} is neither a file nor one of {DEFAULT}, "
            f"{', '.join(known)}"
        )
    create = getattr(keras.applications, choice.model)
    side = choice.side or DEFAULT_SIDE
    try:
        model = create(
            include_top=False,
            weights=None if choice.weights else "imagenet",
            input_shape=(side, side, 3),
            pooling=None,
        )
        if choice.weights:
            model.load_weights(str(Path(choice.weights).expanduser()))
    # A failed download raises a bare Exception, and a wrong file nearly any exception.
    except Exception as error:
        source = choice.weights or "the download of its ImageNet weights"
        raise ModelUnavailable(
            f"{choice.model} cannot be loaded from {source} ({_first_line(error)}): set "
            "LOOKALIKE_EMBEDDING_WEIGHTS to a weights file of this model without its top layer"
        ) from error
    module = sys.modules[create.__module__]
    return TensorFlowBackbone(
        lambda pixels: model(module.preprocess_input(pixels), training=False),
        side,
        f"{module.__name__.rpartition('.')[2]}.preprocess_input",
        _fingerprint(weight.numpy() for weight in model.weights),
        _owner(model),
    )


def _keras_file(path: Path, choice: ModelChoice) -> TensorFlowBackbone:
    try:
        model = keras.models.load_model(path, compile=False)
        shape = model.input_shape
    except Exception as error:
        raise ModelUnavailable(
            f"{path} cannot be loaded by Keras {keras.__version__}: {_first_line(error)}"
        ) from error
    side = _agreed_side(shape, choice)
    low, high = RANGES[choice.pixel_range]
    return TensorFlowBackbone(
        lambda pixels: model(low + pixels * ((high - low) / 255), training=False),
        side,
        choice.pixel_range,
        digest(path),
        _owner(model),
    )


def _saved_model(path: Path, choice: ModelChoice) -> TensorFlowBackbone:
    try:
        model = tf.saved_model.load(str(path))
        serve = model.signatures["serving_default"]
        ((name, spec),) = serve.structured_input_signature[1].items()
        ((output, _),) = serve.structured_outputs.items()
        shape = tuple(spec.shape)
    except Exception as error:
        raise ModelUnavailable(
            f"{path} is not a SavedModel with one picture as input and one vector as output: "
            f"{_first_line(error)}"
        ) from error
    side = _agreed_side(shape, choice)
    low, high = RANGES[choice.pixel_range]

    def embed(pixels: Any) -> Any:
        return serve(**{name: tf.cast(low + pixels * ((high - low) / 255), spec.dtype)})[output]

    return TensorFlowBackbone(embed, side, choice.pixel_range, digest(path), model)


def _agreed_side(shape: Any, choice: ModelChoice) -> int:
    """Return the side in pixels that both the model and the settings allow."""
    match shape:
        case (_, int(height), int(width), 3) if height == width:
            if choice.side not in (None, height):
                raise ModelUnavailable(
                    f"{choice.label} takes {height} px only: unset LOOKALIKE_EMBEDDING_SIDE"
                )
            return height
        case (_, None, None, 3):
            return choice.side or DEFAULT_SIDE
    raise ModelUnavailable(
        f"{choice.label} has the input shape {shape}, not that of square RGB pictures"
    )


def _owner(model: Any) -> tf.Module:
    # The converter silently loses variables that only a Keras 3 model tracks.
    owner = tf.Module()
    owner.tracked = [weight.value for weight in model.weights]
    return owner


def _fingerprint(arrays: Iterable[Any]) -> str:
    sha256 = hashlib.sha256()
    for array in arrays:
        sha256.update(array.tobytes())
    return sha256.hexdigest()


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
