"""Every picture is seen once, whatever it is called; what cannot be read is named."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from features.base import Picture
from features.embedding.training.vector_cache import VectorCache
from features.imaging.errors import UnreadableImage


class Eye:
    """Sees the file's length, twice over, and counts how often it is asked."""

    def __init__(self) -> None:
        self.looks = 0

    def decode(self, data: bytes) -> Picture:
        if data == b"broken":
            raise UnreadableImage("broken")
        return Picture(Image.new("RGB", (len(data), 1)), len(data), 1)

    def see(self, picture: Picture) -> np.ndarray:
        self.looks += 1
        return np.full((2, 3), picture.width, np.float32)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    contents = {"a": b"1", "again": b"1", "bad": b"broken", "b": b"22"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in (*contents, "absent")]


def test_a_picture_is_seen_once_also_in_the_next_run(files: list[Path], tmp_path: Path) -> None:
    eye, told = Eye(), list[int]()
    cache = VectorCache(tmp_path / "kept", "one", eye.decode, eye.see)
    vectors, broken = cache.vectors(files, told.append)
    again, _ = VectorCache(tmp_path / "kept", "one", eye.decode, eye.see).vectors(files)
    assert vectors.shape == (5, 2, 3)
    assert vectors[:, 0, 0].tolist() == [1, 1, 0, 2, 0]
    assert np.array_equal(vectors, again)
    assert (eye.looks, told) == (2, [1, 2, 3, 4, 5])
    assert {path.name for path in broken} == {"bad", "absent"}


def test_another_model_sees_anew(files: list[Path], tmp_path: Path) -> None:
    eye = Eye()
    for key in ("one", "other"):
        VectorCache(tmp_path / "kept", key, eye.decode, eye.see).vectors(files[:1])
    assert eye.looks == 2


def test_nothing_readable_gives_no_vectors(files: list[Path], tmp_path: Path) -> None:
    eye = Eye()
    vectors, broken = VectorCache(tmp_path, "one", eye.decode, eye.see).vectors(files[2:3])
    assert (vectors.shape, len(broken)) == ((1, 0, 0), 1)
