"""The protocol between the decoding sandbox and its children, over a socket."""

import io
import socket
import struct
import time
from collections.abc import Iterator

import pillow_heif
from PIL import Image, ImageCms

from core.errors import LookalikeError
from features.imaging.errors import ImageTooLarge, UnreadableImage, UnsupportedImage

LENGTH = struct.Struct("<Q")
ANSWER = struct.Struct("<BIIII")
"""Kind, width, height, pixels' width, pixels' height; of a refusal: kind and message length."""

READY = b"R"
REFUSALS: tuple[type[LookalikeError], ...] = (UnsupportedImage, UnreadableImage, ImageTooLarge)
DECODED = len(REFUSALS)


def receive(link: socket.socket, length: int, deadline: float | None = None) -> bytearray:
    """Return exactly `length` bytes.

    Raises EOFError when the other side has closed, TimeoutError when `time.monotonic()` passes
    `deadline` first.
    """
    data = bytearray(length)
    view = memoryview(data)
    while view:
        if deadline is not None:
            link.settimeout(max(0.001, deadline - time.monotonic()))
        count = link.recv_into(view)
        if count == 0:
            raise EOFError
        view = view[count:]
    return data


def example_files() -> Iterator[bytes]:
    """Yield a tiny picture of every accepted format, with metadata."""
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (2, 2))
    for format_ in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
        file = io.BytesIO()
        image.save(file, format_, exif=exif, icc_profile=profile)
        yield file.getvalue()
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, exif=exif.tobytes())
    yield file.getvalue()
