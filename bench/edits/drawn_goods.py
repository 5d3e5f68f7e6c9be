"""Draw goods as a shop photographs them: one set, one light, and any dye, print or words on them.

Equal `photo` seeds give the same outline, folds, light and ground to the pixel, as pictures of a
made-to-order shop have. Nothing here is shared with the shop that the demo draws.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Points = tuple[tuple[float, float], ...]

SIDE = 640
"""Side of a drawn photo in pixels."""

OUTLINES: Mapping[str, Points] = {
    "towel": ((0.2, 0.14), (0.8, 0.16), (0.81, 0.86), (0.19, 0.85)),
    "apron": ((0.36, 0.1), (0.64, 0.1), (0.7, 0.36), (0.82, 0.42), (0.78, 0.9), (0.22, 0.9),
              (0.18, 0.42), (0.3, 0.36)),
    "vest": ((0.3, 0.08), (0.4, 0.08), (0.45, 0.22), (0.55, 0.22), (0.6, 0.08), (0.7, 0.08),
             (0.76, 0.34), (0.72, 0.92), (0.28, 0.92), (0.24, 0.34)),
    "jar": ((0.36, 0.2), (0.64, 0.2), (0.72, 0.3), (0.72, 0.88), (0.68, 0.93), (0.32, 0.93),
            (0.28, 0.88), (0.28, 0.3)),
    "pouch": ((0.26, 0.12), (0.74, 0.12), (0.72, 0.5), (0.78, 0.9), (0.22, 0.9), (0.28, 0.5)),
    "cup": ((0.22, 0.24), (0.72, 0.24), (0.68, 0.84), (0.62, 0.88), (0.32, 0.88), (0.26, 0.84)),
}  # fmt: skip
"""Corners of each kind of goods, as shares of the side."""

HARD = ("jar", "cup")
"""Goods that are round and hard: lit across, without folds."""

FONTS = {
    "fit": ("", "DejaVuSerif.ttf", "DejaVuSansMono-Bold.ttf"),
    "calibrate": ("", "DejaVuSerif-Bold.ttf", "DejaVuSansMono.ttf"),
    "test": ("DejaVuSansCondensed-Bold.ttf", "DejaVuSerifCondensed.ttf", "DejaVuSans.ttf"),
}
"""Fonts by split; "" is Pillow's own, which also stands for one that is not installed."""

SHAPES = ("ring", "moon", "bolt", "house", "drop", "fish", "check", "sun")


@dataclass(frozen=True)
class DrawnGoods:
    """Goods in one photo. `print_name` is one of SHAPES or a word, `words` the label's lines.

    `trim` is the colour of a strap, lid or hem, and None for goods without one.
    """

    photo: str
    colour: Colour
    print_name: str = ""
    print_colour: Colour = (250, 250, 250)
    words: tuple[str, ...] = ()
    trim: Colour | None = None
    font: str = ""


def draw_goods(goods: DrawnGoods, ground: Colour | None = None) -> Image.Image:
    """Return the photo, SIDE × SIDE; on a plain ground without a shadow, if one is given."""
    roll = random.Random(goods.photo)
    kind = roll.choice(tuple(OUTLINES))
    picture = _ground(roll)
    outline = [(x * SIDE, y * SIDE) for x, y in OUTLINES[kind]]
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(1.2))
    shadow = mask.filter(ImageFilter.GaussianBlur(14)).point(lambda level: round(level * 0.3))
    offset = (roll.randint(4, 14), roll.randint(4, 14))
    if roll.random() < 0.7:
        picture.paste((40, 40, 46), offset, shadow)
    if ground is not None:
        picture = Image.new("RGB", (SIDE, SIDE), ground)
    shade = _shade(kind, roll)
    dyed = np.array(goods.colour, np.float32) * shade[..., None]
    picture.paste(_picture(dyed), mask=mask)
    _trim(picture, goods, kind, shade)
    if goods.print_name:
        size = roll.choice((0.1, 0.16, 0.26))
        left, top = roll.uniform(0.36, 0.62 - size) * SIDE, roll.uniform(0.42, 0.5) * SIDE
        box = (left, top, left + size * SIDE, top + size * SIDE)
        draw_print(picture, goods.print_name, goods.print_colour, box, goods.font)
    elif goods.words:
        _label(picture, goods, roll)
    return picture


