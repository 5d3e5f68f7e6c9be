"""A drawn picture, the files it is saved as, and how decoding them ends."""

import hashlib
import io

import pillow_heif
from PIL import Image, ImageChops, ImageDraw, ImageStat

from features.base import Picture
from features.imaging.decode import DecodeLimits, decode
from features.imaging.errors import ImageTooLarge, UnreadableImage, UnsupportedImage


def drawn(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Draw something without any symmetry."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((5, 5, size[0] // 3, size[1] // 4), fill="red")
    draw.ellipse((size[0] // 2, size[1] // 2, size[0] - 3, size[1] - 3), fill="blue")
    return image


def saved(image: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    """Return the picture as a file of a format, by Pillow's name for it."""
    file = io.BytesIO()
    if format_ == "HEIF":
        pillow_heif.from_pillow(image).save(file, **options)
    else:
        image.save(file, format_, **options)
    return file.getvalue()


def outcome(data: bytes, limits: DecodeLimits) -> str:
    """Return `Picture`, or the name of the error that decoding ends with."""
    try:
        picture = decode(data, limits)
    except (UnsupportedImage, UnreadableImage, ImageTooLarge) as error:
        return type(error).__name__
    assert isinstance(picture, Picture)
    assert picture.pixels.mode == "RGB"
    assert max(picture.pixels.size) <= limits.max_pixels_side
    assert picture.sha256 == hashlib.sha256(data).hexdigest()
    return "Picture"


def mean_difference(a: Image.Image, b: Image.Image) -> float:
    """Return the mean difference of the channel that differs most, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(a, b)).mean)
