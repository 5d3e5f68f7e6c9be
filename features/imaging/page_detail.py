"""How many pixels are kept of a picture: more of a long page, whose panels are pictures.

Reduced like any other picture, a page of ten panels would have 128 pixels across.
"""

from PIL import Image

from features.base import Picture

PAGE_WIDTH = 480
"""Pixels kept of a picture's short side where the reduced picture has fewer: as many as are
compared. A page is at most `DecodeLimits.max_side` long, so that is 24 MB."""


def decoded_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the size to which a picture is reduced: at most `side`, or a PAGE_WIDTH across."""
    scale = min(1.0, max(side / max(width, height), PAGE_WIDTH / min(width, height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def is_decoded_size(width: int, height: int, side: int, max_side: int) -> bool:
    """Say whether a decoder may return so many pixels: `decoded_size` never returns more."""
    short, long = sorted((width, height))
    return short > 0 and (long <= side or (long <= max_side and short <= PAGE_WIDTH))


def as_picture(image: Image.Image, width: int, height: int, side: int) -> Picture:
    """Return the picture of decoded pixels; `width` and `height` are the file's own."""
    longest = max(image.size)
    if longest <= side:
        return Picture(image, width, height)
    scale = side / longest
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    reduced = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return Picture(reduced, width, height, detail=image)
