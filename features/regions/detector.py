"""The user's own object detector: a YOLO-style model in ONNX or TensorFlow Lite."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.environment import Environment
from core.errors import InvalidSetting
from features.base import Box, Picture, Region
from features.errors import ModelUnavailable
from features.regions import yolo
from features.regions.finders import MODEL_SETTING
from features.regions.overlap import suppress_overlaps
from features.regions.yolo import Detections

LEAST_SCORE = 0.25
"""The usual default of detectors."""

DEFAULT_SIDE = 640
"""For a model whose input size is open."""

GREY = (114, 114, 114)
"""Fills the square around a picture; these models are trained with it."""

PROPOSED = 20

Batch = NDArray[np.float32]
Run = Callable[[Batch], NDArray[Any]]


class Detector:
    """Proposes the objects that a model detects. Thread-safe; one thread runs the model at a time.

    `run` takes (1, h, w, 3) in 0 … 1; `side` is (w, h).
    """

    name = "detector"

    def __init__(self, run: Run, side: tuple[int, int], name: str) -> None:
        self._run = run
        self._side = side
        self._lock = threading.Lock()
        yolo.check_shape(self._detect(Image.new("RGB", side)).shape, name)

    def find_regions(self, picture: Picture) -> list[Region]:
        """Return the detected objects, surest first; the label is the number of the class."""
        width, height = self._side
        image = picture.pixels
        scale = min(width / image.width, height / image.height)
        size = max(1, round(scale * image.width)), max(1, round(scale * image.height))
        corner = (width - size[0]) // 2, (height - size[1]) // 2
        letter = Image.new("RGB", self._side, GREY)
        letter.paste(image.resize(size, Image.Resampling.BILINEAR), corner)
        detections = yolo.parse(self._detect(letter), self._side)
        offsets = np.asarray([corner[0] / width, corner[1] / height] * 2, np.float32)
        spans = np.asarray([size[0] / width, size[1] / height] * 2, np.float32)
        edges = np.clip((detections.edges - offsets) / spans, 0, 1)
        regions = _regions(Detections(edges, detections.scores, detections.classes))
        return suppress_overlaps(sorted(regions, key=lambda region: -region.score), PROPOSED)

    def _detect(self, image: Image.Image) -> NDArray[np.float32]:
        with self._lock:
            output = self._run(np.asarray(image, np.float32)[np.newaxis] / np.float32(255))
        return np.asarray(output, np.float32)


def _regions(detections: Detections) -> Iterator[Region]:
    for place in np.flatnonzero(detections.scores >= LEAST_SCORE):
        left, top, right, bottom = (float(edge) for edge in detections.edges[place])
        if left < right and top < bottom:
            score = min(1.0, float(detections.scores[place]))
            yield Region(Box(left, top, right, bottom), score, str(detections.classes[place]))


def create(environment: Environment) -> Detector:
    """Load the detector that LOOKALIKE_REGIONS_MODEL names.

    Raises InvalidSetting where it names none, and ModelUnavailable for a file that is no detector.
    """
    value = environment.text(MODEL_SETTING)
    if not value:
        raise InvalidSetting(
            f"the region finder `detector` needs {MODEL_SETTING}, the path of its model"
        )
    path = Path(value).expanduser()
    loaders = {".onnx": _onnx, ".tflite": _tflite}
    if path.suffix.lower() not in loaders:
        raise ModelUnavailable(f"{MODEL_SETTING}={value} is neither an .onnx nor a .tflite file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(
            f"{MODEL_SETTING}={value} cannot be read: {error.strerror}"
        ) from error
    run, side = loaders[path.suffix.lower()](content, path.name)
    return Detector(run, side, path.name)


def _onnx(content: bytes, name: str) -> tuple[Run, tuple[int, int]]:
    try:
        import onnxruntime  # noqa: PLC0415
    except ImportError as error:
        raise ModelUnavailable(
            f"{name} needs ONNX Runtime: pip install 'lookalike[detector]'"
        ) from error
    options = onnxruntime.SessionOptions()
    # One thread that does not spin: the server's other threads need the cores.
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    # Its errors have no common class below Exception.
    except Exception as error:
        raise ModelUnavailable(f"{name} is no ONNX model: {str(error)[:200]}") from error
    source = session.get_inputs()[0]
    match source.shape:
        case [_, 3, height, width] if len(session.get_inputs()) == 1:
            pass
        case shape:
            raise ModelUnavailable(f"{name} takes {shape}, not one RGB picture (1, 3, h, w)")
    if source.type not in ("tensor(float)", "tensor(float16)"):
        raise ModelUnavailable(f"{name} takes {source.type}, not floats")
    kind = np.float16 if "16" in source.type else np.float32

    def run(batch: Batch) -> NDArray[Any]:
        planes = np.ascontiguousarray(batch.transpose(0, 3, 1, 2)).astype(kind)
        try:
            output: NDArray[Any] = session.run(None, {source.name: planes})[0]
        except Exception as error:
            raise ModelUnavailable(f"{name} cannot be run: {str(error)[:200]}") from error
        return output

    return run, (_fixed(width), _fixed(height))


def _fixed(extent: object) -> int:
    return extent if isinstance(extent, int) and extent > 0 else DEFAULT_SIDE


def _tflite(content: bytes, name: str) -> tuple[Run, tuple[int, int]]:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

    try:
        interpreter = Interpreter(model_content=content)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise ModelUnavailable(f"{name} is no TensorFlow Lite model: {error}") from error
    (source, *others), sink = interpreter.get_input_details(), interpreter.get_output_details()[0]
    shape = tuple(int(extent) for extent in source["shape"])
    if others or len(shape) != 4 or shape[3] != 3:
        raise ModelUnavailable(f"{name} takes {shape}, not one RGB picture (1, h, w, 3)")

    def run(batch: Batch) -> NDArray[Any]:
        values: NDArray[Any] = batch
        if source["dtype"] is not np.float32:
            scale, zero = source["quantization"]
            values = np.rint(batch / scale + zero).astype(source["dtype"])
        interpreter.set_tensor(source["index"], values)
        interpreter.invoke()
        output: NDArray[Any] = interpreter.get_tensor(sink["index"])
        if sink["dtype"] is np.float32:
            return output
        scale, zero = sink["quantization"]
        floats: NDArray[Any] = (output.astype(np.float32) - zero) * scale
        return floats

    return run, (shape[2], shape[1])