def draw_print(
    picture: Image.Image,
    name: str,
    colour: Colour,
    box: tuple[float, ...],
    font: str = "",
) -> None:
    """Draw one of SHAPES, or a word, into a box (left, top, right, bottom, in pixels)."""
    side = 256
    mask = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mask)
    if name in SHAPES:
        _shape(pen, name, side)
    else:
        letters = open_font(font, round(side * 1.5 / max(2, len(name))))
        pen.text((side / 2, side / 2), name, 255, letters, "mm")
    left, top, right, bottom = (round(edge) for edge in box)
    size = (max(4, right - left), max(4, bottom - top))
    picture.paste(colour, (left, top), mask.resize(size, Image.Resampling.LANCZOS))


def open_font(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font of this size; Pillow's own where the named one is not installed."""
    try:
        return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    except OSError:
        return ImageFont.load_default(size)


def smooth_noise(seed: int, side: int, cells: int) -> NDArray[np.float32]:
    """Return smooth noise, 0 to 1, `side` × `side`, about `cells` bumps across."""
    chance = np.random.default_rng(seed)
    total = np.zeros((side, side), np.float32)
    for octave in range(4):
        count = cells * 2**octave
        layer = chance.random((count, count)).astype(np.float32)
        total += 0.5**octave * cv2.resize(layer, (side, side), interpolation=cv2.INTER_CUBIC)
    low, high = float(total.min()), float(total.max())
    scaled: NDArray[np.float32] = (total - low) / max(1e-6, high - low)
    return scaled


def _ground(roll: random.Random) -> Image.Image:
    """Draw what the goods lie on: plain, fading, or a wall above a table."""
    kind = roll.choice(("white", "white", "plain", "fading", "room"))
    if kind in ("white", "plain"):
        level = roll.randint(130, 245)
        plain = (
            (255, 255, 255) if kind == "white" else (level, level - 6, level - roll.randint(0, 30))
        )
        return Image.new("RGB", (SIDE, SIDE), plain)
    base = np.array([roll.randint(120, 235) for _ in range(3)], np.float32)
    noise = smooth_noise(roll.randrange(10**6), SIDE, 3)
    if kind == "fading":
        down = np.linspace(1, roll.uniform(0.7, 0.95), SIDE, dtype=np.float32)[:, None, None]
        return _picture(np.broadcast_to(base * down, (SIDE, SIDE, 3)))
    wall = base * (0.85 + 0.15 * noise[..., None])
    table = np.array([roll.randint(60, 180) for _ in range(3)], np.float32)
    edge = round(SIDE * roll.uniform(0.6, 0.8))
    grain = smooth_noise(roll.randrange(10**6), SIDE, 9)
    wall[edge:] = table * (0.7 + 0.4 * grain[edge:, :, None])
    return _picture(wall)


def _shade(kind: str, roll: random.Random) -> NDArray[np.float32]:
    """Return the light on the goods, about 0.6 to 1.1."""
    folds = smooth_noise(roll.randrange(10**6), SIDE, roll.randint(2, 5))
    if kind not in HARD:
        fine = smooth_noise(roll.randrange(10**6), SIDE, 40)
        return 0.7 + 0.32 * folds + 0.06 * fine
    across = np.linspace(-1, 1, SIDE, dtype=np.float32)[None, :]
    peak = roll.uniform(-0.25, 0.05)
    lit = 0.62 + 0.45 * np.exp(-(((across - peak) / 0.28) ** 2)) + 0.04 * (folds - 0.5)
    shade: NDArray[np.float32] = lit.astype(np.float32)
    return shade


def _trim(picture: Image.Image, goods: DrawnGoods, kind: str, shade: NDArray[np.float32]) -> None:
    """Draw a lid, handle or hem in the trim's own colour."""
    if goods.trim is None:
        return
    top, bottom = (0.12, 0.24) if kind in HARD else (0.76, 0.83)
    left, right = (0.38, 0.62) if kind in HARD else (0.3, 0.7)
    corners = [SIDE * share for share in (left, top, right, bottom)]
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).rounded_rectangle(corners, 6, fill=255)
    picture.paste(_picture(np.array(goods.trim, np.float32) * shade[..., None]), mask=mask)


