"""Turns the bytes of a picture file into a `Picture`: upright, RGB, of a bounded size.

Catalogue and query pictures go through the same function, so both are reduced by the same filter.
The content decides what a file is, never its name. Its size is checked before a pixel is decoded:
2.5 kB of WebP can claim a gigabyte.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PIL import Image, ImageFile

from core.errors import LookalikeError
from features.base import Picture
from features.imaging.colour_space import to_rgb
from features.imaging.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from features.imaging.file_type import ACCEPTABLE, sniff, webp_canvas
from features.imaging.frames import read_clear_frame
from features.imaging.opening import is_animated, open_image
from features.imaging.page_detail import as_picture, decoded_size
from features.imaging.pillow_warnings import WarningSuppression

# They are about metadata that is not read, and about sizes that are checked below.
PILLOW_WARNINGS = WarningSuppression(r"PIL\.")

ORIENTATION = 0x0112
EXIF_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class DecodeLimits:
    """The accepted formats, and how large a picture may be.

    `max_pixels` names the accepted formats (of `features.imaging.file_type.ACCEPTABLE`) with the
    most pixels of each; they differ because decoders do: per pixel, WebP's takes eight times the
    memory of JPEG's with a draft. `max_pixels_side` is the long side to which pixels are reduced;
    of a long page more are kept beside them (`features.imaging.page_detail`).
    """

    max_pixels: Mapping[str, int]
    max_bytes: int = 16_000_000
    max_animated_pixels: int = 25_000_000
    max_side: int = 16_384
    max_pixels_side: int = 1280


UPLOAD_LIMITS = DecodeLimits(
    {
        "JPEG": 100_000_000,
        "PNG": 40_000_000,
        "WEBP": 16_000_000,
        "GIF": 25_000_000,
        "AVIF": 40_000_000,
        "HEIF": 50_000_000,
    },
)
"""For uploads by anybody. Telephones make HEIC files of up to 49 million pixels."""

FEED_LIMITS = DecodeLimits(
    {**UPLOAD_LIMITS.max_pixels, "WEBP": 64_000_000, "BMP": 40_000_000, "TIFF": 40_000_000},
)
"""For the catalogue's own pictures."""


def decode(data: bytes, limits: DecodeLimits = UPLOAD_LIMITS) -> Picture:
    """Return the file's picture, upright, over white, in sRGB; of an animation, a clear frame.

    Raises UnsupportedImage, UnreadableImage (truncated files included) or ImageTooLarge, and
    nothing else.
    """
    return replace(decode_pixels(data, limits), sha256=hashlib.sha256(data).hexdigest())


def decode_pixels(data: bytes, limits: DecodeLimits) -> Picture:
    """Do what `decode` does, without the checksum."""
    name = check_file(data, limits)
    try:
        with PILLOW_WARNINGS, open_image(name, data) as image:
            animated = is_animated(name, image)
            check_size(name, image.size, animated, limits)
            return _read(image, limits, animated)
    except LookalikeError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ImageTooLarge("the picture needs too much memory: send a smaller one") from error
    # On a broken file decoders raise OSError, SyntaxError, TypeError, struct.error, IndexError …
    except Exception as error:
        raise UnreadableImage(
            f"the {ACCEPTABLE[name]} file is broken or incomplete: open it in a picture editor "
            "and save it anew"
        ) from error


def check_file(data: bytes, limits: DecodeLimits) -> str:
    """Return the format of the file by its first bytes, after all checks that need no decoder.

    Raises UnsupportedImage, UnreadableImage for an empty file, or ImageTooLarge.
    """
    if not data:
        raise UnreadableImage("the file is empty: send a picture")
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(
            f"the file has {len(data) / 1e6:.1f} MB; at most {limits.max_bytes / 1e6:g} MB are "
            "accepted: make the picture smaller"
        )
    name = sniff(data)
    if name not in limits.max_pixels:
        accepted = [ACCEPTABLE[known] for known in limits.max_pixels]
        raise UnsupportedImage(
            f"this is {ACCEPTABLE.get(name, name)}: send a picture as "
            f"{', '.join(accepted[:-1])} or {accepted[-1]}"
        )
    if name == "WEBP":
        # Pillow reserves the whole canvas, twice, as soon as it opens one.
        check_size(name, *webp_canvas(data), limits)
    return name


def check_size(name: str, size: tuple[int, int], animated: bool, limits: DecodeLimits) -> None:
    """Raise ImageTooLarge when the picture is over the limits for its format."""
    most = limits.max_pixels[name]
    if animated:
        most = min(most, limits.max_animated_pixels)
    width, height = size
    if max(size) > limits.max_side or width * height > most:
        raise ImageTooLarge(
            f"the picture has {width} × {height} pixels; for {ACCEPTABLE[name]} at most "
            f"{most / 1e6:g} million and {limits.max_side} a side are accepted: make it smaller"
        )


def _read(image: ImageFile.ImageFile, limits: DecodeLimits, animated: bool) -> Picture:
    width, height = image.size
    size = decoded_size(width, height, limits.max_pixels_side)
    # libjpeg skips what the reduction would discard: 12 megapixels take a quarter of the time.
    image.draft(None, size)
    image.load()
    # After loading: PNG may keep its EXIF behind the pixels, and TIFF is turned by Pillow itself.
    turn = EXIF_TURNS.get(_orientation(image))
    pixels = read_clear_frame(image, size) if animated else to_rgb(image, size)
    if turn is not None:
        pixels = pixels.transpose(turn)
        if turn in (
            Image.Transpose.TRANSPOSE,
            Image.Transpose.TRANSVERSE,
            Image.Transpose.ROTATE_90,
            Image.Transpose.ROTATE_270,
        ):
            width, height = height, width
    return as_picture(pixels, width, height, limits.max_pixels_side)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    # Broken EXIF is common in good photos, and Pillow's reader raises errors of any kind.
    except Exception:
        return 1
