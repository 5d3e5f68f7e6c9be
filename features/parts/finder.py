"""Finds the parts of a picture that are compared on their own, beside the whole picture.

Most pictures have none. A page has its panels, a collage its tiles, a framed picture what is inside
its bars, and goods on a plain coloured ground the same goods on a neutral one.
"""

import hashlib
from dataclasses import dataclass, replace

from features.base import Box, Picture
from features.parts.bars import find_inside
from features.parts.collage import find_even_tiles, find_tiles
from features.parts.edges import small_levels
from features.parts.ground import change_ground
from features.parts.page import find_panels

WHOLE = Box(0.0, 0.0, 1.0, 1.0)

GROUND_SUFFIX = "_ground"
"""What the names of parts end with whose goods were laid on another ground."""

MIN_SIDE = 48
"""Least side of a part in pixels: below that there is nothing to compare."""


@dataclass(frozen=True)
class PicturePart:
    """A part of a picture, and how it was made: `panel`, `tile`, `inside`, `white_ground` …

    `box` is where it is in the whole picture.
    """

    kind: str
    box: Box
    picture: Picture


def find_parts(picture: Picture) -> list[PicturePart]:
    """Return the picture's parts; at most `page.MOST`, and [] for most pictures."""
    if panels := find_panels(picture.detail or picture.pixels):
        return _cut(picture, "panel", panels)
    levels = small_levels(picture.pixels)
    if min(levels.shape[:2]) < MIN_SIDE:
        return []
    if tiles := find_tiles(levels):
        return _cut(picture, "tile", tiles)
    if (inside := find_inside(levels)) is not None:
        return _cut(picture, "inside", [inside])
    if tiles := find_even_tiles(levels):
        return _cut(picture, "tile", tiles)
    return [
        PicturePart(kind, WHOLE, replace(picture, pixels=image, sha256=None, detail=None))
        for kind, image in change_ground(picture.pixels).items()
    ]


def part_id(image_id: str, kind: str, box: str) -> str:
    """Return the id under which the pixels of a picture's part are stored: 64 hex digits."""
    return hashlib.sha256(f"{image_id} {kind} {box}".encode()).hexdigest()


def _cut(picture: Picture, kind: str, boxes: list[Box]) -> list[PicturePart]:
    # Rounded as it is stored, so that both name the same pixels.
    rounded = [Box.parse(box.text) for box in boxes]
    parts = [PicturePart(kind, box, picture.crop(box)) for box in rounded]
    return [part for part in parts if min(part.picture.pixels.size) >= MIN_SIDE]
