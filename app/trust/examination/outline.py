"""Outlines where two aligned pictures differ, to be drawn over either of them.

Regions are found in the second picture's pixels, where `lay_over` puts the first. Another light or
colour over the whole picture is no region.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.trust.examination.overlay import (
    MARK,
    PictureOverlay,
    colour_difference,
    scaled_transform,
)
from features.geometry.alignment import Alignment
from features.geometry.tint import explain_tint

VISIBLE = 20.0
"""ΔE from which a difference is outlined: half of what is drawn at full strength."""

SMALLEST_SHARE = 0.0008
"""Share of the picture below which a region is not outlined: noise along resampled edges."""

JOINED = 0.02
"""Gap, as a share of the longer side, over which pieces become one region: letters of a word."""

MAX_REGIONS = 12
LINE, HALO = 3, 7
"""Widths in pixels of the outline, and of the white line beneath it."""

Points = NDArray[np.float64]


@dataclass(frozen=True)
class DifferenceOutline:
    """What is drawn over a picture of `size`: closed polygons of points (x, y) in its pixels.

    `regions` differ; `reach` is how far the other picture reaches, None where it covers all.
    """

    size: tuple[int, int]
    regions: Sequence[Points]
    reach: Points | None

    def to_image(self) -> Image.Image:
        """Return it as RGBA, transparent except for the lines."""
        drawn = Image.new("RGBA", self.size, (0, 0, 0, 0))
        pen = ImageDraw.Draw(drawn)
        polygons = [*self.regions, *([self.reach] if self.reach is not None else [])]
        for width, colour in ((HALO, (255, 255, 255, 235)), (LINE, (*MARK, 255))):
            for polygon in polygons:
                line = [(float(x), float(y)) for x, y in polygon]
                pen.line([*line, *line[:2]], colour, width, "curve")
        return drawn


def outline_differences(
    overlay: PictureOverlay, member: Image.Image, other: Image.Image, alignment: Alignment
) -> tuple[DifferenceOutline, DifferenceOutline]:
    """Return the outlines for `other` and for `member`, whose `overlay` lies over it."""
    transform = scaled_transform(alignment, member.size, other.size)
    back = np.asarray(np.linalg.inv(transform), np.float64)
    regions = _regions(overlay, other)
    return (
        DifferenceOutline(other.size, regions, _reach(member.size, transform, other.size)),
        DifferenceOutline(
            member.size,
            [_moved(region, back) for region in regions],
            _reach(other.size, back, member.size),
        ),
    )


def _regions(overlay: PictureOverlay, other: Image.Image) -> list[Points]:
    """Return the outlines of what differs, the largest first."""
    differs = (_unexplained(overlay, other) >= VISIBLE) & _inside(overlay.covered)
    gap = max(3, round(JOINED * max(other.size)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
    # Thin lines along edges are resampling; what remains is joined and given some room.
    solid = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    joined = cv2.dilate(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, kernel), kernel)
    contours, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = SMALLEST_SHARE * other.width * other.height
    sized = [
        (int(solid[y : y + height, x : x + width].sum()), contour)
        for contour in contours
        for x, y, width, height in [cv2.boundingRect(contour)]
    ]
    large = sorted((each for each in sized if each[0] >= least), key=lambda each: -each[0])
    return [contour[:, 0].astype(np.float64) for _, contour in large[:MAX_REGIONS]]


def _unexplained(overlay: PictureOverlay, other: Image.Image) -> NDArray[np.float32]:
    """Return height × width ΔE that no change of light or colour all over explains."""
    below = np.asarray(other.convert("RGB"), np.float32)
    tint = explain_tint(overlay.pixels.astype(np.float32), below, overlay.covered)
    predicted, actual = (
        np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
        for pixels in (tint.predicted, tint.actual)
    )
    return colour_difference(PictureOverlay(predicted, overlay.covered), Image.fromarray(actual))


def _inside(covered: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the covered area without its edge, where half a pixel is missing."""
    return cv2.erode(covered.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _reach(size: tuple[int, int], transform: Points, other_size: tuple[int, int]) -> Points | None:
    """Return where a picture's frame lies in the other, None where it covers all but a rim."""
    width, height = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    placed = _moved(corners, transform)
    rim = 0.015 * max(other_size)
    inner = np.array(
        [
            [rim, rim],
            [other_size[0] - rim, rim],
            [other_size[0] - rim, other_size[1] - rim],
            [rim, other_size[1] - rim],
        ]
    )
    polygon = placed.astype(np.float32)
    covers = all(cv2.pointPolygonTest(polygon, (float(x), float(y)), False) >= 0 for x, y in inner)
    return None if covers else placed


def _moved(points: Points, transform: Points) -> Points:
    return np.asarray(points @ transform[:2, :2].T + transform[:2, 2])
