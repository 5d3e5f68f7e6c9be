"""Takes a product's pictures: a set, a viewport, the drawing, then grain and JPEG."""

import functools
import io
import random

import cv2
import numpy as np
from PIL import Image

from indexer.demo import ground, stage
from indexer.demo.canvas import Canvas, Viewport
from indexer.demo.design import Design, dice
from indexer.demo.kinds import KINDS, Kind
from indexer.demo.outline import Array, ellipse

LONG_SIDE = 600
QUALITY = 88
VIEWS = ("front", "detail", "scene")


def photograph(design: Design, view: str, take: str) -> Image.Image:
    """Return one of a design's `VIEW_COUNTS`; `take` seeds everything that is not the product."""
    kind = KINDS[design.kind]
    roll = dice(take, view)
    size = roll.choice(kind.frames)
    viewport = _viewport(kind, view, size, roll)
    if view == "detail":
        pixels = stage.close_up(roll, _reduced(size, 4))
    elif view == "scene":
        small = _reduced(size, 1.5)
        if kind.stands:
            foot = (kind.base - viewport.y) * viewport.zoom
            pixels = ground.room(roll, small, design.colours[0], foot)
        else:
            pixels = ground.spread(roll, small, design.colours[0])
    else:
        pixels = stage.studio(roll, _reduced(size, 2), kind.surface)
    pixels = cv2.resize(pixels.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    canvas = Canvas(pixels, viewport, roll.random() < 0.4)
    if kind.stands:
        _ground_shadow(canvas, kind.base, kind.width)
    kind.draw(canvas, design)
    return develop(canvas.pixels, roll.randrange(1000))


def _viewport(kind: Kind, view: str, size: tuple[int, int], roll: random.Random) -> Viewport:
    """Return where this view is taken from, a little different for every take."""
    x, y = kind.focus
    if view == "detail":
        zoom = roll.uniform(1.7, 2.2)
        return Viewport(*size, zoom, x + roll.uniform(-0.1, 0.1), y + roll.uniform(-0.1, 0.1))
    # An oblong frame is measured by its shorter side, which would leave things small in it.
    zoom = kind.zoom * (1.0 if size[0] == size[1] else 1.14)
    near, far = (0.86, 1.04) if view == "front" else (0.78, 0.96)
    sway = 0.03 if kind.stands else kind.sway
    return Viewport(
        *size,
        zoom * roll.uniform(near, far),
        roll.uniform(-0.16, 0.16),
        roll.uniform(-0.1, 0.1),
        roll.uniform(-sway, sway) * (1 if view == "front" else 1.6),
    )


def _reduced(size: tuple[int, int], by: float) -> tuple[int, int]:
    """Return a smaller frame: sets are drawn small, which is quick and keeps them out of focus."""
    return round(size[0] / by), round(size[1] / by)


def _ground_shadow(canvas: Canvas, base: float, width: float) -> None:
    """Draw the shadow of something standing: dark where it touches, long away from the light."""
    away = 1 if canvas.light[0] < 0 else -1
    long = canvas.cut(ellipse(away * width * 0.55, base + 0.015, width * 1.25, 0.075))
    canvas.cast(long, 0, 0, 0.07, 0.3)
    near = canvas.cut(ellipse(away * 0.03, base + 0.03, width * 0.98, 0.06))
    canvas.cast(near, 0, 0, 0.025, 0.45)


def develop(pixels: Array, seed: int) -> Image.Image:
    """Return the frame as a picture, with a little grain and a gentle shoulder in the lights."""
    height, width = pixels.shape[:2]
    grain = np.roll(_grain(), (seed, seed * 7), (0, 1))[:height, :width, None]
    levels = np.clip((pixels + grain) * 1000, 0, 1999).astype(np.uint16)
    return Image.fromarray(_shoulder()[levels])


@functools.cache
def _grain() -> Array:
    generator = np.random.Generator(np.random.PCG64(1))
    fine = generator.standard_normal((LONG_SIDE, LONG_SIDE)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(fine, (0, 0), 0.7) * np.float32(0.014))


@functools.cache
def _shoulder() -> Array:
    """Return 8-bit levels for 0 to 1.999 in thousandths.

    Above 0.88 the scale bends, so highlights keep their colour instead of clipping.
    """
    light = np.arange(2000) / 1000
    high = np.maximum(light - 0.88, 0)
    bent = np.minimum(light, 0.88) + 0.12 * (1 - np.exp(-high / 0.12))
    return np.asarray(bent * 255 + 0.5).astype(np.uint8)


def encode(picture: Image.Image) -> bytes:
    """Return a picture as JPEG."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
