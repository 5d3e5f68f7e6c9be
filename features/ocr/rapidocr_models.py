"""The two PP-OCR models of the package `rapidocr`: one finds lines of text, one reads a line.

No file is ever fetched: the models are named by path.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from features.errors import ModelUnavailable

DETECTION_MODEL = "PP-OCRv6_det_small.onnx"
RECOGNITION_MODEL = "PP-OCRv6_rec_small.onnx"

LONGEST_SIDE = 10_000
"""Pixels, more than any picture has here: the caller decides on the scale."""

Pixels: TypeAlias = NDArray[np.uint8]
"""Rows, columns, and blue, green and red."""


def model_paths() -> tuple[Path, Path]:
    """Return the files of the detection and the recognition model.

    Raises ModelUnavailable where the package or one of them is missing.
    """
    package = importlib.util.find_spec("rapidocr")
    if package is None or package.origin is None:
        raise ModelUnavailable(
            "the package rapidocr is missing: make install, or set LOOKALIKE_OCR_ENGINE=tesseract"
        )
    folder = Path(package.origin).parent / "models"
    paths = folder / DETECTION_MODEL, folder / RECOGNITION_MODEL
    for path in paths:
        if not path.is_file():
            raise ModelUnavailable(f"{path} is missing: pip install --force-reinstall rapidocr")
    return paths


class RapidOcrModels:
    """Both models, loaded; `threads` run each. Thread-safe, not to be used after a fork."""

    def __init__(self, paths: tuple[Path, Path], threads: int) -> None:
        # Takes a second and 100 MB, which processes that read nothing are spared.
        from omegaconf import flag_override  # noqa: PLC0415
        from rapidocr import RapidOCR  # noqa: PLC0415

        whole = {"Global.log_level": "critical", "Global.use_cls": False}
        self._finder: Any = RapidOCR(
            params={
                **whole,
                "Global.use_rec": False,
                "Global.max_side_len": LONGEST_SIDE,
                "Det.limit_type": "max",
                "Det.limit_side_len": LONGEST_SIDE,
            }
        )
        self._reader: Any = RapidOCR(
            params={**whole, "Global.use_det": False, "Global.use_preprocess_img": False}
        )
        detection, recognition = paths
        with flag_override(self._finder.cfg, "allow_objects", True):
            self._finder.cfg.Det.session = _session(detection, threads)
        with flag_override(self._reader.cfg, "allow_objects", True):
            self._reader.cfg.Rec.session = _session(recognition, threads)

    def find_lines(self, pixels: Pixels) -> Sequence[NDArray[np.float32]]:
        """Return the four corners (4, 2) in pixels of each line of text, from top to bottom."""
        boxes = self._finder(pixels).boxes
        return [] if boxes is None else [np.asarray(box, np.float32) for box in boxes]

    def read_line(self, pixels: Pixels) -> tuple[str, float]:
        """Return the text of a level line, and the mean confidence of its letters, 0 to 1."""
        result = self._reader(np.ascontiguousarray(pixels))
        return (result.txts[0], float(result.scores[0])) if result.txts else ("", 0.0)


def _session(path: Path, threads: int) -> Any:
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it gains 5 % of the time for 80 MB
    # Threads that wait by spinning take the cores from others: 0.51 s of them a picture, not 0.36.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    # Its errors have no common class below Exception.
    except Exception as error:
        raise ModelUnavailable(
            f"{path} cannot be loaded ({str(error)[:200]}): pip install --force-reinstall rapidocr"
        ) from error
