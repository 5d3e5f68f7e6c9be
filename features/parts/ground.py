"""Puts goods on a plain ground onto another ground, so that the same goods look the same.

A cut-out with a transparent ground becomes black, grey or beige around the goods, as somebody saves
it. The goods are compared on white; light goods, which white would hide, on dark grey too.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.imaging.colour_space import DARK_GROUND

WORKING_SIDE = 640
"""Longest side in pixels of a picture on another ground."""

EDGE_TOLERANCE, MIN_EDGE = 10, 0.9
"""Levels by which a plain ground's pixels may differ from its colour, and the share of the
picture's edge that must be within."""

FILL_TOLERANCE = 14
"""Levels within which the ground is filled from the edge inwards."""

HOLE_TOLERANCE, MIN_HOLE, DARKEST_HOLE = 6, 0.002, 48
"""Levels within which an enclosed piece is a hole, its least share of the picture, and the level
below which a ground is so dark that enclosed pieces may be the goods' own."""

MIN_GROUND, MAX_GROUND = 0.08, 0.98
"""Share of the picture that the ground may have."""

WHITE = 236
"""Level of all channels from which a ground is white already."""

LIGHT_LEVEL, LIGHT_SHARE = 215, 0.5
"""Level of all channels from which goods are light, and the share from which they need a dark
ground."""

MIN_CONTRAST = 2.5
"""Standard deviation of grey levels below which goods have vanished."""

Pixels = NDArray[np.uint8]


def change_ground(image: Image.Image) -> dict[str, Image.Image]:
    """Return the picture on white and, if its goods are light, on dark grey, by name.

    On a dark ground an enclosed dark piece may be a hole or the goods' own, so `filled_ground` is
    the picture on white with such pieces left as they are. {} where the ground isn't plain, or is
    white already.
    """
    if _coloured_ground(_edge(image)) is None:
        return {}
    small = image.copy()
    small.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    pixels = np.asarray(small)
    colour = _coloured_ground(_edge(small))
    if colour is None:
        return {}
    around, with_holes = _ground_masks(pixels, colour)
    if not MIN_GROUND <= float((with_holes > 0).mean()) <= MAX_GROUND:
        return {}
    goods = pixels[with_holes == 0]
    laid = {"white_ground": _lay(pixels, with_holes, (255, 255, 255))}
    is_dark_already = np.abs(colour - np.array(DARK_GROUND)).max() <= EDGE_TOLERANCE
    if float((goods.min(axis=1) >= LIGHT_LEVEL).mean()) >= LIGHT_SHARE and not is_dark_already:
        laid["dark_ground"] = _lay(pixels, with_holes, DARK_GROUND)
    if colour.max() <= DARKEST_HOLE and (around != with_holes).any():
        laid["filled_ground"] = _lay(pixels, around, (255, 255, 255))
    return {name: one for name, one in laid.items() if _contrast(one) >= MIN_CONTRAST}


def _edge(image: Image.Image) -> Pixels:
    """Return the pixels along the picture's four sides, N × 3."""
    width, height = image.size
    sides = (
        (0, 0, width, 1),
        (0, height - 1, width, height),
        (0, 0, 1, height),
        (width - 1, 0, width, height),
    )
    return np.concatenate([np.asarray(image.crop(side)).reshape(-1, 3) for side in sides])


def _coloured_ground(edge: Pixels) -> NDArray[np.int16] | None:
    """Return the colour that nearly all of the edge has; None if it has none, or it is white."""
    colour = np.median(edge, axis=0).astype(np.int16)
    is_near = np.abs(edge.astype(np.int16) - colour).max(axis=1) <= EDGE_TOLERANCE
    return colour if float(is_near.mean()) >= MIN_EDGE and colour.min() < WHITE else None


def _ground_masks(pixels: Pixels, colour: NDArray[np.int16]) -> tuple[Pixels, Pixels]:
    """Return 255 for the ground and a pixel around it, H × W: from the edge, and with holes."""
    distance = np.abs(pixels.astype(np.int16) - colour).max(axis=2)
    near = (distance <= FILL_TOLERANCE).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=4)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    outer = np.zeros(count, np.bool_)
    outer[np.unique(border)] = True
    exact = np.bincount(labels[distance <= HOLE_TOLERANCE], minlength=count)
    areas = stats[:, cv2.CC_STAT_AREA]
    holes = (areas >= MIN_HOLE * near.size) & (exact >= 0.9 * areas)
    return _mask(labels, outer), _mask(labels, outer | holes)


def _mask(labels: NDArray[np.int32], pieces: NDArray[np.bool_]) -> Pixels:
    pieces[0] = False
    mask = pieces[labels].astype(np.uint8) * np.uint8(255)
    # The pixels between goods and ground are a mixture of both.
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)


def _lay(pixels: Pixels, ground: Pixels, colour: tuple[int, int, int]) -> Image.Image:
    share = cv2.GaussianBlur(ground, (0, 0), 0.7).astype(np.float32)[..., None] / 255
    laid = pixels * (1 - share) + np.array(colour, np.float32) * share
    return Image.fromarray(np.rint(laid).astype(np.uint8))


def _contrast(image: Image.Image) -> float:
    return float(np.asarray(image.convert("L").resize((32, 32), Image.Resampling.BOX)).std())
