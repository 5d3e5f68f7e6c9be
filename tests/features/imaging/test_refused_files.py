"""Decoding: which files are refused, before they cost anything, and with what words."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from features.imaging.decode import FEED_LIMITS, UPLOAD_LIMITS, decode
from features.imaging.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from tests.support.picture_files import drawn, outcome, saved


@pytest.mark.parametrize("format_", list(FEED_LIMITS.max_pixels))
def test_a_format_is_known_by_its_content(format_: str) -> None:
    data = saved(drawn(), format_)
    assert outcome(data, FEED_LIMITS) == "Picture"
    expected = "UnsupportedImage" if format_ in ("BMP", "TIFF") else "Picture"
    assert outcome(data, UPLOAD_LIMITS) == expected


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "video"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"%PDF-1.7\n", "PDF"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\xef\xbb\xbf  <SVG>", "SVG"),
        (b"<!doctype html>", "web page"),
        (b"PK\3\4zip", "ZIP"),
        (b"hello", "no picture"),
    ],
)
def test_other_files_are_named_with_what_to_send(start: bytes, what: str) -> None:
    with pytest.raises(UnsupportedImage) as caught:
        decode(start + bytes(100))
    assert what in str(caught.value)
    assert "JPEG, PNG, WebP, GIF, AVIF or HEIC" in str(caught.value)


@pytest.mark.parametrize("format_", list(UPLOAD_LIMITS.max_pixels))
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_pictures_are_refused(format_: str, share: float) -> None:
    data = saved(drawn((400, 300)), format_)
    with pytest.raises(UnreadableImage):
        decode(data[: int(len(data) * share)])


def test_truncated_photos_are_refused_at_every_length(shared_data: Path) -> None:
    data = next((shared_data / "grocery" / "queries").glob("*.jpg")).read_bytes()
    for length in range(1, len(data) - 2, len(data) // 40):
        assert outcome(data[:length], UPLOAD_LIMITS) in ("UnreadableImage", "UnsupportedImage")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="empty"):
        decode(b"")


def test_a_large_file_is_refused_unread() -> None:
    with pytest.raises(ImageTooLarge, match="16 MB"):
        decode(b"\xff\xd8\xff" + bytes(UPLOAD_LIMITS.max_bytes))


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that claims its size and holds no pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def webp_of(width: int, height: int, animated: bool = False) -> bytes:
    flags = bytes((2 if animated else 0, 0, 0, 0))
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + flags + size
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


@pytest.mark.parametrize(
    "data",
    [
        png_of(6400, 6400),
        png_of(13_300, 13_300),
        png_of(100_000, 1),
        png_of(2**30, 2**30),
        webp_of(4001, 4000),
        webp_of(16_384, 16_384),
    ],
    ids=["41 MP", "177 MP", "side", "2**60", "WebP 16 MP", "WebP 268 MP"],
)
def test_bombs_are_refused_before_decoding(data: bytes) -> None:
    with pytest.raises(ImageTooLarge, match=r"make it smaller|send a smaller one"):
        decode(data)


def test_an_animation_has_its_own_limit() -> None:
    limits = replace(FEED_LIMITS, max_animated_pixels=1_000_000)
    with pytest.raises(ImageTooLarge):
        decode(webp_of(2000, 1000, animated=True), limits)
    # Not animated, it only lacks its pixels.
    with pytest.raises(UnreadableImage):
        decode(webp_of(2000, 1000), limits)


def test_a_real_lossless_webp_bomb_is_refused() -> None:
    data = saved(Image.new("RGB", (8000, 8000), "red"), "WEBP", lossless=True)
    assert len(data) < 100_000
    with pytest.raises(ImageTooLarge):
        decode(data)