def _label(picture: Image.Image, goods: DrawnGoods, roll: random.Random) -> None:
    """Paste a paper label with its lines of words."""
    pen = ImageDraw.Draw(picture)
    left, top, right, bottom = (SIDE * share for share in (0.31, 0.46, 0.69, 0.74))
    paper = roll.choice(((250, 250, 245), (238, 226, 200), (30, 34, 40)))
    ink = (245, 245, 240) if sum(paper) < 300 else (28, 28, 36)
    pen.rectangle((left, top, right, bottom), fill=paper)
    size = roll.choice((0.05, 0.06, 0.07)) * SIDE
    for number, line in enumerate(goods.words):
        height = size if number == 0 else size * 0.62
        font = open_font(goods.font, round(min(height, 1.5 * (right - left) / max(4, len(line)))))
        pen.text((SIDE / 2, top + size * (0.8 + 1.05 * number)), line, ink, font, "mm")


def _shape(pen: ImageDraw.ImageDraw, name: str, side: int) -> None:
    """Draw one of SHAPES in white."""

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * side, y * side) for x, y in points]

    if name == "ring":
        pen.ellipse(at((0.08, 0.08), (0.92, 0.92)), outline=255, width=side // 6)
    elif name == "moon":
        pen.ellipse(at((0.1, 0.1), (0.9, 0.9)), fill=255)
        pen.ellipse(at((0.32, 0.02), (1.0, 0.72)), fill=0)
    elif name == "bolt":
        pen.polygon(at((0.6, 0.04), (0.2, 0.56), (0.46, 0.56), (0.36, 0.96), (0.8, 0.4),
                       (0.52, 0.4)), fill=255)  # fmt: skip
    elif name == "house":
        pen.polygon(at((0.5, 0.06), (0.08, 0.48), (0.92, 0.48)), fill=255)
        pen.rectangle(at((0.2, 0.5), (0.8, 0.94)), fill=255)
        pen.rectangle(at((0.42, 0.64), (0.58, 0.94)), fill=0)
    elif name == "drop":
        pen.ellipse(at((0.2, 0.38), (0.8, 0.96)), fill=255)
        pen.polygon(at((0.5, 0.02), (0.24, 0.56), (0.76, 0.56)), fill=255)
    elif name == "fish":
        pen.ellipse(at((0.04, 0.28), (0.74, 0.72)), fill=255)
        pen.polygon(at((0.64, 0.5), (0.96, 0.24), (0.96, 0.76)), fill=255)
    elif name == "check":
        pen.line(at((0.1, 0.55), (0.4, 0.84), (0.9, 0.16)), fill=255, width=side // 7)
    else:
        pen.ellipse(at((0.3, 0.3), (0.7, 0.7)), fill=255)
        for step in range(8):
            turn = step * math.pi / 4
            tip = (0.5 + 0.46 * math.cos(turn), 0.5 + 0.46 * math.sin(turn))
            foot = (0.5 + 0.26 * math.cos(turn), 0.5 + 0.26 * math.sin(turn))
            pen.line(at(foot, tip), fill=255, width=side // 16)


def _picture(levels: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))
