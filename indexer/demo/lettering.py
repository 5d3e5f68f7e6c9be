"""Words on things: Pillow's own font for Latin letters, Noto CJK for Japanese where it is there.

Pillow's font is the same everywhere, so Latin labels are the same bytes on every machine. A
machine without Noto CJK prints the Latin word instead of the Japanese one.
"""

import functools
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from indexer.demo.outline import Array

CJK = tuple(
    Path(folder) / "NotoSansCJK-Bold.ttc"
    for folder in (
        "/usr/share/fonts/opentype/noto",
        "/usr/share/fonts/noto-cjk",
        "/usr/share/fonts/google-noto-cjk",
    )
)
"""Where Debian, Arch and Fedora keep the font."""


@functools.cache
def japanese_font() -> Path | None:
    """Return the Japanese font's file, or None where there is none."""
    return next((path for path in CJK if path.is_file()), None)


def is_japanese(text: str) -> bool:
    """Say whether any character is from the CJK blocks."""
    return any(ord(character) > 0x2E7F for character in text)


@functools.cache
def _font(size: int, japanese: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = japanese_font() if japanese else None
    if path is None:
        return ImageFont.load_default(size)
    return ImageFont.truetype(str(path), size)


@functools.cache
def words(text: str) -> Array:
    """Return the text as a tight mask (rows, columns) of 0 to 1, letters 96 pixels to the em.

    Letters are spaced a little, as on packaging. Japanese needs `japanese_font`.
    """
    japanese = is_japanese(text)
    font = _font(96, japanese)
    weight = 0 if japanese else 2
    places = [20.0]
    for letter in text:
        places.append(places[-1] + font.getlength(letter) + 8)
    drawing = Image.new("L", (int(places[-1]) + 20, 150), 0)
    pen = ImageDraw.Draw(drawing)
    for place, letter in zip(places, text, strict=False):
        pen.text((round(place), 10), letter, 255, font, stroke_width=weight)
    box = drawing.getbbox() or (0, 0, 1, 1)
    return np.asarray(drawing.crop(box), np.float32) / 255


def imprint(mask: Array, u: Array, v: Array, box: tuple[float, float], pixel: float) -> Array:
    """Return `mask`, fitted into a box (width, height) of object units about u = v = 0.

    The mask keeps its proportions; points outside get 0. `pixel` is a pixel's size in units.
    """
    rows, columns = mask.shape
    scale = max(columns / box[0], rows / box[1])
    spacing = pixel * scale
    if spacing > 1.5:
        # Sampled finer than it is seen, thin strokes would break: blur to the pixel's own size.
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), spacing * 0.35))
    x = np.asarray(u * scale + columns / 2 - 0.5, np.float32)
    y = np.asarray(v * scale + rows / 2 - 0.5, np.float32)
    return np.asarray(cv2.remap(mask, x, y, cv2.INTER_LINEAR, borderValue=0))
