"""Lays one picture over another and gives both, pixel on pixel, where they overlap."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry import matching
from features.geometry.matching import Matrix
from features.geometry.view import PictureView, Pixels

WORKING_SIDE = 240
"""The overlap is compared at about this size, in pixels: half of what thumbnails are."""

RESIZE_TOLERANCE = 1.15
"""By how much more or less a picture may be shrunk, for halves of it to do."""

MIN_SIDE = 12
MIN_AREA = 144

CONTENT_LEVEL = 250
"""Of 255: a pixel that is content without a doubt, after averaging."""

REFINEMENT_SIDE = 160
REFINEMENT_ITERATIONS = 12
REFINEMENT_EPSILON = 1e-3


@dataclass(frozen=True)
class Overlap:
    """Two pictures in one frame: RGB as float32 (H × W × 3, 0 to 255), and where both have content.

    `coverage` is the share of the smaller one's content that overlaps.
    """

    first: NDArray[np.float32]
    second: NDArray[np.float32]
    both: NDArray[np.bool_]
    coverage: float


@dataclass(frozen=True)
class AlignedPair:
    """Two pictures at the size they are compared in, and the way from one to the other.

    `moved` and its content are whole; of the `frame` they are brought into, only the part that
    both share is there. `path` leads from the pixels of the one to those of that part. `least` is
    the content of the picture that has less, in pixels of the frame. `is_turned_about` says that
    the first picture is the frame.
    """

    moved: Pixels
    moved_content: Pixels
    frame: Pixels
    frame_content: Pixels
    path: Matrix
    least: float
    is_turned_about: bool

    def refined(self) -> "AlignedPair":
        """Let the pixels themselves make the path exact, which takes longer than all the rest."""
        return replace(self, path=_refine(self.moved, self.frame, self.path))

    def overlap(self) -> Overlap | None:
        """Lay one over the other; None where they hardly overlap."""
        size = (self.frame.shape[1], self.frame.shape[0])
        warped = cv2.warpAffine(self.moved, self.path, size, flags=cv2.INTER_LINEAR)
        reach = cv2.warpAffine(self.moved_content, self.path, size)
        shared = ((reach > CONTENT_LEVEL) & (self.frame_content > CONTENT_LEVEL)).astype(np.uint8)
        both = cv2.erode(shared, np.ones((3, 3), np.uint8)) > 0
        if both.sum() < MIN_AREA:
            return None
        coverage = min(1.0, float(both.sum()) / max(1.0, self.least))
        first, second = warped.astype(np.float32), self.frame.astype(np.float32)
        if self.is_turned_about:
            first, second = second, first
        return Overlap(first, second, both, coverage)


def align_pair(
    first: PictureView, second: PictureView, transform: Matrix, side: int = WORKING_SIDE
) -> AlignedPair | None:
    """Bring the first picture over the second, at `side` pixels; None where they hardly overlap.

    The frame is that of whichever picture is the smaller after the transform, so that a picture
    inside a screenshot is compared as large as it was.
    """
    grown = matching.scale_factor(transform) ** 2
    if first.size[0] * first.size[1] * grown < second.size[0] * second.size[1]:
        placed = _align_onto(second, first, matching.invert(transform), side)
        return replace(placed, is_turned_about=True) if placed else None
    return _align_onto(first, second, transform, side)


def _align_onto(
    moved: PictureView, frame: PictureView, transform: Matrix, side: int
) -> AlignedPair | None:
    left, top, right, bottom = _shared_box(moved.size, frame.size, transform)
    if right - left < MIN_SIDE or bottom - top < MIN_SIDE:
        return None
    # No larger than either picture really is: enlarging invents nothing to compare.
    shrink = min(1.0, side / max(right - left, bottom - top), 1 / matching.scale_factor(transform))
    still, frame_content, to_still = _resize_view(frame, shrink)
    x, y = to_still[0, 0], to_still[1, 1]
    source, moved_content, to_source = _resize_view(
        moved, math.sqrt(x * y) * matching.scale_factor(transform)
    )
    path = matching.compose(to_still, matching.compose(transform, matching.invert(to_source)))
    west, north = round(left * x), round(top * y)
    path[:, 2] -= (west, north)
    window = (slice(north, round(bottom * y)), slice(west, round(right * x)))
    box = still[window]
    if min(box.shape[:2]) < MIN_SIDE:
        return None
    contents = (
        _share(moved_content) * matching.scale_factor(path) ** 2 * source[..., 0].size,
        _share(frame_content) * still[..., 0].size,
    )
    return AlignedPair(
        source,
        moved_content,
        box,
        frame_content[window],
        path,
        min(contents),
        is_turned_about=False,
    )


def _resize_view(view: PictureView, share: float) -> tuple[Pixels, Pixels, Matrix]:
    """Return a picture at about `share` of its size, its content, and the transform that does so.

    Halves are at hand. What differs little from one is one; the rest is drawn from the next larger.
    """
    step = 1.0
    while share <= RESIZE_TOLERANCE * step / 2 and min(view.size) > MIN_SIDE:
        view, step = view.half, step / 2
    if share * RESIZE_TOLERANCE >= step:
        return view.pixels, view.content, _scaling(step, step)
    size = [max(4, round(side * share / step)) for side in view.size]
    drawn = [
        cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in (view.pixels, view.content)
    ]
    across, down = (step * now / before for now, before in zip(size, view.size, strict=True))
    return drawn[0], drawn[1], _scaling(across, down)


def _share(mask: Pixels) -> float:
    return float((mask > 0).mean())


def _shared_box(
    moved: tuple[int, int], frame: tuple[int, int], transform: Matrix
) -> tuple[float, float, float, float]:
    """Return the part of the frame, in its pixels, that the moved picture's corners span."""
    width, height = moved
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
    spots = corners @ transform.T
    low, high = spots.min(axis=0), spots.max(axis=0)
    return (
        float(np.floor(max(0.0, low[0]))),
        float(np.floor(max(0.0, low[1]))),
        float(np.ceil(min(frame[0], high[0]))),
        float(np.ceil(min(frame[1], high[1]))),
    )


