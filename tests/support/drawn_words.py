"""Words drawn on plain paper."""

from PIL import Image, ImageDraw, ImageFont

from features.base import Picture
from indexer.demo.lettering import is_japanese, japanese_font


def written(*words: str, size: int = 40, turn: int = 0, upright: bool = False) -> Picture:
    """Return a picture of 480 × 360 pixels with a word a line; `turn` in degrees anticlockwise.

    The letters of `upright` words stand below each other, each word in a column.
    """
    drawing = Image.new("RGB", (480, 360), "white")
    pen = ImageDraw.Draw(drawing)
    for row, word in enumerate(words):
        font = (
            ImageFont.truetype(str(japanese_font()), size)
            if is_japanese(word)
            else ImageFont.load_default(size)
        )
        if upright:
            for at, letter in enumerate(word):
                pen.text((400 - 90 * row, 60 + 1.1 * size * at), letter, "black", font, "mm")
        else:
            pen.text((240, 60 + 90 * row), word, "black", font, "mm", stroke_width=1)
    pixels = drawing.rotate(turn, expand=True, fillcolor="white")
    return Picture(pixels, *pixels.size)
