"""Lays one picture over another and cuts out the area where both have content."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry import matching
from features.geometry.matching import Matrix
from features.geometry.refinement import refine_angled, refine_flat
from features.geometry.view import PictureView, Pixels

WORKING_SIDE = 240
"""Longest side in pixels at which overlaps are compared: half that of thumbnails."""

RESIZE_TOLERANCE = 1.15
"""Factor by which a size may miss the wanted one, so that a ready halved picture can be used."""

MIN_SIDE = 12
MIN_AREA = 144

CONTENT_LEVEL = 250
"""Level of 255 above which a pixel of an averaged content mask counts as content."""


@dataclass(frozen=True)
class Overlap:
    """Two pictures in one frame: RGB, float32 (H × W × 3, 0 to 255).

    `shared` (H × W) is where both have content, `coverage` (0 to 1) the share of the smaller
    picture's content that overlaps. `scales` are the frame's pixels per pixel of each picture.
    """

    first: NDArray[np.float32]
    second: NDArray[np.float32]
    shared: NDArray[np.bool_]
    coverage: float
    scales: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True)
class AlignedPair:
    """Two pictures at their size of comparison, and the transform between them.

    `moved` is whole; `frame` is cut to the part of the other picture that both share. `transform`
    maps pixels of `moved` to pixels of `frame`: 2 × 3, or 3 × 3 for a picture at an angle.
    `smaller_area` is the content of the picture with less of it, in pixels of the frame. `scales`
    are the frame's pixels per pixel of `moved` and of the picture that it is cut from; `origins`
    are the transforms (3 × 3) from those whole pictures to `moved` and to `frame`. `is_swapped`
    says that the frame is the first picture.
    """

    moved: Pixels
    moved_content: Pixels
    frame: Pixels
    frame_content: Pixels
    transform: Matrix
    smaller_area: float
    scales: tuple[float, float]
    origins: tuple[Matrix, Matrix]
    is_swapped: bool

    def refined(self) -> "AlignedPair":
        """Refine the transform by the pixels themselves, the slowest step of a comparison."""
        return replace(self, transform=refine_flat(self.moved, self.frame, self.transform))

    def refined_at_an_angle(self) -> "AlignedPair | None":
        """Refine the transform to a homography; None if that does not correlate better."""
        found = refine_angled(self.moved, self.frame, self.transform, self.frame_content)
        return None if found is None else replace(self, transform=found)

    def matrix(self) -> Matrix:
        """Return the transform (3 × 3) from the whole first picture to the whole second."""
        square: Matrix = self.transform
        if len(square) == 2:
            square = np.vstack([square, [0.0, 0.0, 1.0]])
        to_moved, to_frame = self.origins
        whole: Matrix = np.linalg.inv(to_frame) @ square @ to_moved
        if self.is_swapped:
            whole = np.linalg.inv(whole)
        return np.asarray(whole / whole[2, 2], np.float64)

    def to_second(self) -> Matrix:
        """Return the transform (3 × 3) from the frame's pixels to the whole second picture."""
        out = np.linalg.inv(self.origins[1])
        return self.matrix() @ out if self.is_swapped else np.asarray(out, np.float64)

    def overlap(self) -> Overlap | None:
        """Return the overlap, or None if it is smaller than MIN_AREA."""
        warped, warped_content = self._warped(self.moved), self._warped(self.moved_content)
        in_both = ((warped_content > CONTENT_LEVEL) & (self.frame_content > CONTENT_LEVEL)).astype(
            np.uint8
        )
        shared = cv2.erode(in_both, np.ones((3, 3), np.uint8)) > 0
        if shared.sum() < MIN_AREA:
            return None
        coverage = min(1.0, float(shared.sum()) / max(1.0, self.smaller_area))
        first, second = warped.astype(np.float32), self.frame.astype(np.float32)
        scales = self.scales
        if self.is_swapped:
            first, second, scales = second, first, (scales[1], scales[0])
        return Overlap(first, second, shared, coverage, scales)

    def _warped(self, picture: Pixels) -> Pixels:
        size = (self.frame.shape[1], self.frame.shape[0])
        if len(self.transform) == 2:
            return cv2.warpAffine(picture, self.transform, size, flags=cv2.INTER_LINEAR)
        return cv2.warpPerspective(picture, self.transform, size, flags=cv2.INTER_LINEAR)


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
    to_frame = to_still.copy()
    to_frame[:, 2] -= (west, north)
    last = [0.0, 0.0, 1.0]
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
        (matching.scale_factor(transform) * math.sqrt(x * y), math.sqrt(x * y)),
        (np.vstack([to_source, last]), np.vstack([to_frame, last])),
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


def _scaling(x: float, y: float) -> Matrix:
    # Coordinates are those of pixel centres, half a pixel in, before and after.
    return np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2]])