def _shrink(pixels: Pixels, share: float) -> tuple[Pixels, Matrix]:
    """Return the picture at `share` of its size, averaged, and the transform that does so."""
    height, width = pixels.shape[:2]
    across, down = max(4, round(width * share)), max(4, round(height * share))
    shrunk = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA)
    return shrunk, _scaling(across / width, down / height)


def _scaling(x: float, y: float) -> Matrix:
    # A pixel's place is its middle: half a pixel in, before and after.
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2]])


def _refine(source: Pixels, frame: Pixels, path: Matrix) -> Matrix:
    """Return the path made exact by enhanced correlation (Evangelidis and Psarakis, 2008).

    A few keypoints are right within some pixels. Where the correlation is no better for it, the
    path stays.
    """
    share = min(1.0, REFINEMENT_SIDE / max(frame.shape[:2]))
    still, to_still = _shrink(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), share)
    moving, to_moving = _shrink(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), share)
    there = matching.compose(to_still, matching.compose(path, matching.invert(to_moving)))
    back = matching.invert(there).astype(np.float32)
    ends = (
        cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS,
        REFINEMENT_ITERATIONS,
        REFINEMENT_EPSILON,
    )
    try:
        before = cv2.computeECC(still, _warp(moving, there, still.shape))
        after, found = cv2.findTransformECC(  # type: ignore[call-overload]
            still, moving, back, cv2.MOTION_AFFINE, ends, None, 3
        )
    except cv2.error:  # it raises where the pictures do not correlate at all
        return path
    better = matching.invert(np.asarray(found, np.float64))
    refined = matching.compose(matching.invert(to_still), matching.compose(better, to_moving))
    moved = float(np.abs(refined - path)[:, 2].max()) / max(frame.shape[:2])
    bent = float(np.abs(refined - path)[:, :2].max() / max(matching.scale_factor(path), 1e-6))
    return refined if after > before and moved < 0.1 and bent < 0.15 else path


def _warp(picture: Pixels, path: Matrix, shape: tuple[int, ...]) -> Pixels:
    return cv2.warpAffine(picture, path, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
