"""Where a part lies in its picture, and alignments of parts as alignments of whole pictures."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.base import Box
from features.geometry.alignment import Alignment, Quad
from features.geometry.view import MAX_SIDE

Matrix = NDArray[Any]
"""3 × 3, from pixels to pixels."""


@dataclass(frozen=True)
class Placement:
    """The box of a part, and the width and height at which its whole picture is compared."""

    box: Box
    whole_size: tuple[int, int]

    def to_whole(self, size: tuple[int, int]) -> Matrix:
        """Return the transform from pixels of the part, of this size, to pixels of the whole."""
        width, height = self.whole_size
        left, top = self.box.left * width, self.box.top * height
        across = (self.box.right - self.box.left) * width / size[0]
        down = (self.box.bottom - self.box.top) * height / size[1]
        return np.array([[across, 0, left], [0, down, top], [0, 0, 1]], np.float64)


def compared_size(width: int, height: int) -> tuple[int, int]:
    """Return the size at which a picture of this size is compared."""
    scale = min(1.0, MAX_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def between_wholes(
    alignment: Alignment, first: Placement | None, second: Placement | None
) -> Alignment:
    """Return the alignment with a transform between whole pictures.

    `first` and `second` place the aligned parts; None stands for a whole picture. What was
    measured stays that of the parts.
    """
    transform = np.array(alignment.matrix)
    box = alignment.replaced_box
    size, other_size = alignment.size, alignment.other_size
    if first is not None:
        transform = transform @ np.linalg.inv(first.to_whole(size))
        size = first.whole_size
    if second is not None:
        outwards = second.to_whole(other_size)
        transform = outwards @ transform
        other_size = second.whole_size
        box = None if box is None else _placed(box, outwards)
    transform = transform / transform[2, 2]
    a, b, c, d, e, f = (round(float(value), 5) for value in transform[:2].ravel())
    return replace(
        alignment,
        transform=(a, b, c, d, e, f),
        perspective=(round(float(transform[2, 0]), 9), round(float(transform[2, 1]), 9)),
        replaced_box=box,
        size=size,
        other_size=other_size,
    )


def _placed(box: Quad, outwards: Matrix) -> Quad:
    left, top, right, bottom = box
    (x0, x1), (y0, y1), _ = outwards @ np.array([(left, right), (top, bottom), (1, 1)])
    return round(float(x0), 1), round(float(y0), 1), round(float(x1), 1), round(float(y1), 1)
