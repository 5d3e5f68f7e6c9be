"""Shoppers' photos are stored as new pixels, for a while, under names that nobody guesses."""

import os
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.search.errors import PhotoExpired
from app.search.feature_cache import new_query_id
from app.search.photo_store import PhotoStore, photo_name
from features.base import Picture

PICTURE = Picture(Image.new("RGB", (40, 30), "red"), 40, 30)


def test_what_is_stored_is_a_jpeg_of_the_pixels(tmp_path: Path) -> None:
    store, name = PhotoStore(tmp_path / "photos", 60), photo_name(new_query_id(), 1)
    assert store.store(name, PICTURE) == name
    with Image.open(BytesIO(store.load(name))) as image:
        assert (image.format, image.size, image.getexif()) == ("JPEG", (40, 30), {})
    expires = store.expires_at(name)
    assert expires is not None
    assert 0 < expires.timestamp() - time.time() <= 60


def test_an_expired_photo_is_gone_and_swept(tmp_path: Path) -> None:
    name = photo_name(new_query_id(), 1)
    PhotoStore(tmp_path, 60).store(name, PICTURE)
    old = time.time() - 61
    os.utime(tmp_path / name, (old, old))
    with pytest.raises(PhotoExpired, match="send it again"):
        PhotoStore(tmp_path, 60).load(name)
    PhotoStore(tmp_path, 60).store(photo_name(new_query_id(), 1), PICTURE)
    assert not (tmp_path / name).exists()


def test_the_oldest_go_first_where_there_are_too_many(tmp_path: Path) -> None:
    names = [photo_name(new_query_id(), 1) for _ in range(5)]
    for age, name in zip((50, 10, 20, 30, 40), names, strict=True):
        PhotoStore(tmp_path, 60).store(name, PICTURE)
        at = time.time() - age
        os.utime(tmp_path / name, (at, at))
    PhotoStore(tmp_path, 60, most=3).store(photo_name(new_query_id(), 1), PICTURE)
    assert [(tmp_path / name).exists() for name in names] == [False, True, True, True, False]


def test_nothing_is_stored_where_that_is_turned_off(tmp_path: Path) -> None:
    assert PhotoStore(tmp_path / "photos", 0).store(photo_name(new_query_id(), 1), PICTURE) == ""
    assert not (tmp_path / "photos").exists()


@pytest.mark.parametrize(
    "name", ["", ".", "../../etc/passwd", "x" * 22, f"{'x' * 22}.1/..", "\0.1"]
)
def test_other_names_reach_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(PhotoExpired):
        PhotoStore(tmp_path, 60).load(name)
