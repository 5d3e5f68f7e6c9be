"""Two image models so small that an index can be given one after the other while a test waits."""

from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

SIDE, POOL = 32, 4
VALUES = (SIDE // POOL) ** 2 * 3


def make(folder: Path) -> tuple[Path, Path]:
    """Write `one.tflite` (16 numbers) and `two.tflite` (24), random but for their seed."""
    for seed, dims, name in ((1, 16, "one"), (2, 24, "two")):
        weights = np.random.default_rng(seed).normal(size=(dims, VALUES)).astype("<f4")
        (folder / f"{name}.tflite").write_bytes(written(weights))
    return folder / "one.tflite", folder / "two.tflite"


def written(weights: Any) -> bytes:
    """Return a model that averages a picture in squares and multiplies with a matrix (dims, 192).

    Written out by hand, because TensorFlow takes longer to load than these tests to run.
    """
    dims = weights.shape[0]
    small = SIDE // POOL
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor("pixels", [1, SIDE, SIDE, 3]),
        tensor("small", [1, small, small, 3]),
        tensor("weights", [dims, VALUES], buffer=1),
        tensor("vector", [1, dims]),
    ]
    graph.inputs, graph.outputs, graph.operators = [0], [3], [pooling(), product()]
    model = schema.ModelT()
    model.version = 3
    model.operatorCodes = [
        code(schema.BuiltinOperator.AVERAGE_POOL_2D),
        code(schema.BuiltinOperator.FULLY_CONNECTED),
    ]
    empty, filled = schema.BufferT(), schema.BufferT()
    filled.data = np.frombuffer(weights.tobytes(), np.uint8)
    model.buffers = [empty, filled]
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def tensor(name: str, shape: list[int], buffer: int = 0) -> Any:
    """Return a float tensor; buffer 0 is for what is computed."""
    one = schema.TensorT()
    one.name, one.shape, one.buffer = name, shape, buffer
    one.type = schema.TensorType.FLOAT32
    return one


def code(operator: int) -> Any:
    """Return the code of a built-in operator."""
    one = schema.OperatorCodeT()
    one.builtinCode = one.deprecatedBuiltinCode = operator
    one.version = 1
    return one


def pooling() -> Any:
    """Return the average over squares of POOL pixels."""
    options = schema.Pool2DOptionsT()
    options.padding = schema.Padding.VALID
    options.filterWidth = options.filterHeight = options.strideW = options.strideH = POOL
    one = schema.OperatorT()
    one.opcodeIndex, one.inputs, one.outputs = 0, [0], [1]
    one.builtinOptionsType = schema.BuiltinOptions.Pool2DOptions
    one.builtinOptions = options
    return one


def product() -> Any:
    """Return the product with the weights."""
    one = schema.OperatorT()
    one.opcodeIndex, one.inputs, one.outputs = 1, [1, 2, -1], [3]
    one.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    one.builtinOptions = schema.FullyConnectedOptionsT()
    return one
