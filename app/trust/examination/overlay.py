"""Draws one picture laid over another, and marks where the two differ."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.geometry.alignment import Alignment

FULL_STRENGTH = 40.0
"""ΔE (CIELAB) from which a difference is drawn at full strength: black against mid-grey is 53."""

INVISIBLE = 8.0
"""ΔE below which nothing is drawn.

Of 60 test pictures saved again as JPEG of quality 60, 0.7 % of the pixels lie above.
"""

MARK = (205, 30, 10)
"""The colour of a difference, RGB: dark enough to stand out without seeing its hue."""

OUTSIDE = (150, 150, 150)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class PictureOverlay:
    """A picture warped into another's frame.

    `pixels` is height × width × 3, RGB; `covered` is height × width and says where the picture
    reaches.
    """

    pixels: Pixels
    covered: NDArray[np.bool_]

    def to_image(self) -> Image.Image:
        """Return it as RGBA, transparent where the picture does not reach."""
        alpha = np.where(self.covered, 255, 0).astype(np.uint8)
        return Image.fromarray(np.dstack([self.pixels, alpha]))


def lay_over(member: Image.Image, other: Image.Image, alignment: Alignment) -> PictureOverlay:
    """Return `member` as it lies over `other`, in the pixels of `other`.

    Both may be larger or smaller than when `alignment` was found.
    """
    matrix = scaled_transform(alignment, member.size, other.size)
    pixels: Pixels = np.asarray(member.convert("RGB"))
    shrink = _growth(matrix, member.size)
    if 0 < shrink < 1:
        # warpAffine samples single pixels; a shrunk picture needs their mean.
        size = (max(1, round(member.width * shrink)), max(1, round(member.height * shrink)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        matrix = matrix @ np.diag([member.width / size[0], member.height / size[1], 1])
    warped = cv2.warpPerspective(
        pixels, matrix, other.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    reach = np.full(pixels.shape[:2], 255, np.uint8)
    covered = cv2.warpPerspective(reach, matrix, other.size, flags=cv2.INTER_NEAREST)
    return PictureOverlay(warped.astype(np.uint8), covered > 0)


def difference(overlay: PictureOverlay, other: Image.Image) -> Image.Image:
    """Return `other` in pale grey, marked where the overlay's colours differ from it.

    A shift of all colours alike (another exposure, another white balance) is taken out first.
    What the overlay does not cover is flat grey.
    """
    below: Pixels = np.asarray(other.convert("RGB"))
    delta = colour_difference(overlay, other)
    strength = np.clip((delta - INVISIBLE) / (FULL_STRENGTH - INVISIBLE), 0, 1)[..., None]
    grey = 0.45 * cv2.cvtColor(below, cv2.COLOR_RGB2GRAY)[..., None] + 0.55 * 255
    drawn = (1 - strength) * grey + strength * np.array(MARK)
    drawn[~overlay.covered] = OUTSIDE
    return Image.fromarray(np.rint(drawn).astype(np.uint8))


def colour_difference(overlay: PictureOverlay, other: Image.Image) -> NDArray[np.float32]:
    """Return height × width ΔE (CIELAB) between an overlay and what it lies over.

    A shift of all colours alike is taken out first. Outside the overlay the values mean nothing.
    """
    below: Pixels = np.asarray(other.convert("RGB"))
    delta_lab = _lab(overlay.pixels) - _lab(below)
    if overlay.covered.any():
        delta_lab -= np.median(delta_lab[overlay.covered], axis=0)
    delta = np.linalg.norm(delta_lab, axis=2)
    return np.asarray(cv2.GaussianBlur(delta, (0, 0), 1.0), np.float32)


def scaled_transform(
    alignment: Alignment, size: tuple[int, int], other_size: tuple[int, int]
) -> NDArray[np.float64]:
    """Return the 3 × 3 transform between pictures of these sizes (width and height)."""
    transform = np.array(alignment.matrix)
    before = np.diag([alignment.size[0] / size[0], alignment.size[1] / size[1], 1])
    after = np.diag(
        [other_size[0] / alignment.other_size[0], other_size[1] / alignment.other_size[1], 1]
    )
    return np.asarray(after @ transform @ before, np.float64)


def _growth(matrix: NDArray[np.float64], size: tuple[int, int]) -> float:
    """Return the factor by which lengths grow in the middle of a picture of this size."""
    depth = float(matrix[2] @ (size[0] / 2, size[1] / 2, 1))
    return float(np.sqrt(abs(np.linalg.det(matrix) / depth**3)))


def _lab(pixels: Pixels) -> NDArray[np.float32]:
    """Return CIELAB, L from 0 to 100, blurred a little: resampling moves edges by half a pixel."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.8)
    return cv2.cvtColor(soft.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float32)
