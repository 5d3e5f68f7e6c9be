"""Runs an encoder with ONNX Runtime, which is imported when the first is loaded."""

import ctypes
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.errors import ModelUnavailable

Array = NDArray[Any]
Vector = NDArray[np.float32]

TYPES: Mapping[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}

OUTPUTS = ("image_embeds", "text_embeds", "embedding", "output", "pooler_output")
"""Names that exports give the vector among their outputs, the likeliest first."""


@dataclass(frozen=True)
class ModelInput:
    """An input of a model; `shape` has None for an extent that is open."""

    name: str
    dtype: Any
    shape: tuple[int | None, ...]


class OnnxModel:
    """A model with one vector as output; threads and forked processes may share it.

    Raises ModelUnavailable where ONNX Runtime is missing or the file is not such a model.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        self.path = path
        self._threads = threads
        self._lock = threading.Lock()
        self._load()
        self.inputs = tuple(self._input(one) for one in self._session.get_inputs())
        self._output = self._vector_output()

    def run(self, inputs: Mapping[str, Array]) -> Vector:
        """Return the vector for inputs of the model's own names, a batch of one."""
        # A fork copies the session but not its threads, and would wait for them forever.
        if os.getpid() != self._pid:
            with self._lock:
                if os.getpid() != self._pid:
                    # It must not be freed either: that would wait for the threads as well.
                    ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
                    self._load()
        fed = {
            field.name: inputs[field.name].astype(field.dtype, copy=False) for field in self.inputs
        }
        try:
            (output,) = self._session.run([self._output], fed)
        # Its errors have no common class below Exception.
        except Exception as error:
            raise ModelUnavailable(f"{self.path} cannot be run: {str(error)[:300]}") from error
        if output.ndim != 2 or len(output) != 1:
            raise ModelUnavailable(f"{self.path} puts out {output.shape}, not one vector")
        return np.asarray(output[0], np.float32)

    def _load(self) -> None:
        try:
            import onnxruntime  # noqa: PLC0415
        except ImportError as error:
            raise ModelUnavailable(
                f"{self.path} needs ONNX Runtime: pip install onnxruntime (the extra `clip`)"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # Threads that wait by spinning take the cores from the server's others.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            # By path, not by content: weights may lie in a file beside it.
            self._session = onnxruntime.InferenceSession(
                str(self.path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelUnavailable(
                f"{self.path} cannot be loaded as an ONNX model: {str(error)[:300]}"
            ) from error
        self._pid = os.getpid()

    def _input(self, argument: Any) -> ModelInput:
        if argument.type not in TYPES:
            raise ModelUnavailable(f"{self.path} takes {argument.type} as {argument.name}")
        shape = tuple(extent if isinstance(extent, int) else None for extent in argument.shape)
        return ModelInput(argument.name, TYPES[argument.type], shape)

    def _vector_output(self) -> str:
        flat = [one.name for one in self._session.get_outputs() if len(one.shape) == 2]
        named = [name for name in OUTPUTS if name in flat]
        if len(flat) == 1 or named:
            return str((named or flat)[0])
        every = ", ".join(f"{one.name} {one.shape}" for one in self._session.get_outputs())
        raise ModelUnavailable(f"{self.path} puts out {every}; none is a single vector")


def unit_vector(vector: Vector) -> list[float] | None:
    """Return a vector at length one; None where it has no direction."""
    length = float(np.linalg.norm(vector))
    if not 0 < length < float("inf"):
        return None
    scaled: list[float] = (vector / length).tolist()
    return scaled
