"""Names what was done to a picture, from the rule that lays it over the other one.

The rule is geometric (`Alignment.transform`) and one of colour (its details); what neither explains
was added to the picture, or taken from it. Names are stable: pages and events translate them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry.alignment import Alignment

TRANSFORMATIONS = (
    "mirrored",
    "turned",
    "cropped",
    "surrounded",
    "stretched",
    "contrast_changed",
    "decoloured",
    "tinted",
    "overprinted",
)
"""What can be done to a picture, in the order it is told. `surrounded` is a frame, a border or a
page around it; `overprinted` are words, a sticker or a watermark on it; `tinted` are other colours
all over."""

LEAST_TURN = 1.5
"""Degrees below which nobody calls a picture turned."""

LEAST_SHARE = 0.03
"""Share of a picture's area below which its edges count as unchanged: JPEG blocks and rounding."""

LEAST_STRETCH = 1.04
"""Ratio of the two scales from which a picture is stretched."""

LEAST_OVERPRINT = 0.008
"""Share of the overlap, in one piece, that differs from which something was printed on it. Of the
demo shop's 36 relistings the 8 with words or a sticker have .011 to .064, others at most .005 (and
.021 where the colours were turned too, which is not called printed on)."""

LEAST_RECOLOURED = 0.04
"""Share of equally drawn patches in another colour from which the colours were turned: .17 and more
of the demo shop's turned hues, at most .02 where something was printed on."""

GREY_SATURATION = 0.15
"""Saturation left by the rule of colour, at most, in a picture that is grey now."""

LEAST_HUE, LEAST_CAST, LEAST_GAIN = 12.0, 0.12, 0.1
"""Mean ΔH, ln of the largest gain over the smallest, and |ln gain| that count as a change. In the
demo shop, turned hues have 34 and more, others at most 7.5; lighter pictures a gain of .24 and
more, others at most .04."""

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Transformation:
    """One thing done to a picture.

    `amount` is in degrees for `turned` (0 to 180), a share of the area for `cropped`,
    `surrounded` and `overprinted`, a share of the longer side's scale for `stretched`; None for
    the others.
    """

    name: str
    amount: float | None = None


def name_transformations(alignment: Alignment) -> tuple[Transformation, ...]:
    """Return what makes the first picture of an alignment out of the second, in a fixed order."""
    return (*_geometric(alignment), *_colour(alignment), *_overprint(alignment))


def _geometric(alignment: Alignment) -> Iterator[Transformation]:
    a, b, _, c, d, _ = alignment.affine
    matrix = np.array([[a, b], [c, d]])
    if alignment.mirrored:
        yield Transformation("mirrored")
        matrix = matrix @ np.diag([-1.0, 1.0])
    turn = abs(math.degrees(math.atan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1])))
    if turn >= LEAST_TURN:
        yield Transformation("turned", round(turn))
    cropped, surrounded = _edges(alignment)
    # Turning by itself moves the corners out of the frame, and empty ones into it.
    by_turning = _lost_by_turning(alignment, turn)
    if cropped - by_turning >= LEAST_SHARE:
        yield Transformation("cropped", cropped)
    if surrounded - by_turning >= LEAST_SHARE:
        yield Transformation("surrounded", surrounded)
    large, small = np.linalg.svd(matrix, compute_uv=False)
    if large / small >= LEAST_STRETCH:
        yield Transformation("stretched", float(large / small - 1))


def _edges(alignment: Alignment) -> tuple[float, float]:
    """Return which shares of the second and of the first picture the other does not reach."""
    width, height = alignment.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    transform = np.reshape(alignment.affine, (2, 3))
    placed = corners @ transform[:, :2].T + transform[:, 2]
    other_width, other_height = alignment.other_size
    frame = np.array(
        [[0, 0], [other_width, 0], [other_width, other_height], [0, other_height]], np.float64
    )
    shared = _shared_area(placed, frame)
    whole = abs(cv2.contourArea(placed.astype(np.float32)))
    return (
        max(0.0, 1 - shared / (other_width * other_height)),
        max(0.0, 1 - shared / max(whole, 1e-6)),
    )


def _lost_by_turning(alignment: Alignment, turn: float) -> float:
    """Return the share that a picture loses at its corners when it is turned on the spot."""
    if min(abs(turn - quarter) for quarter in (0, 90, 180)) < LEAST_TURN:
        return 0.0
    width, height = alignment.other_size
    box = cv2.boxPoints(((0, 0), (width, height), 0)).astype(np.float64)
    turned = cv2.boxPoints(((0, 0), (width, height), turn)).astype(np.float64)
    return max(0.0, 1 - _shared_area(box, turned) / (width * height))


def _shared_area(first: Points, second: Points) -> float:
    area, _ = cv2.intersectConvexConvex(first.astype(np.float32), second.astype(np.float32))
    return float(area)


def _colour(alignment: Alignment) -> Iterator[Transformation]:
    details = alignment.details
    hue, cast = details.get("hue", 0.0), details.get("tint_cast", 0.0)
    # A large sticker shifts the mean hue, too.
    if not _is_overprinted(alignment) and (hue >= LEAST_HUE or cast >= LEAST_CAST):
        yield Transformation("tinted")
    elif details.get("tint_saturation", 1.0) <= GREY_SATURATION:
        yield Transformation("decoloured")
    elif details.get("tint_gain", 0.0) >= LEAST_GAIN:
        yield Transformation("contrast_changed")


def _overprint(alignment: Alignment) -> Iterator[Transformation]:
    if _is_overprinted(alignment):
        yield Transformation("overprinted", alignment.disagreement)


def _is_overprinted(alignment: Alignment) -> bool:
    # Where hues were turned, edges that lose their contrast look like something printed on them.
    details = alignment.details
    is_recoloured = details.get("recoloured_whole", 0.0) >= LEAST_RECOLOURED
    return details.get("blob", 0.0) >= LEAST_OVERPRINT and not is_recoloured
