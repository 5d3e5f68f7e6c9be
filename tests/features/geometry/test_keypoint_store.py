"""The store of keypoints: one file a picture, read again and removed with it."""

from pathlib import Path

from PIL import Image

from features.base import Picture
from features.geometry.comparison import compare
from features.geometry.keypoint_store import KeypointStore
from features.imaging.thumbnails import Thumbnails
from tests.features.geometry.pictures import CARTON, load


def test_pictures_without_alignment_are_compared_without_reading_pixels(
    photo: Image.Image, shared_data: Path, tmp_path: Path
) -> None:
    thumbnails, folder = Thumbnails(tmp_path / "media"), tmp_path / "keypoints"
    keys = "ab" * 32, "cd" * 32
    for key, picture in zip(keys, (photo, load(shared_data, CARTON)), strict=True):
        thumbnails.save(Picture(picture, *picture.size, sha256=key))
        assert KeypointStore(folder, thumbnails).view(key) is not None
    store = KeypointStore(folder, thumbnails)
    first, second = (store.view(key) for key in keys)
    assert first is not None
    assert second is not None
    assert compare(first, second) is None
    assert not {"pixels"} & (vars(first).keys() | vars(second).keys())


def test_store_keeps_keypoints_and_finds_them_again(photo: Image.Image, tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path / "media")
    key = "ab" * 32
    thumbnails.save(Picture(photo, *photo.size, sha256=key))
    first = KeypointStore(tmp_path / "keypoints", thumbnails).view(key)
    again = KeypointStore(tmp_path / "keypoints", thumbnails).view(key)
    assert first is not None
    assert again is not None
    assert (first.keypoints.histograms == again.keypoints.histograms).all()
    (kept,) = (tmp_path / "keypoints").rglob("*.sift")
    kept.write_bytes(kept.read_bytes()[:-1])  # cut off while the disk was full
    mended = KeypointStore(tmp_path / "keypoints", thumbnails).view(key)
    assert mended is not None
    assert len(mended.keypoints) == len(first.keypoints)


def test_forgotten_picture_leaves_nothing_in_memory_or_on_disk(
    photo: Image.Image, tmp_path: Path
) -> None:
    thumbnails = Thumbnails(tmp_path / "media")
    store = KeypointStore(tmp_path / "keypoints", thumbnails)
    key = "ab" * 32
    thumbnails.save(Picture(photo, *photo.size, sha256=key))
    assert store.view(key) is not None
    thumbnails.path(key).unlink()
    assert store.view(key) is not None
    store.forget(key)
    store.forget(key)
    assert store.view(key) is None
    assert not list((tmp_path / "keypoints").rglob("*.sift"))


def test_store_has_nothing_of_an_unknown_picture(tmp_path: Path) -> None:
    store = KeypointStore(tmp_path / "keypoints", Thumbnails(tmp_path / "media"))
    assert store.view("cd" * 32) is None
    assert store.view("../../etc/passwd") is None
