"""Brings any pixel format Pillow decodes to 8-bit sRGB over a plain ground, reduced on the way."""

import io
from functools import lru_cache

from PIL import Image, ImageCms, TiffImagePlugin

from features.imaging.errors import UnsupportedImage

WIDE = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N", "F"})
RANGES = (1.0, 255.0, 4095.0, 65535.0)
BITS_PER_SAMPLE = 258
PROFILE_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
MAX_PROFILE_BYTES = 4_000_000

DARK_GROUND = (64, 64, 64)
"""The ground for goods on a transparent ground that would vanish over white."""

LIGHT_LEVEL, LIGHT_SHARE = 215, 0.85
"""Grey level from which a pixel is light, and the share of opaque pixels from which goods are."""

OPAQUE = 128
"""Alpha from which a pixel counts as the goods'."""

Size = tuple[int, int]


def to_rgb(image: Image.Image, size: Size) -> Image.Image:
    """Return the loaded image as RGB of `size` (never larger than the image).

    A transparent ground becomes white, or dark grey where the goods are nearly white.

    Colours are converted after reducing, when there are few of them left. A profile that is
    broken or meant for other channels is ignored. Raises UnsupportedImage for channels that have
    no meaning as colours.
    """
    profile = image.info.get("icc_profile")
    plain = _reduce(_plain(image), size)
    if plain.mode in ("RGBA", "LA"):
        plain = _over_ground(plain)
    if isinstance(profile, bytes) and (transform := _transform(profile, plain.mode)):
        return ImageCms.applyTransform(plain, transform) or plain.convert("RGB")
    return plain.convert("RGB")


def _plain(image: Image.Image) -> Image.Image:
    """Return the image as L, LA, RGB, RGBA or CMYK: modes that a filter may average."""
    if image.mode in WIDE:
        return _eight_bit(image)
    if image.has_transparency_data:
        return image if image.mode in ("RGBA", "LA") else image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in PROFILE_SPACES:
        return image
    try:
        return image.convert("RGB")
    except ValueError as error:
        raise UnsupportedImage(f"the picture's colours are {image.mode}: save it as RGB") from error


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return greys of more than 8 bits as L; Pillow's own conversion would clip them at 255.

    16-bit files say how many bits are used. 32-bit and floating-point ones do not, so the
    smallest usual range that holds the brightest pixel is taken.
    """
    if image.mode.startswith("I;16"):
        bits = 16
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            bits = int(image.tag_v2.get(BITS_PER_SAMPLE, (16,))[0])
        top = 2.0**bits - 1
    else:
        (_, brightest) = image.getextrema()
        assert isinstance(brightest, int | float)
        top = next((top for top in RANGES if brightest <= top), float(brightest))
    scaled = image.convert("F").point(lambda value: value * (255 / top) + 0.5)
    return scaled.convert("L")


def _reduce(image: Image.Image, size: Size) -> Image.Image:
    if image.size == size:
        return image
    # Pillow weighs transparent pixels by their alpha here, so their hidden colours cannot bleed.
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _over_ground(image: Image.Image) -> Image.Image:
    """Return the picture over white; over DARK_GROUND if white would hide nearly all of it."""
    alpha = image.getchannel("A")
    colours = image.convert("L" if image.mode == "LA" else "RGB")
    levels = colours.convert("L").histogram(alpha.point(lambda value: 255 * (value >= OPAQUE)))
    opaque, is_clear = sum(levels), sum(alpha.histogram()[:OPAQUE]) > 0
    is_light = opaque > 0 and sum(levels[LIGHT_LEVEL:]) >= LIGHT_SHARE * opaque
    ground: tuple[int, ...] = DARK_GROUND if is_clear and is_light else (255, 255, 255)
    laid = Image.new(colours.mode, image.size, ground if colours.mode == "RGB" else ground[0])
    laid.paste(colours, mask=alpha)
    return laid


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the way from the profile to sRGB; None when there is none, or none is needed."""
    if len(profile) > MAX_PROFILE_BYTES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != PROFILE_SPACES.get(mode):
            return None
        if mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
