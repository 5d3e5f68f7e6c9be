"""Thumbnails: re-encoded, found by checksum, and by nothing else."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from core.errors import NotFound
from features.base import Box
from features.imaging.decode import decode
from features.imaging.thumbnails import Thumbnails

ABSENT = "0" * 64


@pytest.fixture
def photo() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "a secret description"
    file = io.BytesIO()
    Image.linear_gradient("L").resize((900, 600)).save(file, "JPEG", exif=exif)
    return file.getvalue() + b"<script>alert(1)</script>"


def test_a_thumbnail_is_a_smaller_clean_jpeg(tmp_path: Path, photo: bytes) -> None:
    thumbnails = Thumbnails(tmp_path / "media", side=480)
    picture = decode(photo)
    thumbnails.save(picture)
    path = thumbnails.path(str(picture.sha256))
    stored = path.read_bytes()
    assert b"script" not in stored
    assert b"secret" not in stored
    with Image.open(path) as image:
        assert image.format == "JPEG"
        assert image.size == (480, 320)
    assert path.parent.name == str(picture.sha256)[:2]
    assert path.stat().st_mode & 0o777 == 0o644
    assert picture.pixels.size == (900, 600)


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    picture = decode(file.getvalue())
    thumbnails = Thumbnails(tmp_path)
    thumbnails.save(picture)
    with Image.open(thumbnails.path(str(picture.sha256))) as image:
        assert image.size == (40, 30)


def test_saving_again_changes_nothing(tmp_path: Path, photo: bytes) -> None:
    thumbnails, picture = Thumbnails(tmp_path), decode(photo)
    thumbnails.save(picture)
    path = thumbnails.path(str(picture.sha256))
    os.utime(path, ns=(1, 1))
    thumbnails.save(picture)
    assert path.stat().st_mtime_ns == 1
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


@pytest.mark.parametrize(
    "image_id",
    [ABSENT, "", "..", "../" * 20 + "etc/passwd", "A" * 64, ABSENT + "\n", "é" * 64, ABSENT[:63]],
)
def test_absent_or_ill_formed_ids_are_not_found(tmp_path: Path, image_id: str) -> None:
    with pytest.raises(NotFound):
        Thumbnails(tmp_path).path(image_id)


def test_a_crop_has_no_thumbnail(tmp_path: Path, photo: bytes) -> None:
    crop = decode(photo).crop(Box(0, 0, 0.5, 0.5))
    with pytest.raises(ValueError, match="crop"):
        Thumbnails(tmp_path).save(crop)


def test_a_copy_cut_off_anywhere_is_not_readable(tmp_path: Path, photo: bytes) -> None:
    thumbnails, picture = Thumbnails(tmp_path), decode(photo)
    key = str(picture.sha256)
    assert not thumbnails.is_readable(key)
    assert not thumbnails.is_readable("../../etc/passwd")
    thumbnails.save(picture)
    assert thumbnails.is_readable(key)
    path = thumbnails.path(key)
    whole = path.read_bytes()
    for kept in (0, 2, len(whole) // 2, len(whole) * 9 // 10):
        path.write_bytes(whole[:kept])
        assert not thumbnails.is_readable(key)
    path.write_bytes(b"<html>" + whole)
    assert not thumbnails.is_readable(key)


def test_a_large_copy_is_stored_only_where_it_shows_more(tmp_path: Path, photo: bytes) -> None:
    thumbnails = Thumbnails(tmp_path / "media", side=480)
    picture = decode(photo)
    key = str(picture.sha256)
    thumbnails.save(picture)
    assert not thumbnails.is_complete(key, 900)
    assert thumbnails.large_size(key) == (480, 320)
    thumbnails.save_large(picture)
    assert thumbnails.is_complete(key, 900)
    assert thumbnails.large_size(key) == (900, 600)
    assert b"secret" not in thumbnails.large_path(key).read_bytes()
    thumbnails.remove(key)
    assert not thumbnails.has_large(key)
    assert thumbnails.large_size(key) == (0, 0)
    with pytest.raises(NotFound):
        thumbnails.large_path(key)


def test_a_small_picture_has_no_large_copy(tmp_path: Path, photo: bytes) -> None:
    thumbnails = Thumbnails(tmp_path / "media", side=1000)
    picture = decode(photo)
    thumbnails.save(picture)
    thumbnails.save_large(picture)
    assert not thumbnails.has_large(str(picture.sha256))
    assert thumbnails.is_complete(str(picture.sha256), 900)
