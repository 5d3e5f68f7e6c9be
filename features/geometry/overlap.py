"""Lays one picture over another and cuts out the area where both have content."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry import matching
from features.geometry.matching import Matrix
from features.geometry.view import PictureView, Pixels

WORKING_SIDE = 240
"""Longest side in pixels at which overlaps are compared: half that of thumbnails."""

RESIZE_TOLERANCE = 1.15
"""Factor by which a size may miss the wanted one, so that a ready halved picture can be used."""

MIN_SIDE = 12
MIN_AREA = 144

CONTENT_LEVEL = 250
"""Level of 255 above which a pixel of an averaged content mask counts as content."""

REFINEMENT_SIDE = 160
REFINEMENT_ITERATIONS = 12
REFINEMENT_EPSILON = 1e-3
MAX_REFINED_SHIFT, MAX_REFINED_BEND = 0.1, 0.15
"""Most that refining may move a transform, as shares of the frame's side and of the scale."""


@dataclass(frozen=True)
class Overlap:
    """Two pictures in one frame: RGB, float32 (H × W × 3, 0 to 255).

    `shared` (H × W) is where both have content, `coverage` (0 to 1) the share of the smaller
    picture's content that overlaps.
    """

    first: NDArray[np.float32]
    second: NDArray[np.float32]
    shared: NDArray[np.bool_]
    coverage: float


@dataclass(frozen=True)
class AlignedPair:
    """Two pictures at their size of comparison, and the transform between them.

    `moved` is whole; `frame` is cut to the part of the other picture that both share. `transform`
    maps pixels of `moved` to pixels of `frame`. `smaller_area` is the content of the picture with
    less of it, in pixels of the frame. `is_swapped` says that the frame is the first picture.
    """

    moved: Pixels
    moved_content: Pixels
    frame: Pixels
    frame_content: Pixels
    transform: Matrix
    smaller_area: float
    is_swapped: bool

    def refined(self) -> "AlignedPair":
        """Refine the transform by the pixels themselves, the slowest step of a comparison."""
        return replace(self, transform=_refine(self.moved, self.frame, self.transform))

    def overlap(self) -> Overlap | None:
        """Return the overlap, or None if it is smaller than MIN_AREA."""
        size = (self.frame.shape[1], self.frame.shape[0])
        warped = cv2.warpAffine(self.moved, self.transform, size, flags=cv2.INTER_LINEAR)
        warped_content = cv2.warpAffine(self.moved_content, self.transform, size)
        in_both = ((warped_content > CONTENT_LEVEL) & (self.frame_content > CONTENT_LEVEL)).astype(
            np.uint8
        )
        shared = cv2.erode(in_both, np.ones((3, 3), np.uint8)) > 0
        if shared.sum() < MIN_AREA:
            return None
        coverage = min(1.0, float(shared.sum()) / max(1.0, self.smaller_area))
        first, second = warped.astype(np.float32), self.frame.astype(np.float32)
        if self.is_swapped:
            first, second = second, first
        return Overlap(first, second, shared, coverage)


def align_pair(
    first: PictureView, second: PictureView, transform: Matrix, side: int = WORKING_SIDE
) -> AlignedPair | None:
    """Lay the first picture over the second, at most `side` pixels large; None if they miss.

    The picture that is smaller after the transform becomes the frame, so that a picture inside a
    screenshot is compared at the size it had there.
    """
    growth = matching.scale_factor(transform) ** 2
    if first.size[0] * first.size[1] * growth < second.size[0] * second.size[1]:
        pair = _align_onto(second, first, matching.invert(transform), side)
        return replace(pair, is_swapped=True) if pair else None
    return _align_onto(first, second, transform, side)


def _align_onto(
    moved: PictureView, frame: PictureView, transform: Matrix, side: int
) -> AlignedPair | None:
    left, top, right, bottom = _shared_box(moved.size, frame.size, transform)
    if right - left < MIN_SIDE or bottom - top < MIN_SIDE:
        return None
    # Neither picture is enlarged: that would add no detail to compare.
    ratio = min(1.0, side / max(right - left, bottom - top), 1 / matching.scale_factor(transform))
    still, frame_content, to_still = _resize_view(frame, ratio)
    x, y = to_still[0, 0], to_still[1, 1]
    source, moved_content, to_source = _resize_view(
        moved, math.sqrt(x * y) * matching.scale_factor(transform)
    )
    resized = matching.compose(to_still, matching.compose(transform, matching.invert(to_source)))
    west, north = round(left * x), round(top * y)
    resized[:, 2] -= (west, north)
    window = (slice(north, round(bottom * y)), slice(west, round(right * x)))
    box = still[window]
    if min(box.shape[:2]) < MIN_SIDE:
        return None
    contents = (
        _share(moved_content) * matching.scale_factor(resized) ** 2 * source[..., 0].size,
        _share(frame_content) * still[..., 0].size,
    )
    return AlignedPair(
        source,
        moved_content,
        box,
        frame_content[window],
        resized,
        min(contents),
        is_swapped=False,
    )


