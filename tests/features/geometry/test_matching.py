"""Matching keypoints, and fitting a transform to the matches."""

import numpy as np
from PIL import Image

from features.geometry.keypoints import Keypoints
from features.geometry.matching import LOWE_RATIO, fit_transform, match
from features.geometry.view import PictureView


def test_matches_are_each_others_best_by_the_ratio_test(photo: Image.Image) -> None:
    first, second = PictureView.of(photo).keypoints, PictureView.of(photo.rotate(7)).keypoints
    alike = first.descriptors @ second.descriptors.T
    wanted = []
    for row, likeness in enumerate(alike):
        best = int(likeness.argmax())
        following = np.delete(likeness, best).max()
        clear = (2 - 2 * likeness[best]) < LOWE_RATIO**2 * (2 - 2 * following)
        if clear and alike[:, best].argmax() == row:
            wanted.append([row, best])
    assert len(wanted) > 50
    assert match(first, second).tolist() == wanted


def test_a_picture_is_laid_over_a_fifth_of_another_and_not_over_a_twentieth() -> None:
    """Shrunk to a twentieth, 40 keypoints lie within 24 pixels: there matches agree by chance."""
    chance = np.random.default_rng(3)
    positions = chance.uniform(0, 480, (40, 2)).astype(np.float32)
    histograms = chance.integers(0, 255, (40, 128)).astype(np.uint8)
    whole = Keypoints(positions, histograms)
    assert fit_transform(whole, Keypoints(positions * np.float32(0.2), histograms)) is not None
    assert fit_transform(whole, Keypoints(positions * np.float32(0.05), histograms)) is None
    assert fit_transform(Keypoints(positions * np.float32(0.05), histograms), whole) is None
