"""Reads with the PP-OCR models that the package `rapidocr` brings, on ONNX Runtime.

Detection finds quadrilaterals of text at one scale; recognition reads each as a line, from the
picture's own pixels.
"""

import logging
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.threads import thread_count
from features.base import Box
from features.ocr.engine import TextLine
from features.ocr.rapidocr_models import Pixels, RapidOcrModels, model_paths
from features.ocr.text import has_letter_or_digit, normalise

SMALLEST_SIDE = 640
"""Pixels; smaller pictures are enlarged, or letters of ten pixels would be lost."""

LARGEST_SIDE = 960
"""Pixels at which text is looked for. At 1280 a whole page of print gains one word of 349, and
every picture takes nearly twice as long."""

QUICK_SIDE = 480
QUICK_LINES = 6
"""The same for somebody who waits, and how many lines, those of the largest type, are read."""

SURE = 0.9
"""A line read the right way up reaches .87 to 1 on drawn labels, one read upside down at most .86.
Below this the line is read the other ways, too, and the surest reading counts."""

TALL = 1.5
"""Height over width from which a line runs upwards or downwards, or is upright Japanese."""

MOST_THREADS = 4
"""These models gain little from more."""

Outline = NDArray[np.float32]

log = logging.getLogger(__name__)


class RapidOcr:
    """Reads English, Japanese and Chinese, whichever way up. The models are loaded when first used.

    At 640 × 480 pixels, detection takes about 0.35 s of a core, and each line 0.05 s.
    """

    name = "rapidocr"
    min_confidence = 0.85

    def __init__(self, timeout_s: float, threads: int | None = None) -> None:
        """`threads` defaults to the cores, at most MOST_THREADS, or to one after
        `core.threads.use_single_thread`.

        Raises ModelUnavailable where the package or one of its models is missing.
        """
        self._timeout_s = timeout_s
        self._threads = threads or thread_count(MOST_THREADS)
        self._paths = model_paths()
        self._lock = threading.Lock()
        self._models: RapidOcrModels | None = None

    def read(self, picture: Image.Image, label: str, *, quick: bool = False) -> list[TextLine]:
        """Return the lines as `TextEngine` says; `quick` reads the QUICK_LINES of largest type."""
        self._loaded()
        lines: list[TextLine] = []
        try:
            for line in self._lines(picture, label, quick):
                lines.append(line)  # one by one: what came before an error is kept
        # ONNX Runtime's errors have no common class below Exception.
        except Exception as error:
            log.warning("reading picture %s failed: %s", label, str(error)[:300])
        return lines

    def _lines(self, picture: Image.Image, label: str, quick: bool) -> Iterator[TextLine]:
        # The thread's own time: a low priority on a busy machine must not cost a picture its text.
        until = time.thread_time() + self._timeout_s
        pixels = _at_least(np.asarray(picture.convert("RGB"))[:, :, ::-1], SMALLEST_SIDE)
        outlines = self._outlines(pixels, quick)
        turn = 0
        for at, outline in enumerate(outlines):
            if time.thread_time() > until:
                log.warning(
                    "reading picture %s took over %g s of a core: %d of its %d lines are left out",
                    label, self._timeout_s, len(outlines) - at, len(outlines),
                )  # fmt: skip
                return
            # Lines of one picture mostly stand the same way up: the last one's turn comes first.
            text, confidence, turn = self._read_line(_cut_out(pixels, outline), turn)
            if has_letter_or_digit(text):
                yield TextLine(text, _box(outline, pixels), confidence)

    def _outlines(self, pixels: Pixels, quick: bool) -> list[Outline]:
        """Return the corners of each line in pixels, from top to bottom."""
        side = QUICK_SIDE if quick else LARGEST_SIDE
        share = min(1.0, side / max(pixels.shape[:2]))
        outlines = [one / share for one in self._loaded().find_lines(_resized(pixels, share))]
        if not quick:
            return outlines
        largest = sorted(range(len(outlines)), key=lambda at: -min(_extent(outlines[at])))
        return [outlines[at] for at in sorted(largest[:QUICK_LINES])]

    def _read_line(self, line: Pixels, first: int) -> tuple[str, float, int]:
        """Return text, confidence and turn (quarters, anticlockwise) of the surest reading.

        `first` is the turn to try first, where the shape of the line allows it.
        """
        readings: list[tuple[float, str, int]] = []
        for turn in _turns(line, first):
            text, confidence = self._loaded().read_line(np.rot90(line, turn))
            readings.append((confidence, normalise(text), turn))
            if confidence >= SURE:
                break
        confidence, text, turn = max(readings)
        return text, confidence, turn

    def _loaded(self) -> RapidOcrModels:
        with self._lock:
            if self._models is None:
                self._models = RapidOcrModels(self._paths, self._threads)
            return self._models


def _at_least(pixels: Pixels, side: int) -> Pixels:
    """Return the picture, enlarged where its longest side is shorter."""
    return _resized(pixels, max(1.0, side / max(pixels.shape[:2])))


def _resized(pixels: Pixels, share: float) -> Pixels:
    if share == 1:
        return np.ascontiguousarray(pixels)
    height, width = (max(1, round(share * side)) for side in pixels.shape[:2])
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return np.asarray(
        cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=how), np.uint8
    )


def _cut_out(pixels: Pixels, outline: Outline) -> Pixels:
    """Return what lies inside four corners, straightened."""
    width, height = _extent(outline)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    straight = cv2.warpPerspective(
        pixels,
        cv2.getPerspectiveTransform(outline, corners),
        (max(1, round(width)), max(1, round(height))),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(straight, np.uint8)


def _turns(line: Pixels, first: int) -> Iterator[int]:
    height, width = line.shape[:2]
    if height >= TALL * width:
        turns = [1, 3]
    elif width >= TALL * height:
        turns = [0, 2]
    else:
        turns = [0, 2, 1, 3]
    yield from sorted(turns, key=lambda turn: turn != first)


def _extent(outline: Outline) -> tuple[float, float]:
    """Return the width and height in pixels of four corners, the longer of opposite sides."""
    sides = np.linalg.norm(outline - np.roll(outline, -1, axis=0), axis=1)
    return float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))


def _box(outline: Outline, pixels: Pixels) -> Box:
    """Return the upright box around four corners, in shares of the picture."""
    height, width = pixels.shape[:2]
    left, top = np.clip(outline.min(axis=0), 0, (width - 1, height - 1))
    right, bottom = np.clip(outline.max(axis=0), (left + 1, top + 1), (width, height))
    return Box(
        float(left / width), float(top / height), float(right / width), float(bottom / height)
    )