def _resize_view(view: PictureView, share: float) -> tuple[Pixels, Pixels, Matrix]:
    """Return a picture at about `share` of its size, its content, and the transform to it.

    A view keeps its halves. Within RESIZE_TOLERANCE a half is used as it is; otherwise the picture
    is resized from the next larger half.
    """
    step = 1.0
    while share <= RESIZE_TOLERANCE * step / 2 and min(view.size) > MIN_SIDE:
        view, step = view.half, step / 2
    if share * RESIZE_TOLERANCE >= step:
        return view.pixels, view.content, _scaling(step, step)
    size = [max(4, round(side * share / step)) for side in view.size]
    pixels, content = (
        cv2.resize(source, size, interpolation=cv2.INTER_LINEAR)
        for source in (view.pixels, view.content)
    )
    across, down = (step * after / before for after, before in zip(size, view.size, strict=True))
    return pixels, content, _scaling(across, down)


def _share(mask: Pixels) -> float:
    return float((mask > 0).mean())


def _shared_box(
    moved: tuple[int, int], frame: tuple[int, int], transform: Matrix
) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of the frame's part that the moved picture spans."""
    width, height = moved
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
    moved_corners = corners @ transform.T
    low, high = moved_corners.min(axis=0), moved_corners.max(axis=0)
    return (
        float(np.floor(max(0.0, low[0]))),
        float(np.floor(max(0.0, low[1]))),
        float(np.ceil(min(frame[0], high[0]))),
        float(np.ceil(min(frame[1], high[1]))),
    )


def _shrink(pixels: Pixels, share: float) -> tuple[Pixels, Matrix]:
    """Return the picture averaged to `share` of its size, and the transform to it."""
    height, width = pixels.shape[:2]
    across, down = max(4, round(width * share)), max(4, round(height * share))
    shrunk = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA)
    return shrunk, _scaling(across / width, down / height)


def _scaling(x: float, y: float) -> Matrix:
    # Coordinates are those of pixel centres, half a pixel in, before and after.
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2]])


def _refine(source: Pixels, frame: Pixels, transform: Matrix) -> Matrix:
    """Return the transform refined by enhanced correlation (Evangelidis and Psarakis, 2008).

    A transform from few keypoints is off by some pixels. It is returned unchanged if refining does
    not improve the correlation, or moves or bends it implausibly.
    """
    share = min(1.0, REFINEMENT_SIDE / max(frame.shape[:2]))
    still, to_still = _shrink(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), share)
    moving, to_moving = _shrink(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), share)
    there = matching.compose(to_still, matching.compose(transform, matching.invert(to_moving)))
    back = matching.invert(there).astype(np.float32)
    ends = (
        cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS,
        REFINEMENT_ITERATIONS,
        REFINEMENT_EPSILON,
    )
    try:
        correlation = cv2.computeECC(still, _warp(moving, there, still.shape))
        better, back = cv2.findTransformECC(  # type: ignore[call-overload]
            still, moving, back, cv2.MOTION_AFFINE, ends, None, 3
        )
    except cv2.error:  # raised if the pictures do not correlate at all
        return transform
    there = matching.invert(np.asarray(back, np.float64))
    refined = matching.compose(matching.invert(to_still), matching.compose(there, to_moving))
    moved = float(np.abs(refined - transform)[:, 2].max()) / max(frame.shape[:2])
    bent = float(
        np.abs(refined - transform)[:, :2].max() / max(matching.scale_factor(transform), 1e-6)
    )
    if better > correlation and moved < MAX_REFINED_SHIFT and bent < MAX_REFINED_BEND:
        return refined
    return transform


def _warp(picture: Pixels, transform: Matrix, shape: tuple[int, ...]) -> Pixels:
    return cv2.warpAffine(picture, transform, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
