"""Real detectors small enough to make in a test: they find what is red in one of 16 cells."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from features.embedding.convert import QUIET

SIDE = 32
CELLS = 4

MAKE_TFLITE = """
import sys, numpy as np, tensorflow as tf
boxes = tf.constant(np.load(sys.argv[2]))
def detect(pixels):
    cells = tf.nn.avg_pool2d(pixels, 8, 8, "VALID")
    red = tf.nn.relu(cells[..., 0] - cells[..., 1])
    return tf.concat([boxes, tf.reshape(red, (1, 1, 16))], axis=1)
serve = tf.function(detect, input_signature=[tf.TensorSpec((1, 32, 32, 3), tf.float32)])
concrete = serve.get_concrete_function()
model = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module()).convert()
open(sys.argv[1], "wb").write(model)
"""


def boxes(unit: float = SIDE) -> np.ndarray:
    """Return (1, 4, 16) centres and sizes of the cells, in pixels or in shares (`unit` 1)."""
    step = unit / CELLS
    down, across = np.mgrid[0:CELLS, 0:CELLS].reshape(2, -1)
    rows = [(across + 0.5) * step, (down + 0.5) * step, np.full(16, step), np.full(16, step)]
    return np.stack(rows)[np.newaxis].astype(np.float32)


def write_onnx(path: Path) -> Path:
    """Write the detector as newer YOLOs are exported: (1, 4 + 1 classes, 16)."""
    nodes = [
        helper.make_node("AveragePool", ["images"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Split", ["cells"], ["r", "g", "b"], axis=1, num_outputs=3),
        helper.make_node("Sub", ["r", "g"], ["redder"]),
        helper.make_node("Relu", ["redder"], ["red"]),
        helper.make_node("Reshape", ["red", "flat"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], ["output0"], axis=1),
    ]
    constants = [
        numpy_helper.from_array(boxes(), "boxes"),
        numpy_helper.from_array(np.asarray([1, 1, 16], np.int64), "flat"),
    ]
    return save(path, nodes, constants, (1, 3, SIDE, SIDE), (1, 5, 16))


def write_classifier(path: Path) -> Path:
    """Write an ONNX model that is no detector: it answers (1, 3)."""
    nodes = [helper.make_node("ReduceMean", ["images"], ["output0"], axes=[2, 3], keepdims=0)]
    return save(path, nodes, [], (1, 3, SIDE, SIDE), (1, 3), opset=13)


def save(
    path: Path,
    nodes: list[onnx.NodeProto],
    constants: list[onnx.TensorProto],
    taken: tuple[int, ...],
    given: tuple[int, ...],
    opset: int = 18,
) -> Path:
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, taken)
    output = helper.make_tensor_value_info("output0", TensorProto.FLOAT, given)
    graph = helper.make_graph(nodes, "tiny", [images], [output], constants)
    imports = [helper.make_opsetid("", opset)]
    path.write_bytes(
        helper.make_model(graph, opset_imports=imports, ir_version=9).SerializeToString()
    )
    return path


def write_tflite(path: Path) -> Path:
    """Write the same detector as TensorFlow Lite files are exported: boxes in shares."""
    np.save(path.with_suffix(".npy"), boxes(1))
    subprocess.run(
        [sys.executable, "-c", MAKE_TFLITE, str(path), str(path.with_suffix(".npy"))],
        env={**os.environ, **QUIET},
        check=True,
        stderr=subprocess.DEVNULL,
        timeout=240,
    )
    return path
