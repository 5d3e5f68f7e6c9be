"""Lays one picture over another and gives both, pixel on pixel, where they overlap."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from features.geometry import matching
from features.geometry.matching import Matrix
from features.geometry.view import Pixels, View

WORKING_SIDE = 256
"""The overlap is compared at most this large, in pixels."""

SMALLEST_SIDE = 12
SMALLEST_AREA = 144

SURE = 250
"""Of 255: a pixel that is content without a doubt, after averaging."""

REFINING_SIDE = 160
REFINING_ROUNDS = 12
REFINING_GAIN = 1e-3


@dataclass(frozen=True)
class Overlay:
    """Two pictures in one frame: RGB as float32 (H × W × 3, 0 to 255), and where both have content.

    `coverage` is the share of the smaller one's content that overlaps.
    """

    first: NDArray[np.float32]
    second: NDArray[np.float32]
    both: NDArray[np.bool_]
    coverage: float


def lay(first: View, second: View, transform: Matrix, *, refine: bool = False) -> Overlay | None:
    """Lay the first picture over the second; None where they hardly overlap.

    `refine` lets the pixels themselves make the transform exact, which takes most of the time.
    The frame is that of whichever picture is the smaller after the transform, so that a picture
    inside a screenshot is compared as large as it was.
    """
    grown = matching.scale(transform) ** 2
    if first.size[0] * first.size[1] * grown < second.size[0] * second.size[1]:
        laid = _lay(second, first, matching.inverse(transform), refine)
        if laid is None:
            return None
        return Overlay(laid.second, laid.first, laid.both, laid.coverage)
    return _lay(first, second, transform, refine)


def _lay(moved: View, frame: View, transform: Matrix, refine: bool) -> Overlay | None:
    """Bring `moved` into the frame of the other, both shrunk to the working size."""
    left, top, right, bottom = _shared_box(moved.size, frame.size, transform)
    if right - left < SMALLEST_SIDE or bottom - top < SMALLEST_SIDE:
        return None
    # No larger than either picture really is: enlarging invents nothing to compare.
    shrink = min(1.0, WORKING_SIDE / max(right - left, bottom - top), 1 / matching.scale(transform))
    still, to_still = _shrunk(frame.pixels, shrink)
    source, to_source = _shrunk(moved.pixels, min(1.0, shrink * matching.scale(transform)))
    path = matching.after(to_still, matching.after(transform, matching.inverse(to_source)))
    west, north = round(left * shrink), round(top * shrink)
    path[:, 2] -= (west, north)
    window = (slice(north, round(bottom * shrink)), slice(west, round(right * shrink)))
    box = still[window]
    size = (box.shape[1], box.shape[0])
    if min(size) < SMALLEST_SIDE:
        return None
    if refine:
        path = _refined(source, box, path)
    warped = cv2.warpAffine(source, path, size, flags=cv2.INTER_LINEAR)
    ours = cv2.warpAffine(_resized(moved.content, source), path, size)
    theirs = _resized(frame.content, still)[window]
    shared = ((ours > SURE) & (theirs > SURE)).astype(np.uint8)
    both = cv2.erode(shared, np.ones((3, 3), np.uint8)) > 0
    if both.sum() < SMALLEST_AREA:
        return None
    contents = (
        float((moved.content > 0).mean()) * matching.scale(path) ** 2 * source[..., 0].size,
        float((frame.content > 0).mean()) * still[..., 0].size,
    )
    coverage = min(1.0, float(both.sum()) / max(1.0, min(contents)))
    return Overlay(warped.astype(np.float32), box.astype(np.float32), both, coverage)


def _resized(mask: Pixels, like: Pixels) -> Pixels:
    return cv2.resize(mask, (like.shape[1], like.shape[0]), interpolation=cv2.INTER_AREA)


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


def _shrunk(pixels: Pixels, share: float) -> tuple[Pixels, Matrix]:
    """Return the picture at `share` of its size, averaged, and the transform that does so."""
    height, width = pixels.shape[:2]
    across, down = max(4, round(width * share)), max(4, round(height * share))
    shrunk = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA)
    x, y = across / width, down / height
    # A pixel's place is its middle: half a pixel in, before and after.
    return shrunk, np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2]])


def _refined(source: Pixels, frame: Pixels, path: Matrix) -> Matrix:
    """Return the path made exact by enhanced correlation (Evangelidis and Psarakis, 2008).

    A few keypoints are right within some pixels. Where the correlation is no better for it, the
    path stays.
    """
    share = min(1.0, REFINING_SIDE / max(frame.shape[:2]))
    still, to_still = _shrunk(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), share)
    moving, to_moving = _shrunk(cv2.cvtColor(source, cv2.COLOR_RGB2GRAY), share)
    there = matching.after(to_still, matching.after(path, matching.inverse(to_moving)))
    back = matching.inverse(there).astype(np.float32)
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, REFINING_ROUNDS, REFINING_GAIN)
    try:
        before = cv2.computeECC(still, _warped(moving, there, still.shape))
        after, found = cv2.findTransformECC(  # type: ignore[call-overload]
            still, moving, back, cv2.MOTION_AFFINE, ends, None, 3
        )
    except cv2.error:  # it raises where the pictures do not correlate at all
        return path
    better = matching.inverse(np.asarray(found, np.float64))
    refined = matching.after(matching.inverse(to_still), matching.after(better, to_moving))
    moved = float(np.abs(refined - path)[:, 2].max()) / max(frame.shape[:2])
    bent = float(np.abs(refined - path)[:, :2].max() / max(matching.scale(path), 1e-6))
    return refined if after > before and moved < 0.1 and bent < 0.15 else path


def _warped(picture: Pixels, path: Matrix, shape: tuple[int, ...]) -> Pixels:
    return cv2.warpAffine(picture, path, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
