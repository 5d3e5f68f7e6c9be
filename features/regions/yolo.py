"""Parses the output of YOLO-style detectors of any generation.

    (1, 4 + c, n)   v8 and later: centre, size and c class scores a column
    (1, n, 5 + c)   v5 to v7: centre, size, objectness and c class scores a row
    (1, n, 6)       end to end (v10, or exported with NMS): edges, score and class a row

https://docs.ultralytics.com/modes/export/ ; a file exported for TFLite gives shares, not pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.errors import ModelUnavailable

FEWEST_ANCHORS = 1000
"""Boxes an anchor grid has at the least (320 px: 2,100); end-to-end outputs have 100 to 300."""

BEYOND_SHARES = 2.0
"""A coordinate above this is in pixels, not in shares."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Detections:
    """The n objects detected.

    `edges` is (n, 4): left, top, right and bottom in shares of the model's input.
    """

    edges: Floats
    scores: Floats
    classes: NDArray[np.int64]


def check_shape(shape: tuple[int, ...], name: str) -> None:
    """Raise ModelUnavailable unless `parse` understands an output of this shape."""
    if len(shape) != 3 or shape[0] != 1 or min(shape[1:]) < 5:
        raise ModelUnavailable(
            f"{name} puts out {shape}, and a YOLO-style detector (1, 4 + classes, boxes), "
            "(1, boxes, 5 + classes) or (1, boxes, 6)"
        )


def parse(output: Floats, side: tuple[int, int]) -> Detections:
    """Return the detections of one picture; `side` is the input's width and height in pixels."""
    table = output[0]
    if table.shape[0] < table.shape[1]:
        return _anchors(table.T[:, :4], table.T[:, 4:], side)
    if table.shape[1] == 6 and table.shape[0] < FEWEST_ANCHORS:
        classes = np.rint(table[:, 5]).astype(np.int64)
        return Detections(_shares(table[:, :4], side), table[:, 4], classes)
    objectness, scores = table[:, 4:5], table[:, 5:]
    return _anchors(table[:, :4], objectness * scores if scores.size else objectness, side)


def _anchors(centred: Floats, scores: Floats, side: tuple[int, int]) -> Detections:
    edges = _shares(_edges(centred), side)
    return Detections(edges, scores.max(axis=1), scores.argmax(axis=1))


def _edges(centred: Floats) -> Floats:
    middle, half = centred[:, :2], centred[:, 2:] * np.float32(0.5)
    return np.concatenate([middle - half, middle + half], axis=1)


def _shares(edges: Floats, side: tuple[int, int]) -> Floats:
    if not edges.size or edges.max() <= BEYOND_SHARES:
        return edges
    extent = np.asarray([*side, *side], np.float32)
    return np.divide(edges, extent, dtype=np.float32)
