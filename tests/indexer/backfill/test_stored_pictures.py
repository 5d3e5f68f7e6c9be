"""Where a stored picture's pixels come from, the second time."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from features.base import Picture
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS, decode
from features.imaging.thumbnails import Thumbnails
from indexer.backfill.stored_pictures import StoredPictureReader
from indexer.fetching.fetcher import Fetcher


class Decoding:
    """Decodes in this process."""

    def decode(self, data: bytes) -> Picture:
        return decode(data)


@pytest.fixture
def stored(tmp_path: Path) -> dict[str, Any]:
    """A picture's document; the file and its thumbnail are there."""
    noise = np.random.default_rng(3).integers(0, 256, (4, 6, 3), np.uint8)
    Image.fromarray(noise).resize((60, 40), Image.Resampling.BICUBIC).save(tmp_path / "cup.png")
    data = (tmp_path / "cup.png").read_bytes()
    Thumbnails(tmp_path / "media").save(decode(data))
    key = hashlib.sha256(data).hexdigest()
    return {"image_id": key, "url": "cup.png", "width": 60, "height": 40}


def reading(folder: Path, *, thumbnails_alone: bool = False) -> StoredPictureReader:
    fetcher = None if thumbnails_alone else Fetcher(folder, FetchSettings(), FEED_LIMITS.max_bytes)
    return StoredPictureReader(fetcher, Decoding(), Thumbnails(folder / "media"))


def pixels(picture: Picture) -> Any:
    return np.asarray(picture.pixels)


def test_the_original_is_read_where_it_is(tmp_path: Path, stored: dict[str, Any]) -> None:
    read = reading(tmp_path)
    (picture,) = read.read([stored]).values()
    assert np.array_equal(pixels(picture), np.asarray(Image.open(tmp_path / "cup.png")))
    assert read.from_thumbnails == 0


@pytest.mark.parametrize("what", ["gone", "another", "broken"])
def test_a_thumbnail_stands_in_for_an_original_that_is_not_what_it_was(
    tmp_path: Path, stored: dict[str, Any], what: str
) -> None:
    path = tmp_path / "cup.png"
    before = np.asarray(Image.open(path))
    if what == "gone":
        path.unlink()
    elif what == "another":
        Image.new("RGB", (60, 40), "red").save(path)
    else:
        path.write_bytes(b"no picture")
    read = reading(tmp_path)
    (picture,) = read.read([stored]).values()
    assert (picture.width, picture.height, picture.sha256) == (60, 40, stored["image_id"])
    assert not np.array_equal(pixels(picture), before)
    assert np.abs(pixels(picture).astype(int) - before).mean() < 30
    assert read.from_thumbnails == 1


def test_thumbnails_alone_are_read_when_asked(tmp_path: Path, stored: dict[str, Any]) -> None:
    read = reading(tmp_path, thumbnails_alone=True)
    assert list(read.read([stored])) == [stored["image_id"]]
    assert read.from_thumbnails == 1


def test_a_picture_that_is_nowhere_is_left_out(tmp_path: Path, stored: dict[str, Any]) -> None:
    assert reading(tmp_path).read([{**stored, "image_id": "0" * 64}]) == {}
