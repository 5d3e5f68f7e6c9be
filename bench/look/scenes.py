"""Composes scenes of several products: cut out of their pictures and put on varied grounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from bench.look.grounds import GROUNDS, draw_ground
from features.base import Box
from features.colour.ground import goods_mask

SIZE = (1200, 900)
"""Width and height of a scene in pixels."""

FEWEST, MOST = 3, 5
SMALLEST, LARGEST = 0.24, 0.44
"""Longer side of an object, as a share of the scene's height."""

GAP = 0.015
"""Least distance between two objects, as a share of the scene's width."""

MAX_TURN = 8.0
"""Degrees by which an object is turned at most."""

MAX_OPAQUE = 0.98
"""Share of a picture from which its mask covers it all: it has no ground to be cut out of."""

MIN_FILL = 0.45
"""Share of its box that a cut-out must fill; less is shreds of goods that are like their ground."""

MIN_PIECE = 0.1
"""Size of a piece, as a share of the largest, from which it belongs to the goods."""

TRIES = 100
SHRINK = 0.9
"""What an object's size is multiplied by where there was no room for it in so many tries."""


@dataclass(frozen=True)
class PlacedObject:
    """An object of a scene: the key of its product, and the box around its pixels."""

    key: str
    box: Box


@dataclass(frozen=True)
class Scene:
    """A composed photo, the name of its ground, and what it shows."""

    image: Image.Image
    ground: str
    objects: tuple[PlacedObject, ...]


def cut_out(image: Image.Image) -> Image.Image | None:
    """Return the goods of a picture without their ground, RGBA; None where no ground is found."""
    rgba = image.convert("RGBA")
    alpha = np.asarray(rgba.getchannel("A"))
    mask = alpha > 128 if alpha.min() < 128 else goods_mask(np.asarray(image.convert("RGB")))
    if not 0 < mask.mean() < MAX_OPAQUE:
        return None
    mask = _without_specks(mask)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if mask.sum() < MIN_FILL * len(rows) * len(columns):
        return None
    soft = Image.fromarray(mask.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(0.8))
    rgba.putalpha(soft)
    edges = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return rgba.crop(edges)


def compose(goods: Sequence[tuple[str, Image.Image]], number: int) -> Scene:
    """Return scene `number` of these goods (key and cut-out): equal numbers give equal scenes."""
    rng = np.random.default_rng(number)
    kind = GROUNDS[number % len(GROUNDS)]
    scene = draw_ground(kind, SIZE, rng)
    count = FEWEST + number // len(GROUNDS) % (MOST - FEWEST + 1)
    chosen = rng.choice(len(goods), min(count, len(goods)), replace=False)
    objects: list[PlacedObject] = []
    others: list[tuple[float, ...]] = []
    for index in chosen:
        key, picture = goods[int(index)]
        thing, corner = _placed(picture, others, rng)
        left, top = corner
        others.append((left, top, left + thing.width, top + thing.height))
        _lay_shadow(scene, thing, corner)
        scene.paste(thing, corner, thing)
        objects.append(PlacedObject(key, _visible_box(thing, corner)))
    return Scene(scene, kind, tuple(objects))


def _without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask without its small pieces, and without holes.

    A white label on a white ground is part of its pack.
    """
    ringed = cv2.copyMakeBorder((~mask).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, outside = cv2.connectedComponents(ringed, connectivity=4)
    mask = (outside != outside[0, 0])[1:-1, 1:-1]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = areas >= MIN_PIECE * areas.max()
    kept[0] = False
    return np.asarray(kept[labels], np.bool_)


def _placed(
    picture: Image.Image, others: Sequence[tuple[float, ...]], rng: np.random.Generator
) -> tuple[Image.Image, tuple[int, int]]:
    """Return an object as it is shown, and where there is room for it."""
    shrink = 1.0
    while True:
        thing = _varied(picture, rng, shrink)
        corner = _free_corner(thing.size, others, rng)
        if corner is not None:
            return thing, corner
        shrink *= SHRINK


def _varied(picture: Image.Image, rng: np.random.Generator, shrink: float) -> Image.Image:
    """Return an object resized, turned a little and lit otherwise."""
    side = shrink * rng.uniform(SMALLEST, LARGEST) * SIZE[1]
    scale = side / max(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    turned = picture.resize(size, Image.Resampling.LANCZOS).rotate(
        rng.uniform(-MAX_TURN, MAX_TURN), Image.Resampling.BICUBIC, expand=True
    )
    alpha = turned.getchannel("A")
    lit = ImageEnhance.Brightness(turned.convert("RGB")).enhance(rng.uniform(0.85, 1.12))
    lit.putalpha(alpha)
    return lit


def _free_corner(
    size: tuple[int, int], others: Sequence[tuple[float, ...]], rng: np.random.Generator
) -> tuple[int, int] | None:
    gap = GAP * SIZE[0]
    for _ in range(TRIES):
        left = int(rng.integers(round(gap), max(round(gap) + 1, round(SIZE[0] - size[0] - gap))))
        top = int(rng.integers(round(gap), max(round(gap) + 1, round(SIZE[1] - size[1] - gap))))
        right, bottom = left + size[0], top + size[1]
        if all(
            left > other[2] + gap
            or right < other[0] - gap
            or top > other[3] + gap
            or bottom < other[1] - gap
            for other in others
        ):
            return left, top
    return None


def _lay_shadow(scene: Image.Image, thing: Image.Image, corner: tuple[int, int]) -> None:
    """Darken the ground below and right of an object a little, as light from above does."""
    shade = thing.getchannel("A").filter(ImageFilter.GaussianBlur(9)).point(lambda a: a * 0.3)
    scene.paste((20, 18, 16), (corner[0] + 7, corner[1] + 10), shade)


def _visible_box(thing: Image.Image, corner: tuple[int, int]) -> Box:
    opaque: NDArray[np.bool_] = np.asarray(thing.getchannel("A")) > 128
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    return Box(
        (corner[0] + int(columns[0])) / SIZE[0],
        (corner[1] + int(rows[0])) / SIZE[1],
        (corner[0] + int(columns[-1]) + 1) / SIZE[0],
        (corner[1] + int(rows[-1]) + 1) / SIZE[1],
    )
