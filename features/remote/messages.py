"""What client and feature service send each other: pixels there, JSON values back.

A request is the length of its head (4 bytes, big-endian), the head as JSON, and the pixels of
its pictures one after another: RGB, 8 bits a channel, row by row, then those of the picture's
`detail` where it has one. Nothing is compressed, so the service sees the very pixels that would
have been seen here. An answer is a JSON list with a value a picture.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson
from PIL import Image

from core.errors import InvalidQuery
from features.base import Json, Picture

METHODS = frozenset(
    {"extract", "extract_query", "extract_photo", "extract_stored_photo", "read_text"}
)
"""The methods of features that look at pictures."""

PATH = "/v1/extract/"
"""Path of the service, before the lane's name."""

MAX_PICTURES = 64
MAX_SIDE = 16_384
MAX_BYTES = 64 * 1024 * 1024
"""Limit on one request; a decoded picture has at most 5 MB."""

LENGTH = struct.Struct(">I")


class Lane(StrEnum):
    """Whether somebody waits for the answer; the service takes up `REALTIME` first."""

    REALTIME = "realtime"
    BATCH = "batch"


@dataclass(frozen=True)
class ExtractionCall:
    """A method of a feature, called on pictures.

    `mark` is the client's fingerprint of the feature; `accurate` is for `extract_photo` alone.
    """

    feature: str
    mark: Mapping[str, Json]
    method: str
    pictures: Sequence[Picture]
    accurate: bool = False


def encode_call(call: ExtractionCall) -> bytes:
    """Return the bytes of a request."""
    head = orjson.dumps(
        {
            "feature": call.feature,
            "mark": call.mark,
            "method": call.method,
            "accurate": call.accurate,
            "pictures": [_describe(picture) for picture in call.pictures],
        }
    )
    return b"".join([LENGTH.pack(len(head)), head, *_pixels(call.pictures)])


def decode_call(body: bytes) -> ExtractionCall:
    """Return what a request asks for; raises InvalidQuery where its bytes make no sense."""
    try:
        (length,) = LENGTH.unpack_from(body)
        head = orjson.loads(body[LENGTH.size : LENGTH.size + length])
        described = head["pictures"]
        if head["method"] not in METHODS or not 1 <= len(described) <= MAX_PICTURES:
            raise ValueError("unknown method, or no pictures, or too many")
        reader = _PixelReader(memoryview(body)[LENGTH.size + length :])
        pictures = tuple(_picture(one, reader) for one in described)
        reader.check_end()
        return ExtractionCall(
            str(head["feature"]),
            dict(head["mark"]),
            head["method"],
            pictures,
            head["accurate"] is True,
        )
    except (KeyError, TypeError, ValueError, struct.error) as error:
        raise InvalidQuery(
            f"the request is no call of a feature ({error}): client and service must be of the "
            "same version of lookalike"
        ) from error


def size_bytes(picture: Picture) -> int:
    """Return how many bytes of pixels are sent of a picture."""
    return sum(3 * image.width * image.height for image in _images(picture))


def _images(picture: Picture) -> Iterator[Image.Image]:
    yield picture.pixels
    if picture.detail is not None:
        yield picture.detail


def _pixels(pictures: Sequence[Picture]) -> Iterator[bytes]:
    for picture in pictures:
        for image in _images(picture):
            yield image.tobytes()


def _describe(picture: Picture) -> Json:
    return {
        "size": picture.pixels.size,
        "detail": picture.detail.size if picture.detail is not None else None,
        "width": picture.width,
        "height": picture.height,
        "sha256": picture.sha256,
    }


class _PixelReader:
    """Takes images off a request's bytes."""

    def __init__(self, content: memoryview) -> None:
        self._content = content

    def take(self, size: Sequence[int]) -> Image.Image:
        width, height = (int(side) for side in size)
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise ValueError(f"a picture of {width} × {height} pixels")
        length = 3 * width * height
        if len(self._content) < length:
            raise ValueError("its pixels end early")
        image = Image.frombytes("RGB", (width, height), bytes(self._content[:length]))
        self._content = self._content[length:]
        return image

    def check_end(self) -> None:
        if self._content:
            raise ValueError(f"{len(self._content)} bytes too many")


def _picture(described: Json, reader: _PixelReader) -> Picture:
    pixels = reader.take(described["size"])
    detail = reader.take(described["detail"]) if described["detail"] else None
    sha256 = described["sha256"]
    return Picture(
        pixels,
        int(described["width"]),
        int(described["height"]),
        None if sha256 is None else str(sha256),
        detail,
    )
