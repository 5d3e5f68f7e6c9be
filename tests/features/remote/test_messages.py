"""A call comes out of its bytes as it went in."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from core.errors import InvalidQuery
from features.base import Picture
from features.remote.messages import ExtractionCall, decode_call, encode_call, size_bytes
from tests.support.pictures import clothing, plain

MARK = {"version": 1, "identity": {"model": "m", "dims": 3}}


def call(*pictures: Picture) -> ExtractionCall:
    return ExtractionCall("pdq", MARK, "extract_photo", pictures, accurate=True)


def test_pixels_sizes_and_checksums_arrive_unchanged(shared_data: Path) -> None:
    pictures = [*clothing(shared_data, 2), plain("red", (1, 3))]
    page = Image.new("RGB", (9, 40), "green")
    sent = call(*pictures, replace(pictures[0], detail=page, width=900))
    arrived = decode_call(encode_call(sent))
    assert replace(arrived, pictures=()) == replace(sent, pictures=())
    for before, after in zip(sent.pictures, arrived.pictures, strict=True):
        assert after.pixels.tobytes() == before.pixels.tobytes()
        assert after.pixels.size == before.pixels.size
        assert (after.width, after.height, after.sha256) == (
            before.width,
            before.height,
            before.sha256,
        )
    detail = arrived.pictures[-1].detail
    assert detail is not None
    assert hashlib.sha256(detail.tobytes()).digest() == hashlib.sha256(page.tobytes()).digest()
    assert size_bytes(arrived.pictures[-1]) == size_bytes(pictures[0]) + 3 * 9 * 40


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"extract_photo"', b'"__init__"     '),
        (b'"size":[2,2]', b'"size":[2,9]'),
        (b'"size":[2,2]', b'"size":[2,1]'),
        (b'"size":[2,2]', b'"size":[0,2]'),
        (b'"pictures":[', b'"picturez":['),
        (b'{"feature"', b'["feature"'),
    ],
)
def test_bytes_that_make_no_sense_are_refused(was: bytes, becomes: bytes) -> None:
    body = encode_call(call(plain("blue", (2, 2))))
    assert was in body
    with pytest.raises(InvalidQuery, match="no call of a feature"):
        decode_call(body.replace(was, becomes))


@pytest.mark.parametrize("length", [0, 3, 10, 150])
def test_a_call_that_ends_early_is_refused(length: int) -> None:
    with pytest.raises(InvalidQuery):
        decode_call(encode_call(call(plain("blue", (2, 2))))[:length])
