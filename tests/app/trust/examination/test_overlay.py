"""A picture laid over another: it lies where the transform says, and only real differences show."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from app.trust.examination.overlay import OUTSIDE, difference, lay_over
from features.geometry.alignment import Alignment


@pytest.fixture
def picture(shared_data: Path) -> Image.Image:
    with Image.open(shared_data / "saleor" / "images" / "saleor-white-plimsolls-1.png") as found:
        return found.convert("RGB").resize((400, 300))


def alignment(
    transform: tuple[float, float, float, float, float, float],
    size: tuple[int, int],
    other_size: tuple[int, int] = (400, 300),
) -> Alignment:
    return Alignment(transform, size, other_size, 50, 60, 1.0, 0.95, 0.0)


def apart(a: Image.Image, b: Image.Image) -> float:
    """Return the mean difference of two pictures of one size, 0 to 255."""
    return float(np.abs(np.asarray(a, float) - np.asarray(b, float)).mean())


def marked(drawn: Image.Image) -> np.ndarray:
    """Return where a difference is drawn: red far above green."""
    pixels = np.asarray(drawn, int)
    return np.asarray(pixels[..., 0] - pixels[..., 1] > 60)


def test_cropped_and_mirrored_copy_lies_where_it_was_taken_from(picture: Image.Image) -> None:
    copy = picture.crop((100, 50, 300, 250)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    overlay = lay_over(copy, picture, alignment((-1, 0, 299, 0, 1, 50), (200, 200)))
    inside = (110, 60, 290, 240)
    laid = Image.fromarray(overlay.pixels)
    assert apart(laid.crop(inside), picture.crop(inside)) < 2
    assert overlay.covered[60:240, 110:290].all()
    assert not overlay.covered[:40].any()
    assert overlay.to_image().getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("factor", [0.5, 3])
def test_size_of_the_picture_at_hand_does_not_matter(picture: Image.Image, factor: float) -> None:
    found = alignment((1, 0, 0, 0, 1, 0), (400, 300))
    copy = picture.resize((round(400 * factor), round(300 * factor)))
    overlay = lay_over(copy, picture, found)
    assert overlay.covered[2:-2, 2:-2].all()
    assert apart(Image.fromarray(overlay.pixels), picture) < 5


def test_overprint_is_marked_and_nothing_else(picture: Image.Image) -> None:
    copy = picture.copy()
    ImageDraw.Draw(copy).rectangle((50, 40, 120, 90), fill=(20, 120, 40))
    same = alignment((1, 0, 0, 0, 1, 0), (400, 300))
    where = marked(difference(lay_over(copy, picture, same), picture))
    assert where[45:85, 55:115].mean() > 0.9
    assert where[120:, 150:].mean() == 0


def test_another_exposure_is_no_difference(picture: Image.Image) -> None:
    copy = ImageEnhance.Brightness(picture).enhance(0.93)
    same = alignment((1, 0, 0, 0, 1, 0), (400, 300))
    assert marked(difference(lay_over(copy, picture, same), picture)).mean() < 0.001


def test_what_the_overlay_does_not_cover_is_flat_grey(picture: Image.Image) -> None:
    right_half = alignment((1, 0, 200, 0, 1, 0), (400, 300))
    drawn = difference(lay_over(picture, picture, right_half), picture)
    assert drawn.getpixel((50, 150)) == OUTSIDE
