"""Make siblings of a product from its picture: another colour, or the other side.

A shop shows one garment in ten colours by changing the colour alone, and the left side of a shoe
beside the right, its mirror image except for the lettering. No edit of a whole picture does that,
and the test pictures have too few such pairs to learn from.
"""

import io
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.edits.details import find_lone_details
from features.geometry.agreement import detail_disagreement
from features.geometry.overlap import Overlap
from features.geometry.view import shrink

QUALITY = 92
NEAR_COLOUR = 26.0
"""ΔE (CIELAB) within which a pixel has the colour of the object in the middle."""

LEAST_SHARE, MOST_SHARE = 0.06, 0.5
"""Share of the picture that the object may cover; otherwise the middle is background."""

LEAST_CHANGE, PLAIN_CHANGE = 20.0, 40.0
"""Least change (ΔE of a and b) of the object: another black is no change. PLAIN_CHANGE holds where
nothing else in the picture has a colour: there a small change could be a tint of the whole."""

COLOURED, COLOURED_SHARE = 20.0, 0.05
"""Chroma that counts as coloured, and the share of the picture that must be."""

MIDDLE = 0.12
LEAST_TURN, MOST_TURN = 25, 180
"""Degrees of hue; a smaller turn looks like different light."""

SEEN = 0.002
"""Share of drawn pixels that must differ between the mirror image and the other side."""

GREY = 12.0
"""Chroma below which there is no hue to turn, so a colour is added instead."""


def recolour(image: Image.Image, roll: Random) -> bytes | None:
    """Return the picture with the object in its middle recoloured, as a JPEG file.

    None if there is no object of a single colour.
    """
    pixels = np.asarray(image.convert("RGB")).astype(np.float32) / 255
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    where = _thing(lab)
    if where is None:
        return None
    shade = lab[..., 0].copy()
    a, b = lab[..., 1].copy(), lab[..., 2].copy()
    chromas = np.hypot(a, b)
    chroma = float(chromas[where > 0.5].mean())
    stays = float(((chromas > COLOURED) & (where < 0.5)).mean()) > COLOURED_SHARE
    turn = np.deg2rad(roll.uniform(LEAST_TURN, MOST_TURN) * roll.choice((-1, 1)))
    if chroma < GREY:
        strength = roll.uniform(25, 50)
        new_a, new_b = a + strength * np.cos(turn), b + strength * np.sin(turn)
    else:
        new_a = a * np.cos(turn) - b * np.sin(turn)
        new_b = a * np.sin(turn) + b * np.cos(turn)
    shade = np.clip(shade * roll.uniform(0.75, 1.2), 0, 100)
    changed = np.stack([shade, new_a, new_b], axis=2).astype(np.float32)
    mixed = lab * (1 - where[..., None]) + changed * where[..., None]
    rgb = np.clip(cv2.cvtColor(mixed.astype(np.float32), cv2.COLOR_LAB2RGB), 0, 1)
    changes = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., 1:] - lab[..., 1:]
    least = LEAST_CHANGE if stays else PLAIN_CHANGE
    if float(np.linalg.norm(changes, axis=2)[where > 0.5].mean()) < least:
        return None
    file = io.BytesIO()
    Image.fromarray((255 * rgb).astype(np.uint8)).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def show_other_side(image: Image.Image, roll: Random) -> bytes | None:
    """Return the mirror image with some details the right way round, as a JPEG file.

    None if no detail stands alone, because mirroring a part of something leaves a seam, or if the
    change is too small to be visible in a thumbnail.
    """
    mirrored = np.asarray(image.convert("RGB"))[:, ::-1]
    details = find_lone_details(mirrored)
    if not details:
        return None
    turned = mirrored.copy()
    for left, top, right, bottom in roll.sample(details, roll.randint(1, len(details))):
        box = turned[top:bottom, left:right]
        box[:] = box[:, ::-1].copy()
    if _seen(turned, mirrored) < SEEN:
        return None
    file = io.BytesIO()
    Image.fromarray(turned).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _seen(picture_a: NDArray[np.uint8], picture_b: NDArray[np.uint8]) -> float:
    """Return the share of drawn pixels that differ between the thumbnails of two pictures."""
    first, second = (
        shrink(Image.fromarray(picture)).astype(np.float32) for picture in (picture_a, picture_b)
    )
    everywhere = np.ones(first.shape[:2], np.bool_)
    return detail_disagreement(Overlap(first, second, everywhere, coverage=1.0))


def _thing(lab: NDArray[Any]) -> NDArray[Any] | None:
    """Return a mask of the one-coloured object in the middle, 0 to 1; None if there is none."""
    height, width = lab.shape[:2]
    down, across = max(1, round(height * MIDDLE)), max(1, round(width * MIDDLE))
    middle = lab[height // 2 - down : height // 2 + down, width // 2 - across : width // 2 + across]
    if not middle.size:
        return None
    colour = np.median(middle.reshape(-1, 3), axis=0)
    differences = lab - colour
    differences[..., 0] *= 0.5  # folds and shadows change lightness more than colour
    like = (np.linalg.norm(differences, axis=2) < NEAR_COLOUR).astype(np.uint8)
    _, pieces = cv2.connectedComponents(like)
    is_thing = (pieces == pieces[height // 2, width // 2]) & (like > 0)
    if not LEAST_SHARE <= is_thing.mean() <= MOST_SHARE:
        return None
    side = max(3, min(height, width) // 60) | 1
    closed = cv2.morphologyEx(is_thing.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((side, side)))
    return cv2.GaussianBlur(closed.astype(np.float32), (0, 0), 1.0)


SIBLINGS: Mapping[str, Callable[[Image.Image, Random], bytes | None]] = {
    "colour": recolour,
    "side": show_other_side,
}
"""The siblings that can be made, by name."""
