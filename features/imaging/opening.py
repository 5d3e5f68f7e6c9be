"""Opens a picture file with the one decoder that its first bytes call for."""

import io

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from pillow_heif import HeifImageFile

# A decoder has one core: requests share the machine. A thread also reserves memory of its own.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pillow_heif.options.DECODE_THREADS = 1
# A reduced picture that a file brings along may show something else than the file does.
pillow_heif.options.THUMBNAILS = False
pillow_heif.options.DEPTH_IMAGES = False
pillow_heif.options.AUX_IMAGES = False

SINGLE = frozenset({"JPEG", "HEIF"})
"""Formats whose further pictures are no animation.

A camera adds a preview or the other eye's view to a JPEG (an MPO file), a phone the next shots of
a burst to a HEIC file. Only the main picture is read.
"""


def open_image(name: str, data: bytes) -> ImageFile.ImageFile:
    """Return the file's picture before its pixels are decoded; `name` is what `sniff` returned.

    Raises whatever Pillow raises for a broken file.
    """
    file = io.BytesIO(data)
    if name == "JPEG":
        # Image.open reads the list of further pictures too, which may be broken on its own.
        return JpegImageFile(file)
    if name == "HEIF":
        # Its class is used directly: registering it would change Pillow for the whole process.
        return HeifImageFile(file)  # type: ignore[no-untyped-call]
    return Image.open(file, formats=(name,))


def is_animated(name: str, image: ImageFile.ImageFile) -> bool:
    """Return whether the file shows several frames one after another."""
    return name not in SINGLE and bool(getattr(image, "is_animated", False))
