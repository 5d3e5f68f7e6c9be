"""EfficientNet-Lite0: its numbers are pinned, so a wrong padding or scaling cannot slip in.

TensorFlow runs in a process of its own, as everywhere; the numbers were taken on 2026-11-21 from
the graph that scores .747 top-1 on labelled photos (docs/EMBEDDING.md).
"""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from core.environment import Environment
from features.embedding.convert import QUIET

SCRIPT = """
import json, sys
import keras
from features.embedding import efficientnet_lite as lite
from features.embedding.conversion import synthetic_pictures

weights = lite.read_weights()
pictures = [picture[None].astype("float32") for picture in synthetic_pictures(lite.SIDE)]
embed = lambda model: [model(picture).numpy()[0].tolist() for picture in pictures]
right = lite.build(weights)
answer = {"right": embed(right), "parameters": right.count_params()}

def symmetric(create):
    def padded(*arguments, padding, **options):
        layer = create(*arguments, padding="valid", **options)
        around = keras.layers.ZeroPadding2D(layer.kernel_size[0] // 2)
        class Padded:
            __call__ = staticmethod(lambda tensor: layer(around(tensor)))
            set_weights = staticmethod(layer.set_weights)
        return Padded()
    return padded

keras.layers.Conv2D = symmetric(keras.layers.Conv2D)
keras.layers.DepthwiseConv2D = symmetric(keras.layers.DepthwiseConv2D)
answer["symmetric"] = embed(lite.build(weights))
json.dump(answer, sys.stdout)
"""
PINNED: list[dict[int, float]] = [
    {113: 5.3008, 689: 3.3508, 897: 5.1526, 930: 5.0283, 1006: 3.1046},
    {113: 3.7594, 226: 3.4403, 455: 3.9131, 900: 3.0254, 949: 3.1393},
    {113: 4.7062, 434: 4.2497, 455: 5.6306, 626: 3.7695, 824: 3.9717},
]


@pytest.fixture(scope="module")
def outputs() -> Any:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**Environment.current().values, **QUIET},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def is_as_pinned(vectors: list[list[float]]) -> bool:
    return all(
        np.allclose([vector[at] for at in pins], list(pins.values()), atol=2e-3)
        for vector, pins in zip(vectors, PINNED, strict=True)
    )


def test_numbers_are_the_pinned_ones(outputs: Any) -> None:
    assert is_as_pinned(outputs["right"])


def test_symmetric_padding_would_be_noticed(outputs: Any) -> None:
    assert not is_as_pinned(outputs["symmetric"])


def test_it_has_the_known_number_of_parameters(outputs: Any) -> None:
    # 4,694,024 in the checkpoint, less the 1000-way classifier on top.
    assert outputs["parameters"] == 4_694_024 - 1280 * 1000 - 1000
