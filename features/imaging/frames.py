"""Chooses the frame that stands for an animation: the first that shows something.

Many animations fade in from black or begin with an empty frame. Their first frame has nothing to
compare, though the file is full of pictures.
"""

from PIL import Image, ImageFile, ImageStat

from features.imaging.colour_space import Size, to_rgb

CLEAR_CONTRAST = 6.0
"""Standard deviation of grey levels from which a frame shows something: twice what the roughest
JPEG makes of an empty one (`features.phash`). A picture that is faded in passes at about an eighth
of its strength."""

CONTRAST_STEP = 1.0
"""By how much a later frame must have more contrast: compression makes some in any frame."""

SAMPLE_SIDE = 32
"""Side in pixels to which a frame is reduced before its contrast is measured."""

MAX_FRAMES, MAX_FRAME_PIXELS = 120, 100_000_000
"""How many frames, and how many pixels in all of them together, are looked through at most: about
two seconds of the largest animations that are accepted."""


def read_clear_frame(image: ImageFile.ImageFile, size: Size) -> Image.Image:
    """Return the first frame with CLEAR_CONTRAST as RGB of `size`, or else the one with the most.

    The first frame of the opened animation must be loaded. Most animations need no second one.
    """
    best, pixels = _contrast(image), to_rgb(image, size)
    most = min(MAX_FRAMES, MAX_FRAME_PIXELS // (image.width * image.height))
    for number in range(1, most):
        if best >= CLEAR_CONTRAST:
            break
        try:
            image.seek(number)
            image.load()
        # There is no further frame, or it is broken, which decoders say with errors of any kind.
        except Exception:
            break
        contrast = _contrast(image)
        if contrast > best + CONTRAST_STEP:
            best, pixels = contrast, to_rgb(image, size)
    return pixels


def _contrast(image: Image.Image) -> float:
    side = min(SAMPLE_SIDE, image.width), min(SAMPLE_SIDE, image.height)
    (deviation,) = ImageStat.Stat(to_rgb(image, side).convert("L")).stddev
    return float(deviation)
