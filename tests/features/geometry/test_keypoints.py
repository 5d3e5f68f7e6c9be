"""Keypoints and the compact view: their stored forms, and mirroring."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from features.geometry.compact_view import CompactView
from features.geometry.keypoints import Keypoints, detect
from features.geometry.view import PictureView


def test_keypoints_survive_storing(photo: Image.Image) -> None:
    keypoints = PictureView.of(photo).keypoints
    restored = Keypoints.from_bytes(keypoints.to_bytes())
    assert len(keypoints.to_bytes()) == 132 * len(keypoints)
    assert np.abs(restored.positions - keypoints.positions).max() <= 1 / 64
    assert (restored.histograms == keypoints.histograms).all()


def test_bytes_that_are_no_keypoints_are_refused() -> None:
    with pytest.raises(ValueError, match="keypoints"):
        Keypoints.from_bytes(b"x" * 131)


def test_a_compact_view_survives_storing_and_stands_in_for_the_pixels(photo: Image.Image) -> None:
    view = PictureView.of(photo)
    restored = CompactView.from_bytes(view.compact.to_bytes())

    def unread() -> NDArray[np.uint8]:
        raise AssertionError("the compact view has all of this; no pixel need be read")

    without_pixels = PictureView(unread, restored)
    assert without_pixels.size == view.size
    assert (without_pixels.layout == view.layout).all()
    assert len(without_pixels.mirrored) == len(view.keypoints)


@pytest.mark.parametrize("length", [0, 259, 300])
def test_a_truncated_compact_view_is_refused(photo: Image.Image, length: int) -> None:
    data = PictureView.of(photo).compact.to_bytes()
    with pytest.raises(ValueError, match=r"compact view|keypoints"):
        CompactView.from_bytes(data[:length])


def test_mirrored_keypoints_are_those_of_the_mirror_image(photo: Image.Image) -> None:
    view = PictureView.of(photo)
    detected = detect(np.ascontiguousarray(view.pixels[:, ::-1]))
    alike = view.mirrored.descriptors @ detected.descriptors.T
    # SIFT is not exactly symmetric; by chance hardly any would be so near.
    assert np.median(alike.max(axis=1)) > 0.95
    twice = view.mirrored.mirrored(view.size[0])
    assert (twice.histograms == view.keypoints.histograms).all()
